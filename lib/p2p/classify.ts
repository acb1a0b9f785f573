/**
 * What kind of datagram arrived: text of the cloud, hole punching and PTCP share one socket.
 *
 * @module
 */

import { uint32 } from "../net/bytes.ts";
import { CONVERSATION } from "./segment.ts";

/** Kinds of datagrams; `stun` is hole punching of old firmware, not inverted. */
export type DatagramKind = "text" | "punch" | "stun" | "ptcp" | "unknown";

/** Tells the kinds apart by their first bytes, whatever was expected. */
export function classify(datagram: Uint8Array): DatagramKind {
  if (datagram.length < 4) return "unknown";
  const [first, second] = [datagram[0]!, datagram[1]!];
  const word = uint32(datagram, 0);
  if (word === CONVERSATION) return "ptcp";
  if (word === HTTP) return "text";
  if (datagram.length < STUN_HEADER) return "unknown";
  if (first >= 0xfe && second >= 0xee) return "punch";
  return first <= 0x01 && second <= 0x11 ? "stun" : "unknown";
}

/** The text `HTTP`. */
const HTTP = 0x48545450;
const STUN_HEADER = 20;
