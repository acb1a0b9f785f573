/**
 * Fetches one recorded file, however often the way to the device breaks.
 *
 * @module
 */

import { AuthError, DhipError } from "../../errors.ts";
import { backoff } from "../../net/backoff.ts";
import { type Clock, systemClock } from "../../net/clock.ts";
import { sleep } from "../../net/deadline.ts";
import type { Download, DownloadService, RemoteFile } from "./download.ts";

/** Takes the bytes of a download at their places. */
export interface Destination {
  /** Bytes that are there. */
  readonly length: number;
  /** What is left of it when the work is given up, for people; null when nothing is. */
  readonly kept: string | null;
  /**
   * Puts bytes at a place no further than the end. Those that are there already are compared.
   *
   * @returns false when they are others; then nothing was written
   */
  put(at: number, bytes: Uint8Array): Promise<boolean>;
  /** Drops everything; false when that cannot be. */
  restart(): Promise<boolean>;
  /** The file is whole and ends at `length`. */
  finish(length: number): Promise<void>;
}

/** How a file is fetched. */
export interface FetchOptions {
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
  /** Longest silence in milliseconds; that of {@linkcode DownloadService.open} by default. */
  readonly idleTimeout?: number | undefined;
  /** Injected time. */
  readonly clock?: Clock | undefined;
  /** Hears how far it is, with each piece. */
  readonly onProgress?: ((at: number, download: Download) => void) | undefined;
  /** Hears what went wrong and did not end the work. */
  readonly onNotice?: ((text: string) => void) | undefined;
}

/** A file that is whole. */
export interface Fetched {
  /** Its length. */
  readonly bytes: number;
  /** Bytes that were there before. */
  readonly resumed: number;
  /** Seconds of pictures and sound that came; null when nothing tells. */
  readonly mediaSeconds: number | null;
}

/** Bytes of what is there that are fetched once more and compared. */
const OVERLAP = 16 * 1024;
/** Attempts in a row that bring nothing new. */
const VAIN = 3;

/**
 * Fetches a file, going on with what is there.
 *
 * @throws {DhipError} `DHIP_INCOMPLETE` when some of it came and the rest cannot be had;
 *   `DHIP_FILE`, `DHIP_INTERRUPTED`; the device's refusal
 */
export async function fetchFile(
  service: DownloadService,
  file: RemoteFile,
  to: Destination,
  options: FetchOptions = {},
): Promise<Fetched> {
  const { signal, clock = systemClock, onNotice } = options;
  const resumed = to.length;
  const pauses = () => backoff({ base: 500, cap: 5_000 });
  let waits = pauses();
  let ranges = true;
  let vain = 0;
  for (;;) {
    const before = to.length;
    const from = ranges ? Math.max(0, before - OVERLAP) : 0;
    try {
      const done = await attempt(service, file, to, from, options);
      if (done !== undefined) return { ...done, resumed: Math.min(resumed, done.bytes) };
      // Another file stands under this name now.
      onNotice?.("What an earlier run left is of another file: beginning anew");
      if (!await to.restart()) throw differs();
      ranges = false;
    } catch (error) {
      if (signal?.aborted || !(error instanceof DhipError)) throw error;
      const noRange = from > 0 && (error.deviceCode === 416 || error.code === "DHIP_BAD_REPLY");
      if (noRange && ranges) {
        ranges = false;
        continue;
      }
      if (to.length > before) waits = pauses();
      vain = to.length > before ? 0 : vain + 1;
      const again = error.retryable && !(error instanceof AuthError) && vain < limitOf(error);
      if (!again) throw explained(error, to);
      const wait = waits.next().value;
      onNotice?.(`${error.message}; going on in ${(wait / 1000).toFixed(1)} s`);
      await sleep(wait, signal, clock);
    }
  }
}

/** One request. Undefined when its bytes are not those that are there. */
async function attempt(
  service: DownloadService,
  file: RemoteFile,
  to: Destination,
  from: number,
  { signal, idleTimeout, onProgress }: FetchOptions,
): Promise<Omit<Fetched, "resumed"> | undefined> {
  await using download = await service.open(file, { from, signal, idleTimeout });
  let at = download.offset;
  for await (const bytes of download.bytes) {
    if (!await to.put(at, bytes)) return undefined;
    at += bytes.length;
    onProgress?.(at, download);
  }
  await to.finish(at);
  return { bytes: at, mediaSeconds: download.mediaSeconds };
}

/** A device that says that this is all there is will hardly say anything else. */
function limitOf({ code }: DhipError): number {
  return code === "DHIP_INCOMPLETE" ? 1 : VAIN;
}

/** A failure after which something remains is that of an incomplete file. */
function explained(error: DhipError, to: Destination): DhipError {
  if (to.length === 0 || !error.retryable) return error;
  const kept = to.kept === null ? "" : `; what came is kept as ${to.kept}`;
  return new DhipError("DHIP_INCOMPLETE", `${error.message}${kept}`, {
    host: error.host,
    method: error.method,
    hint: to.kept === null
      ? error.hint
      : "Run the same line again: it goes on where this one ended.",
    cause: error,
  });
}

function differs(): DhipError {
  return new DhipError("DHIP_INCOMPLETE", "The device sends another file than before the break");
}
