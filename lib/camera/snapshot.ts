/**
 * Still pictures.
 *
 * @module
 */

import type { DhipError } from "../errors.ts";
import type { CallOptions } from "../net/stream.ts";

/**
 * How a device counts its channels where pictures are asked for: from 1, from 0, or (door stations)
 * without any number. People always count from 1.
 */
export type ChannelBase = 0 | 1 | "none";

/** Options of one picture. */
export interface SnapshotOptions extends CallOptions {
  /** Only this one of {@linkcode SnapshotService.sources}; by default the first that delivers. */
  readonly via?: string | undefined;
  /** How the device counts, when it is known; else it is found out with the first picture. */
  readonly channelBase?: ChannelBase | undefined;
  /** RTSP port, for key frames. Default 554. */
  readonly rtspPort?: number | undefined;
  /** RTSP path: name of a template, or a path with `{channel}` and `{subtype}`. Default `dahua`. */
  readonly rtspTemplate?: string | undefined;
  /** Longest time for one source to deliver, in milliseconds. Default 30 000. */
  readonly timeout?: number | undefined;
}

/**
 * Makes a JPEG of a key frame in Annex B, its parameter sets in front. The library has none: it
 * would need a video decoder.
 *
 * @throws {DhipError} `DHIP_NOT_SUPPORTED`, `DHIP_INCOMPLETE`
 */
export type PictureDecoder = (
  frame: {
    readonly codec: "h264" | "h265";
    readonly data: Uint8Array;
    readonly signal?: AbortSignal | undefined;
  },
) => Promise<Uint8Array>;

/** A whole picture. */
export interface Snapshot {
  /** JPEG, complete from its first to its last marker. */
  readonly jpeg: Uint8Array;
  /** 1 is the first. */
  readonly channel: number;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Which of {@linkcode SnapshotService.sources} delivered it. */
  readonly source: string;
  /** Sources that were asked before and why they did not deliver. */
  readonly passed: readonly { readonly source: string; readonly error: DhipError }[];
}

/** Takes pictures. */
export interface SnapshotService {
  /** The ways to a picture, the preferred one first. */
  readonly sources: readonly string[];
  /**
   * Takes a picture now.
   *
   * @param channel 1 is the first
   * @throws {RangeError} when it is no channel number, or `via` no source
   * @throws {DhipError} `DHIP_INCOMPLETE` when the picture is cut short, `DHIP_BAD_REPLY` when what
   *   came is none, and whatever the link, the login or the device brings
   */
  take(channel?: number, options?: SnapshotOptions): Promise<Snapshot>;
}
