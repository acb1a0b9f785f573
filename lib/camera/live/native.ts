/**
 * Live pictures and sound in the container of the device itself.
 *
 * @module
 */

import type { CallOptions } from "../../net/stream.ts";

/** Which stream. `signal` covers all of it, `timeout` its beginning. */
export interface NativeLiveOptions extends CallOptions {
  /** 1 is the first, the default. */
  readonly channel?: number | undefined;
  /** 0, the default, is the main stream; 1 and more are sub-streams. */
  readonly subtype?: number | undefined;
  /** Longest silence before the stream counts as lost, in milliseconds. Default 10 000. */
  readonly idleTimeout?: number | undefined;
}

/** A stream that plays. Read `bytes` once; disposing it lets the device stop. */
export interface NativeLive extends AsyncDisposable {
  /** The bytes (DHAV), read from the network only as fast as they are taken. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Plays live streams. */
export interface NativeLiveService {
  /**
   * Begins to play. Resolves with the first byte.
   *
   * @throws {RangeError} for a channel or a stream that cannot be
   * @throws {DhipError} the device's refusal; `DHIP_NOT_SUPPORTED` where it does not offer this
   */
  open(options?: NativeLiveOptions): Promise<NativeLive>;
}
