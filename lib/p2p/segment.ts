/**
 * Headers of PTCP segments: libjingle's PseudoTcp with the conversation number `PTCP`.
 *
 * Layout (24 bytes, big endian): conversation, sequence, acknowledgement, control byte, flags,
 * window, timestamp, timestamp echo. The first segment of libnice's PseudoTcp with this
 * conversation number is a device's, byte for byte.
 *
 * @module
 */

import { setUint32, uint32 } from "../net/bytes.ts";

/** Conversation number of all PTCP segments, the text `PTCP`. */
export const CONVERSATION = 0x50544350;
/** Bytes of a header. */
export const HEADER_SIZE = 24;
/** Flag of a segment that carries control data, not bytes of the stream. */
export const FLAG_CTL = 0x02;
/** Flag of a segment that ends the session. */
export const FLAG_RST = 0x04;
/** First byte of control data: the connect message, a SYN. */
export const CTL_CONNECT = 0x00;
/** Option of a connect message: shift of all windows of its sender; one byte, 0 to 14. */
export const OPTION_WINDOW_SCALE = 0x03;

/** The fields of a header. Mutable, so that a hot loop can use one object for all segments. */
export interface SegmentHeader {
  /** Offset in the stream of the first byte of the body, modulo 2^32. */
  sequence: number;
  /** Next byte that the sender expects, modulo 2^32. */
  acknowledgement: number;
  /** Always 0 in PseudoTcp; some devices send 1 with a body that is not of the stream. */
  control: number;
  /** {@linkcode FLAG_CTL}, {@linkcode FLAG_RST}, or 0. */
  flags: number;
  /** Bytes that the sender can take beyond its acknowledgement, before scaling; 0-65535. */
  window: number;
  /** Clock of the sender in milliseconds, modulo 2^32. */
  timestamp: number;
  /** Timestamp of the receiver that the sender saw last; 0 when none. */
  timestampEcho: number;
}

/** A header with all fields 0. */
export function emptyHeader(): SegmentHeader {
  return {
    sequence: 0,
    acknowledgement: 0,
    control: 0,
    flags: 0,
    window: 0,
    timestamp: 0,
    timestampEcho: 0,
  };
}

/**
 * Reads the header of a datagram into `header`; the body is what follows {@linkcode HEADER_SIZE}.
 *
 * @returns false, with `header` as it was, when the datagram is too short or of something else
 */
export function readHeader(datagram: Uint8Array, header: SegmentHeader): boolean {
  if (datagram.length < HEADER_SIZE || uint32(datagram, 0) !== CONVERSATION) return false;
  header.sequence = uint32(datagram, 4);
  header.acknowledgement = uint32(datagram, 8);
  header.control = datagram[12]!;
  header.flags = datagram[13]!;
  header.window = datagram[14]! << 8 | datagram[15]!;
  header.timestamp = uint32(datagram, 16);
  header.timestampEcho = uint32(datagram, 20);
  return true;
}

/** Writes a header to the beginning of `datagram`. */
export function writeHeader(datagram: Uint8Array, header: SegmentHeader): void {
  setUint32(datagram, 0, CONVERSATION);
  setUint32(datagram, 4, header.sequence);
  setUint32(datagram, 8, header.acknowledgement);
  datagram[12] = header.control;
  datagram[13] = header.flags;
  datagram[14] = header.window >>> 8;
  datagram[15] = header.window & 0xff;
  setUint32(datagram, 16, header.timestamp);
  setUint32(datagram, 20, header.timestampEcho);
}

/** `a - b` of two offsets modulo 2^32, as a number from -2^31 to 2^31 - 1. */
export function distance(a: number, b: number): number {
  return (a - b) | 0;
}
