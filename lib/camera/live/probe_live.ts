/**
 * Looks at a live stream for some seconds.
 *
 * @module
 */

import { DhipError } from "../../errors.ts";
import {
  longest,
  type ProbedAudio,
  type ProbedVideo,
  UnitProbe,
} from "../../media/probe/unit_probe.ts";
import { type Clock, systemClock } from "../../net/clock.ts";
import { interrupted } from "../../net/deadline.ts";
import type { LiveOptions, LiveService } from "./live.ts";

/** How long, and at what. */
export interface ProbeLiveOptions extends LiveOptions {
  /** Milliseconds from the first picture or sound on. Default 5000. */
  readonly duration?: number | undefined;
  /** Injected time. */
  readonly clock?: Clock | undefined;
  /** Gets the number of bytes of pictures and sound so far. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/** What a live stream holds. */
export interface LiveProbe {
  /** 1 is the first. */
  readonly channel: number;
  /** 0 is the main stream. */
  readonly subtype: number;
  /** Which of {@linkcode LiveService.sources} delivered. */
  readonly source: string;
  /** Sources that were asked before, and why they did not deliver. */
  readonly passed: readonly { readonly source: string; readonly reason: string }[];
  /** Bytes of pictures and sound. */
  readonly bytes: number;
  /** Seconds of the longest stream. */
  readonly duration: number;
  /** Packets lost on the way. */
  readonly lostPackets: number;
  /** Pictures of which parts were lost; they are in no other number. */
  readonly damaged: number;
  /** What ended the stream before its time; null when nothing did. */
  readonly ended: string | null;
  /** Pictures, times from the first unit; empty when no whole one came. */
  readonly video: readonly ProbedVideo[];
  /** Sound. */
  readonly audio: readonly ProbedAudio[];
}

/**
 * Plays a live stream and tells what it is. A stream that breaks later is told as it was until then.
 *
 * @throws {RangeError} see {@linkcode LiveService.open}
 * @throws {DhipError} what keeps it from playing; `DHIP_INTERRUPTED`
 */
export async function probeLive(
  live: LiveService,
  options: ProbeLiveOptions = {},
): Promise<LiveProbe> {
  const { channel = 1, subtype = 0, duration = 5000, clock = systemClock, signal } = options;
  const probe = new UnitProbe(channel);
  let bytes = 0;
  let damaged = 0;
  let ended: string | null = null;
  let isOver = false;
  let origin: number | undefined;
  await using stream = await live.open(options);
  using ending = new DisposableStack();
  try {
    for await (const unit of stream) {
      if (origin === undefined) {
        origin = unit.time;
        const timer = clock.timer(() => {
          isOver = true;
          void stream.close();
        }, duration);
        ending.defer(() => timer.cancel());
      }
      bytes += unit.data.length;
      if (unit.damaged && unit.track.kind === "video") {
        damaged++;
        probe.missing();
      } else {
        probe.add({ ...unit, time: unit.time - origin });
      }
      options.onProgress?.(bytes);
      if (isOver) break;
    }
    if (!isOver) ended = "The device ended the stream";
  } catch (error) {
    if (!isOver && !(error instanceof DhipError)) throw error;
    if (!isOver) ended = (error as DhipError).message;
  }
  if (signal?.aborted) throw interrupted(signal, "probe");
  const video = probe.video === undefined ? [] : [probe.video];
  const audio = probe.audio === undefined ? [] : [probe.audio];
  return {
    channel,
    subtype,
    source: stream.source,
    passed: stream.passed.map(({ source, error }) => ({ source, reason: error.message })),
    bytes,
    duration: longest([...video, ...audio]),
    lostPackets: stream.lostPackets,
    damaged,
    ended,
    video,
    audio,
  };
}
