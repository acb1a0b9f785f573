/**
 * What the packets of one stream are put together to.
 *
 * @module
 */

import type { RtpPacket } from "./rtp.ts";

/** One picture, or a stretch of sound. */
export interface RtpUnit {
  /** Ticks of the media clock, wraps at 2^32. */
  readonly timestamp: number;
  /** Annex B for H.264 and H.265, raw frames for AAC, samples for G.711. Owned by the receiver. */
  readonly data: Uint8Array;
  /** True when packets of this unit were lost. */
  readonly damaged: boolean;
}

/** Puts the packets of one stream together. Pure; packets come in order. */
export interface Depacketizer {
  /**
   * Takes a packet and gives the units that are whole. Never throws: what cannot be used makes its
   * unit damaged.
   *
   * @param lost packets that are missing before this one
   */
  push(packet: RtpPacket, lost: number): RtpUnit[];
  /** Gives what has no end yet, at the end of the stream. */
  flush(): RtpUnit[];
}

/** Longest access unit in bytes; what is beyond is thrown away and the unit counts as damaged. */
export const MAX_UNIT = 16 * 1024 * 1024;
