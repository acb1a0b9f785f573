/**
 * What a device has recorded.
 *
 * @module
 */

import type { CallOptions } from "../net/stream.ts";

/** Kinds of files: video, pictures, video in MP4. */
export const RECORDING_TYPES = ["dav", "jpg", "mp4"] as const;
/** A kind of file. */
export type RecordingType = typeof RECORDING_TYPES[number];

/** Why something was recorded. `timing` is the schedule. */
export const RECORDING_FLAGS = [
  "timing",
  "event",
  "manual",
  "marker",
  "mosaic",
  "cutout",
] as const;
/** Why something was recorded. */
export type RecordingFlag = typeof RECORDING_FLAGS[number];

/** The streams of a channel. */
export const RECORDING_STREAMS = ["main", "sub1", "sub2", "sub3"] as const;
/** A stream of a channel. */
export type RecordingStream = typeof RECORDING_STREAMS[number];

/** What to look for. */
export interface RecordingFilter {
  /** Start of the period, in the device's wall-clock time. */
  readonly from: Temporal.PlainDateTime;
  /** End of the period; one that is not after `from` is on the next day. */
  readonly to: Temporal.PlainDateTime;
  /** Channels, from 1, searched one after the other. Default: the first. */
  readonly channels?: readonly number[] | undefined;
  /** Kinds of files. Default: `dav`. */
  readonly types?: readonly RecordingType[] | undefined;
  /** Only what was recorded for one of these reasons. Default: any. */
  readonly flags?: readonly RecordingFlag[] | undefined;
  /** Only what these events started, in the device's words (`VideoMotion`); `*` is any event. */
  readonly events?: readonly string[] | undefined;
  /** Only this stream. Default: what the device lists of its own accord. */
  readonly stream?: RecordingStream | undefined;
  /** Order within a channel. Default: `oldest` first. */
  readonly order?: "oldest" | "newest" | undefined;
  /** Lists redundant copies too. Default: false. */
  readonly redundant?: boolean | undefined;
  /** Only in these folders of the device. Default: all. */
  readonly folders?: readonly string[] | undefined;
}

/** One recorded file. What the device does not tell is null. */
export interface Recording {
  /** Channel, from 1. */
  readonly channel: number;
  /** First picture, in the device's wall-clock time. */
  readonly start: Temporal.PlainDateTime | null;
  /** Last picture. */
  readonly end: Temporal.PlainDateTime | null;
  /** Length in seconds. */
  readonly duration: number | null;
  /** Size in bytes. */
  readonly bytes: number | null;
  /** Kind of file: one of {@linkcode RECORDING_TYPES}, or the device's own word. */
  readonly type: string | null;
  /** Where it lies on the device; also what a download asks for. */
  readonly path: string | null;
  /** Stream. */
  readonly stream: RecordingStream | null;
  /** Reasons, in lower case: {@linkcode RECORDING_FLAGS} and others that the device knows. */
  readonly flags: readonly string[];
  /** Codes of the events that started it. */
  readonly events: readonly string[];
  /** Number of the disk. */
  readonly disk: number | null;
  /** Number of the partition. */
  readonly partition: number | null;
  /** Place on the partition. */
  readonly cluster: number | null;
  /** Folder that the storage is mounted on. */
  readonly workFolder: string | null;
  /** Number of the picture within its file. */
  readonly picture: number | null;
  /** Bytes of the part that was cut out, for cut-outs. */
  readonly cutBytes: number | null;
}

/** Options of a search. The time limit is that of each step. */
export interface RecordingSearchOptions extends CallOptions {
  /** Results to leave out at the beginning. Default 0. */
  readonly offset?: number | undefined;
  /** Most results. Default: all. */
  readonly limit?: number | undefined;
  /** Results that are asked for at once; devices may give fewer. Default 100. */
  readonly pageSize?: number | undefined;
  /** Hears for each channel how many results it has, when the device tells. */
  readonly onCount?: ((count: number, channel: number) => void) | undefined;
}

/** Looks for recordings. */
export interface RecordingsService {
  /**
   * Finds recordings. They are fetched page by page, as fast as the caller takes them, and what the
   * search occupies on the device is given back however the loop ends. Finding nothing is no error.
   *
   * @throws {RangeError} for a channel, a page size, an offset or a limit out of range
   * @throws {DhipError} `DHIP_NO_STORAGE`, or the device's refusal
   */
  find(filter: RecordingFilter, options?: RecordingSearchOptions): AsyncIterable<Recording>;
}
