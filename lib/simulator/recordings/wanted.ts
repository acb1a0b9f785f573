/**
 * Recordings that a test wants to be there.
 *
 * @module
 */

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
  /** Bytes. Default what the duration gives. */
  readonly length?: number | undefined;
  /** True: a second copy on another disk. Default false. */
  readonly redundant?: boolean | undefined;
}
