/**
 * Recordings that a test wants to be there.
 *
 * @module
 */

import type { SoundCodec } from "../media/program.ts";
import type { PictureSize, VideoCodec } from "../media/source.ts";

/** Why something was recorded. */
export type RecordingFlag = "Timing" | "Event" | "Manual";

/** A recording that a test wants to be there. Times are device local time, `YYYY-MM-DD HH:MM:SS`. */
export interface SimulatedRecording {
  /** Channel, 1-based. Default 1. */
  readonly channel?: number | undefined;
  /** Beginning. */
  readonly start: string;
  /** End. Default the beginning, as pictures have it. */
  readonly end?: string | undefined;
  /** Kind of file. Default `dav`. */
  readonly type?: "dav" | "mp4" | "jpg" | undefined;
  /** Stream. Default `Main`. */
  readonly stream?: "Main" | "Extra1" | "Extra2" | "Extra3" | undefined;
  /** Why. Default `Timing`. */
  readonly flag?: RecordingFlag | undefined;
  /** Codes of the events. Default none. */
  readonly events?: readonly string[] | undefined;
  /** Codec of the pictures. Default that of the stream as it leaves the factory. */
  readonly video?: VideoCodec | undefined;
  /** Sound. Default that of the stream as it leaves the factory. */
  readonly sound?: SoundCodec | "none" | undefined;
  /** What becomes another in the middle of it, in the order of time. Default nothing. */
  readonly changes?: readonly RecordingChange[] | undefined;
  /**
   * Bytes, for films up to 2^40. More than the pictures have is filled up, less cuts the end off.
   * Default what the duration gives.
   */
  readonly length?: number | undefined;
  /** True: a second copy on another disk. Default false. */
  readonly redundant?: boolean | undefined;
}

/** What becomes another in the middle of a recording. */
export interface RecordingChange {
  /** When, `YYYY-MM-DD HH:MM:SS` device local time. */
  readonly at: string;
  /** Codec from then on. Default as before. */
  readonly video?: VideoCodec | undefined;
  /** Size from then on. Default as before. */
  readonly size?: PictureSize | undefined;
}
