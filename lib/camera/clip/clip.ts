/**
 * A clip: the recordings of a time, joined.
 *
 * @module
 */

import { AuthError, DhipError } from "../../errors.ts";
import { DhavDecoder } from "../../media/dhav.ts";
import type { Recorder } from "../../media/recorder/recorder.ts";
import type { RecordingResult } from "../../media/recorder/recording.ts";
import type { CallOptions } from "../../net/stream.ts";
import type { DownloadService } from "../download/download.ts";
import { type Destination, fetchFile } from "../download/fetch.ts";
import type { Recording, RecordingsService, RecordingStream } from "../recordings.ts";
import { coveredOf, holesOf, periods, type Stretch } from "./_coverage.ts";
import { ClipCutter } from "./_cutter.ts";
import type { Period } from "./period.ts";
import { placeBefore } from "./_seek.ts";

/** What a clip is made with: the services of one camera. */
export interface ClipServices {
  /** Finds the recordings. */
  readonly recordings: RecordingsService;
  /** Fetches them. */
  readonly download: DownloadService;
}

/** What is wanted. */
export interface ClipOptions extends Period, Pick<CallOptions, "signal"> {
  /** 1 is the first. */
  readonly channel: number;
  /** Default: `main`. */
  readonly stream?: RecordingStream | undefined;
  /** Hears how far it is: seconds of the wanted time, and bytes that came. */
  readonly onProgress?: ((seconds: number, bytes: number) => void) | undefined;
  /** Gets things an operator should know. */
  readonly onNotice?: ((text: string) => void) | undefined;
}

/** What became of a clip. */
export interface ClipReport {
  /** What was wanted. */
  readonly asked: Period;
  /** What there are pictures of. */
  readonly covered: readonly Period[];
  /** What there are none of. */
  readonly holes: readonly Period[];
  /** The recordings that it was made of. */
  readonly recordings: readonly Pick<Recording, "path" | "start" | "end" | "bytes">[];
  /** Frames that two recordings had, and that the clip has once. */
  readonly duplicates: number;
  /** Recordings that could not be read to their end, and why. */
  readonly problems: readonly { readonly path: string | null; readonly error: DhipError }[];
  /** The files; more than one when the picture changed. Null when there was no picture. */
  readonly result: RecordingResult | null;
}

/**
 * Makes a clip. It begins with the last key picture before the wanted time: pass a recorder with
 * `origin: 0` to show nothing before it. Frames at the borders of recordings come once, wherever
 * recordings overlap.
 *
 * @throws {RangeError} when the end does not come after the start
 * @throws {DhipError} when the search fails; the failure of the first recording when no picture of
 *   any came; `DHIP_FILE`, `DHIP_INTERRUPTED`
 */
export async function makeClip(
  services: ClipServices,
  recorder: Recorder,
  options: ClipOptions,
): Promise<ClipReport> {
  const { from, to } = options;
  const length = from.until(to).total("seconds");
  if (!(length > 0)) throw new RangeError("A clip must end after its start");
  const clip = new Clip(services, recorder, options, length);
  try {
    return await clip.make();
  } catch (error) {
    await recorder.abandon();
    throw error;
  }
}

/** Ends a download of which no more is wanted. */
class Enough extends Error {}

class Clip {
  readonly #services: ClipServices;
  readonly #recorder: Recorder;
  readonly #options: ClipOptions;
  readonly #length: number;
  readonly #cutter: ClipCutter;
  readonly #problems: { path: string | null; error: DhipError }[] = [];
  readonly #used: Recording[] = [];
  #pictures: Stretch | undefined;
  #bytes = 0;

  constructor(services: ClipServices, recorder: Recorder, options: ClipOptions, length: number) {
    this.#services = services;
    this.#recorder = recorder;
    this.#options = options;
    this.#length = length;
    this.#cutter = new ClipCutter(options.from, length);
  }

  async make(): Promise<ClipReport> {
    for (const recording of await this.#find()) {
      if (this.#cutter.isOver) break;
      if (this.#has(recording)) continue;
      try {
        this.#used.push(recording);
        await this.#read(recording);
      } catch (error) {
        const isOurs = !(error instanceof DhipError) || error instanceof AuthError ||
          error.code === "DHIP_FILE" || this.#options.signal?.aborted;
        if (isOurs) throw error;
        this.#problems.push({ path: recording.path, error });
      }
    }
    return await this.#report();
  }

  /** The recordings of the time in the order of their beginnings, the longest of several first. */
  async #find(): Promise<Recording[]> {
    const { from, to, channel, stream = "main", signal } = this.#options;
    const filter = { from, to, channels: [channel], types: ["dav"] as const };
    const found = await Array.fromAsync(this.#services.recordings.find(filter, { signal }));
    const { compare } = Temporal.PlainDateTime;
    return found
      .filter((one) => (one.stream ?? stream) === stream && one.start !== null && one.end !== null)
      .filter(({ start, end }) => compare(start!, to) < 0 && compare(end!, from) > 0)
      .sort((a, b) => compare(a.start!, b.start!) || compare(b.end!, a.end!));
  }

  /** True when all of a recording was in the ones before. */
  #has({ end }: Recording): boolean {
    const { reached } = this.#cutter;
    return reached !== undefined && Temporal.PlainDateTime.compare(end!, reached) <= 0;
  }

  async #read(recording: Recording): Promise<void> {
    const { signal, from, onNotice } = this.#options;
    const { download } = this.#services;
    const place = this.#used.length === 1
      ? await placeBefore(download, recording, from, signal)
      : 0;
    this.#cutter.join();
    const decoder = new DhavDecoder();
    let at = place;
    const frames: Destination = {
      get length() {
        return at;
      },
      kept: null,
      put: async (offset, bytes) => {
        const fresh = bytes.subarray(Math.max(0, at - offset));
        at += fresh.length;
        this.#bytes += fresh.length;
        await this.#take(decoder, fresh);
        return true;
      },
      restart: () => Promise.resolve(false),
      finish: () => Promise.resolve(),
    };
    try {
      await fetchFile(download, recording, frames, { signal, onNotice });
    } catch (error) {
      if (!(error instanceof Enough)) throw error;
    }
  }

  async #take(decoder: DhavDecoder, bytes: Uint8Array): Promise<void> {
    const { onProgress } = this.#options;
    for (const frame of decoder.push(bytes)) {
      for (const unit of this.#cutter.push(frame)) {
        await this.#recorder.push(unit);
        if (unit.track.kind !== "video") continue;
        this.#pictures = { from: this.#pictures?.from ?? unit.time, to: unit.time };
      }
      if (this.#cutter.isOver) throw new Enough();
    }
    onProgress?.(Math.max(0, this.#pictures?.to ?? 0), this.#bytes);
  }

  async #report(): Promise<ClipReport> {
    const [first] = this.#problems;
    if (this.#pictures === undefined && first !== undefined) throw first.error;
    const result = this.#pictures === undefined ? null : await this.#recorder.finish();
    if (result === null) await this.#recorder.abandon();
    const { from, to } = this.#options;
    const holes = holesOf(this.#length, this.#pictures, result?.gaps ?? []);
    return {
      asked: { from, to },
      covered: periods(from, coveredOf(this.#length, holes)),
      holes: periods(from, holes),
      recordings: this.#used.map(({ path, start, end, bytes }) => ({ path, start, end, bytes })),
      duplicates: this.#cutter.duplicates,
      problems: this.#problems,
      result,
    };
  }
}
