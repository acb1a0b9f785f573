/**
 * Fetches the wanted recordings of one device, a few at a time.
 *
 * @module
 */

import { dirname } from "node:path";
import {
  type Destination,
  type Download,
  type DownloadService,
  fetchFile,
} from "../../camera/mod.ts";
import { AuthError, type DhipError } from "../../errors.ts";
import type { Context } from "../context.ts";
import { toDhipError } from "../failure.ts";
import { Progress } from "../progress.ts";
import { fileError } from "../user_file.ts";
import { OutputStream, PartFile } from "./part_file.ts";
import { type DownloadResult, factsOf } from "./results.ts";
import type { Wanted } from "./wanted.ts";

/** How recordings are fetched. */
export interface DownloadsOptions {
  readonly service: DownloadService;
  /** Name of the device, for people. */
  readonly name: string;
  /** At the same time. */
  readonly jobs: number;
  /** Hears of each result as soon as it is there. */
  readonly onResult?: ((result: DownloadResult) => Promise<void>) | undefined;
}

/** Standard output, as a name. */
export const OUTPUT = "-";

/**
 * Fetches recordings; what fails is told in the results.
 *
 * @throws {DhipError} `DHIP_INTERRUPTED`
 */
export async function downloadAll(
  context: Context,
  wanted: readonly Wanted[],
  { service, name, jobs, onResult }: DownloadsOptions,
): Promise<DownloadResult[]> {
  const { signal, io, log } = context;
  const results: DownloadResult[] = [];
  const queue = wanted.entries();
  const missing: Wanted[] = [];
  // What is there is known before the first request, so that the progress has an end.
  for (const one of wanted) if (!await isThere(context, one)) missing.push(one);
  const board = new Board(context, name, missing);
  let fatal: DhipError | undefined;
  const work = async () => {
    for (const [index, one] of queue) {
      if (signal.aborted) return;
      const facts = { ...factsOf(one.recording), file: one.file };
      let result: DownloadResult;
      if (!missing.includes(one)) {
        const bytes = await io.files.size(one.file) ?? null;
        log.step(`${name}: ${one.file} is there`);
        result = { ...facts, ...NOTHING, state: "there", bytes };
      } else if (fatal !== undefined) {
        result = { ...facts, ...NOTHING, state: "left", error: fatal };
      } else {
        result = { ...facts, ...await fetchOne(context, one, service, board) };
        if (result.error !== null && isFatal(result.error)) fatal = result.error;
      }
      results[index] = result;
      await onResult?.(result);
    }
  };
  try {
    await Promise.all(Array.from({ length: jobs }, work));
  } finally {
    board[Symbol.dispose]();
  }
  if (signal.aborted) throw toDhipError(signal.reason);
  return results;
}

const NOTHING = { bytes: null, resumed: 0, mediaSeconds: null, error: null } as const;

type Outcome = Omit<DownloadResult, "channel" | "start" | "end" | "path" | "file">;

async function fetchOne(
  context: Context,
  { recording, file }: Wanted,
  service: DownloadService,
  board: Board,
): Promise<Outcome> {
  const { signal, log, output } = context;
  let to: Destination | undefined;
  let there = 0;
  try {
    await using opened = file === OUTPUT ? new OutputStream(output) : await openPart(context, file);
    to = opened;
    if (opened.length > 0) {
      log.notice(`${file}: going on with the ${opened.length} bytes there are`);
    }
    const fetched = await fetchFile(service, recording, opened, {
      signal,
      onNotice: (text) => log.notice(`${file}: ${text}`),
      onProgress: (at, download) => board.update(file, at, download),
    });
    there = fetched.bytes;
    return { ...fetched, state: "fetched", error: null };
  } catch (thrown) {
    there = to?.length ?? 0;
    const error = toDhipError(thrown);
    const bytes = there === 0 ? null : there;
    const state = there === 0 ? "failed" : "incomplete";
    return { state, bytes, resumed: 0, mediaSeconds: null, error };
  } finally {
    board.done(file, there);
  }
}

async function openPart({ io }: Context, file: string): Promise<PartFile> {
  const folder = dirname(file);
  if (folder !== ".") {
    await io.files.makeFolder(folder).catch((cause) => {
      throw fileError(`${folder} cannot be made`, cause);
    });
  }
  return await PartFile.open(io.files, file);
}

/** True for a file of the right size. One of another size is of a recording that went on. */
async function isThere({ io }: Context, { recording, file }: Wanted): Promise<boolean> {
  if (file === OUTPUT) return false;
  const size = await io.files.size(file);
  const told = recording.bytes ?? null;
  return size !== undefined && (told === null ? size > 0 : size === told);
}

/** A failure that every other recording of the device would meet too. */
function isFatal(error: DhipError): boolean {
  return error instanceof AuthError || error.code === "DHIP_FILE" || error.code === "DHIP_USAGE" ||
    error.code === "DHIP_UNREACHABLE" || error.code === "DHIP_BIND_REFUSED" ||
    error.code === "DHIP_NO_PERMISSION";
}

/** How far all of them are. */
class Board implements Disposable {
  readonly #progress: Progress;
  #bytes = 0;
  readonly #running = new Map<string, { at: number; media: number }>();
  #media = 0;

  constructor({ log, io }: Context, name: string, missing: readonly Wanted[]) {
    const sizes = missing.map(({ recording }) => recording.bytes ?? null);
    const known = sizes.every((size) => size !== null);
    this.#progress = new Progress({
      log,
      now: () => io.now(),
      what: missing.length === 1 ? name : `${name}: ${missing.length} recordings`,
      total: known ? sizes.reduce((sum: number, size) => sum + size, 0) : undefined,
    });
  }

  update(file: string, at: number, { mediaSeconds }: Download): void {
    this.#running.set(file, { at, media: mediaSeconds ?? 0 });
    let bytes = this.#bytes;
    let media = this.#media;
    for (const one of this.#running.values()) {
      bytes += one.at;
      media += one.media;
    }
    this.#progress.update(bytes, media > 0 ? media : undefined);
  }

  done(file: string, bytes: number): void {
    this.#bytes += bytes;
    this.#media += this.#running.get(file)?.media ?? 0;
    this.#running.delete(file);
  }

  [Symbol.dispose](): void {
    this.#progress[Symbol.dispose]();
  }
}
