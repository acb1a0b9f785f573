/**
 * Packets of hole punching: STUN binding requests and responses with every byte inverted, a mix of
 * RFC 3489 and RFC 5389 (observed by dh-p2p, blackjid/dahua-p2p and others). Old firmware does not
 * invert them.
 *
 * @module
 */

import type { DatagramAddress } from "../net/udp.ts";

const REQUEST = 0x0001;
const SUCCESS = 0x0101;
const HEADER_SIZE = 20;
const COOKIE_AT = 4;
const TRANSACTION_AT = 8;
/** RFC 3489; the peer's own address, not the sender's, stands in it. */
const SOURCE_ADDRESS = 0x0004;
/** RFC 5245. */
const ICE_CONTROLLED = 0x8029;
const ICE_CONTROLLING = 0x802a;
const ATTRIBUTE_SIZE = 12;

/** A packet of hole punching; its bytes are as they stand in STUN, not inverted. */
export interface PunchPacket {
  /** A confirmation is a response without an address. */
  readonly kind: "request" | "response" | "confirmation";
  /** 4 bytes where STUN has its magic cookie: random ones here. */
  readonly cookie: Uint8Array;
  /** 12 bytes that a response repeats. */
  readonly transaction: Uint8Array;
  /** 8 bytes of the tie-breaker: the Identify of the channel request; null when missing. */
  readonly identify: Uint8Array | null;
  /** ICE role of the sender; null when missing. */
  readonly role: "controlling" | "controlled" | null;
  /** The address it tells; nobody checks it. */
  readonly address: DatagramAddress | null;
  /** True: not inverted, as old firmware has it. */
  readonly plain: boolean;
}

/** Writes a packet. The role follows from the kind. */
export function encodePunch(
  packet: Omit<PunchPacket, "role"> & { readonly identify: Uint8Array },
): Uint8Array {
  const { kind, cookie, transaction, identify, address, plain } = packet;
  const bytes = new Uint8Array(HEADER_SIZE + ATTRIBUTE_SIZE * (address === null ? 1 : 2));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, kind === "request" ? REQUEST : SUCCESS);
  view.setUint16(2, bytes.length - HEADER_SIZE);
  bytes.set(cookie, COOKIE_AT);
  bytes.set(transaction, TRANSACTION_AT);
  view.setUint16(20, kind === "request" ? ICE_CONTROLLING : ICE_CONTROLLED);
  view.setUint16(22, 8);
  bytes.set(identify, 24);
  if (address !== null) {
    view.setUint16(32, SOURCE_ADDRESS);
    view.setUint16(34, 8);
    view.setUint16(36, 1); // a zero byte, then the family: IPv4
    view.setUint16(38, address.port);
    bytes.set(address.host.split(".").map(Number), 40);
  }
  return plain ? bytes : inverted(bytes);
}

/**
 * Reads a packet, inverted or plain, as far as its declared length: a known program appends 12 stray bytes.
 *
 * @returns null for what is none
 */
export function readPunch(datagram: Uint8Array): PunchPacket | null {
  if (datagram.length < HEADER_SIZE) return null;
  const plain = datagram[0]! < 0x80;
  const bytes = plain ? datagram.slice() : inverted(datagram);
  const view = new DataView(bytes.buffer);
  const type = view.getUint16(0);
  const end = HEADER_SIZE + view.getUint16(2);
  if ((type !== REQUEST && type !== SUCCESS) || end > bytes.length) return null;
  let identify: Uint8Array | null = null;
  let role: PunchPacket["role"] = null;
  let address: DatagramAddress | null = null;
  for (let at = HEADER_SIZE; at + 4 <= end;) {
    const attribute = view.getUint16(at);
    const length = view.getUint16(at + 2);
    const value = bytes.subarray(at + 4, at + 4 + length);
    if (at + 4 + length > end) return null;
    if ((attribute === ICE_CONTROLLED || attribute === ICE_CONTROLLING) && length === 8) {
      identify = value;
      role = attribute === ICE_CONTROLLED ? "controlled" : "controlling";
    } else if (attribute === SOURCE_ADDRESS && length === 8) {
      address = { host: value.subarray(4).join("."), port: view.getUint16(at + 6) };
    }
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return {
    kind: type === REQUEST ? "request" : address === null ? "confirmation" : "response",
    cookie: bytes.subarray(COOKIE_AT, TRANSACTION_AT),
    transaction: bytes.subarray(TRANSACTION_AT, HEADER_SIZE),
    identify,
    role,
    address,
    plain,
  };
}

/** The 8 bytes of an Identify as cloud messages write them: `a4 34 a5 5 4 8d 1 9c`. */
export function identifyText(identify: Uint8Array): string {
  return Array.from(identify, (byte) => byte.toString(16)).join(" ");
}

/** Reads an Identify; null for what is not 8 bytes. */
export function readIdentify(text: string): Uint8Array | null {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== 8 || !parts.every((part) => /^[0-9a-f]{1,2}$/i.test(part))) return null;
  return Uint8Array.from(parts, (part) => parseInt(part, 16));
}

function inverted(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => ~byte);
}
