/**
 * Live pictures and sound.
 *
 * @module
 */

import type { DhipError } from "../../errors.ts";
import type { CallOptions } from "../../net/stream.ts";
import type { MediaTrack, MediaUnit } from "../../media/rtsp/track.ts";

/** Which stream, and how. */
export interface LiveOptions extends CallOptions {
  /** 1 is the first, the default. */
  readonly channel?: number | undefined;
  /** 0, the default, is the main stream; 1 and more are sub-streams. */
  readonly subtype?: number | undefined;
  /** Sound too. Default true. */
  readonly audio?: boolean | undefined;
  /** Only this one of {@linkcode LiveService.sources}; by default the first that delivers. */
  readonly via?: string | undefined;
  /** RTSP port. Default 554. */
  readonly rtspPort?: number | undefined;
  /** RTSP path: name of a template, or a path with `{channel}` and `{subtype}`. Default `dahua`. */
  readonly rtspTemplate?: string | undefined;
  /** `tcp`, the default, or `udp`. */
  readonly rtspTransport?: "tcp" | "udp" | undefined;
  /** Longest silence before the stream counts as lost, in milliseconds. Default 10 000. */
  readonly idleTimeout?: number | undefined;
  /** Gets things an operator should know. */
  readonly onNotice?: ((text: string) => void) | undefined;
}

/**
 * A stream that plays: access units of pictures and sound in the order of arrival, read only as fast
 * as they are consumed. Iterate it once; leaving the loop ends it.
 */
export interface LiveStream extends AsyncIterable<MediaUnit>, AsyncDisposable {
  /** What it is made of. */
  readonly tracks: readonly MediaTrack[];
  /** Which of {@linkcode LiveService.sources} delivers. */
  readonly source: string;
  /** Sources that were asked before and why they did not deliver. */
  readonly passed: readonly { readonly source: string; readonly error: DhipError }[];
  /** Packets lost on the way so far. */
  readonly lostPackets: number;
  /** Ends it. Bounded in time; closing twice is harmless. */
  close(): Promise<void>;
}

/** Plays what a camera sees. */
export interface LiveService {
  /** The ways to a stream, the preferred one first. */
  readonly sources: readonly string[];
  /**
   * Begins to play.
   *
   * @throws {RangeError} when it is no channel number, or `via` no source
   * @throws {SyntaxError} when the template is neither a name nor a path
   * @throws {DhipError} see `RtspStream.open`
   */
  open(options?: LiveOptions): Promise<LiveStream>;
}
