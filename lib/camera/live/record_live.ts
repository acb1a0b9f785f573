/**
 * Records a live stream, over lost links and restarts of the device.
 *
 * @module
 */

import { AuthError, DhipError } from "../../errors.ts";
import { backoff } from "../../net/backoff.ts";
import { type Clock, systemClock } from "../../net/clock.ts";
import { interrupted, sleep } from "../../net/deadline.ts";
import type { Recorder, RecordingResult } from "../../media/recorder/mod.ts";
import type { MediaTrack, MediaUnit } from "../../media/unit.ts";
import type { LiveOptions, LiveService, LiveStream } from "./live.ts";

/** How long, and what becomes of a lost link. */
export interface RecordOptions extends LiveOptions {
  /** Ends the recording after so many milliseconds of pictures. Default: never. */
  readonly duration?: number | undefined;
  /** Ends it when this aborts, as if it were over: the file is whole. */
  readonly stop?: AbortSignal | undefined;
  /** Connects again when the link is lost; the time without pictures is a gap. Default true. */
  readonly reconnect?: boolean | undefined;
  /** Injected time. */
  readonly clock?: Clock | undefined;
  /** Called when a stream begins, the first and each further one. */
  readonly onStream?: ((stream: LiveStream) => void) | undefined;
  /** Called when a stream was lost, with the wait before the next attempt in milliseconds. */
  readonly onLost?: ((error: DhipError, wait: number) => void) | undefined;
  /** Called after every unit. */
  readonly onProgress?: ((progress: Recorder["progress"]) => void) | undefined;
}

/** Longest wait between two attempts, in milliseconds. */
const MAX_WAIT = 8_000;

/**
 * Records until the duration is reached, `stop` aborts, or the stream ends for good. All streams of
 * one recording share a time line that follows this host's clock over the gaps between them.
 *
 * The recorder is finished in every case but one: without a single picture it is abandoned, and the
 * error says why.
 *
 * @throws {DhipError} what kept the first stream from playing; `DHIP_FILE`; `DHIP_NOT_SUPPORTED`
 * @throws {AuthError} a refused login is never tried again
 */
export async function recordLive(
  live: LiveService,
  recorder: Recorder,
  options: RecordOptions = {},
): Promise<RecordingResult> {
  const { duration = Infinity, stop, reconnect = true, clock = systemClock } = options;
  const limit = duration / 1000;
  const tracks = new Tracks();
  const seam = new Seam();
  /** The clock at time 0 of the recording, in seconds, once something came. */
  let origin: number | undefined;
  const over = stop ?? new AbortController().signal;
  const signal = options.signal === undefined ? over : AbortSignal.any([options.signal, over]);
  let waits = backoff({ base: 500, cap: MAX_WAIT });
  let failure: DhipError | undefined;
  try {
    for (;;) {
      try {
        await using stream = await live.open({ ...options, signal });
        options.onStream?.(stream);
        let shift: number | undefined;
        for await (const unit of stream) {
          const now = clock.now() / 1000;
          // The first stream's own times count; later ones begin with a picture, where the clock is.
          if (shift === undefined) {
            if (origin !== undefined && unit.track.kind === "audio") continue;
            shift = origin === undefined ? 0 : seam.shiftOf(unit, now - origin);
          }
          origin ??= now - unit.time;
          const placed = {
            ...unit,
            track: tracks.known(unit.track),
            time: unit.time + shift,
          };
          if (seam.isAgain(placed)) continue;
          await recorder.push(placed);
          options.onProgress?.(recorder.progress);
          waits = backoff({ base: 500, cap: MAX_WAIT });
          if (recorder.progress.duration >= limit) return await recorder.finish();
        }
        if (signal.aborted) break;
        failure = new DhipError("DHIP_CONNECTION_LOST", "The device ended the stream");
      } catch (error) {
        if (signal.aborted) break;
        // A full disk is no matter of the stream.
        if (!(error instanceof DhipError) || error.code === "DHIP_FILE") throw error;
        failure = error;
      }
      if (
        !reconnect || origin === undefined || failure instanceof AuthError || !failure.retryable
      ) break;
      // The time without pictures counts: a device that stays away does not make it longer.
      const left = (origin + limit) * 1000 - clock.now();
      if (left <= 0) break;
      const wait = Math.min(waits.next().value, left);
      options.onLost?.(failure, wait);
      await sleep(wait, signal, clock).catch(() => {});
      if (signal.aborted) break;
    }
    if (origin === undefined) throw failure ?? interrupted(signal, "record");
    if (options.signal?.aborted) failure = interrupted(options.signal, "record");
    return await recorder.finish(over.aborted ? undefined : failure);
  } catch (error) {
    await recorder.abandon();
    throw error;
  }
}

/** A picture that comes back later than this, in seconds, is another one that looks the same. */
const AGAIN = 5;
/** Least and greatest distance of two pictures, in seconds, that tells of the next one. */
const [FASTEST, SLOWEST] = [1 / 120, 0.2];

/**
 * Where two streams of one recording meet: devices begin with the group of pictures that is running,
 * and what was recorded of it shall not be recorded again.
 */
class Seam {
  #key: MediaUnit | undefined;
  /** Seconds from one picture to the next. */
  #step = 1 / 25;
  readonly #newest = new Map<MediaTrack["kind"], number>();
  /** Kinds that still come for the second time. */
  readonly #again = new Set<MediaTrack["kind"]>();

  /** What is added to the times of a stream that begins with `unit` when the recording is at `at`. */
  shiftOf(unit: MediaUnit, at: number): number {
    this.#again.clear();
    const key = this.#key;
    if (key === undefined || at - key.time > AGAIN || !isSameData(key.data, unit.data)) {
      // A stream begins with pictures that are older than the clock, so that it is ahead of it.
      const next = (this.#newest.get("video") ?? -Infinity) + this.#step;
      return Math.max(at, next) - unit.time;
    }
    for (const kind of this.#newest.keys()) this.#again.add(kind);
    return key.time - unit.time;
  }

  /** True for a unit that was recorded already; others are remembered. */
  isAgain(unit: MediaUnit): boolean {
    const { track: { kind }, time } = unit;
    const newest = this.#newest.get(kind) ?? -Infinity;
    // Times are exact to the millisecond in the worst of formats.
    if (this.#again.has(kind) && time < newest + 0.002) return true;
    this.#again.delete(kind);
    if (kind === "video" && time - newest >= FASTEST && time - newest <= SLOWEST) {
      this.#step = time - newest;
    }
    this.#newest.set(kind, Math.max(newest, time));
    if (kind === "video" && unit.key && !unit.damaged) this.#key = unit;
    return false;
  }
}

function isSameData(a: Uint8Array, b: Uint8Array): boolean {
  return a.length > 0 && a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** A stream that comes back is the same stream: the recorder begins no other file for it. */
class Tracks {
  readonly #known = new Map<string, MediaTrack>();

  /** The track that was seen first of all that are alike. */
  known(track: MediaTrack): MediaTrack {
    const { index, kind, codec, clockRate, channels, config } = track;
    const key = JSON.stringify([index, kind, codec, clockRate, channels, config?.join()]);
    const known = this.#known.get(key);
    if (known === undefined) this.#known.set(key, track);
    return known ?? track;
  }
}
