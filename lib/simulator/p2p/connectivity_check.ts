/**
 * The packets of hole punching: STUN binding requests and responses with every bit inverted.
 *
 * @module
 */

import type { DatagramAddress } from "../../net/udp.ts";

const REQUEST = 0x0001;
const SUCCESS = 0x0101;
const ICE_CONTROLLED = 0x8029;
const ICE_CONTROLLING = 0x802a;
const SOURCE_ADDRESS = 0x0004;
const HEAD = 20;

/** A packet of hole punching. */
export interface ConnectivityCheck {
  /** A request, or the response to one. */
  readonly kind: "request" | "response";
  /** Cookie and transaction id, 16 bytes: a response has those of its request. */
  readonly transaction: Uint8Array;
  /** The 8 bytes that the client has named in its p2p-channel request. */
  readonly identify: Uint8Array;
  /** The address inside; left out in a confirmation. */
  readonly address?: DatagramAddress | undefined;
}

/** True when a datagram begins like one, inverted or plain. */
export function isCheck(datagram: Uint8Array): boolean {
  const first = datagram[0];
  return first === 0xff || first === 0xfe || first === 0x00 || first === 0x01;
}

/** Reads a packet, inverted or plain; undefined when it is none. Beyond its length nothing is read. */
export function readCheck(datagram: Uint8Array): ConnectivityCheck | undefined {
  if (datagram.length < HEAD || !isCheck(datagram)) return undefined;
  const bytes = datagram[0]! >= 0xfe ? datagram.map((byte) => byte ^ 0xff) : datagram;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const type = view.getUint16(0);
  const end = HEAD + view.getUint16(2);
  if ((type !== REQUEST && type !== SUCCESS) || end > bytes.length) return undefined;
  let identify: Uint8Array | undefined;
  let address: DatagramAddress | undefined;
  for (let at = HEAD; at + 4 <= end;) {
    const kind = view.getUint16(at);
    const length = view.getUint16(at + 2);
    const value = at + 4;
    at = value + length;
    if (at > end) return undefined;
    if ((kind === ICE_CONTROLLED || kind === ICE_CONTROLLING) && length === 8) {
      identify = bytes.slice(value, at);
    } else if (kind === SOURCE_ADDRESS && length === 8) {
      address = {
        host: bytes.subarray(value + 4, at).join("."),
        port: view.getUint16(value + 2),
      };
    }
  }
  if (identify === undefined) return undefined;
  const kind = type === REQUEST ? "request" : "response";
  return { kind, transaction: bytes.slice(4, HEAD), identify, address };
}

/** Writes a packet; `plain`: not inverted, as old firmware has it. */
export function encodeCheck(check: ConnectivityCheck, plain = false): Uint8Array<ArrayBuffer> {
  const { kind, transaction, identify, address } = check;
  const bytes = new Uint8Array(HEAD + 12 + (address === undefined ? 0 : 12));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, kind === "request" ? REQUEST : SUCCESS);
  view.setUint16(2, bytes.length - HEAD);
  bytes.set(transaction, 4);
  view.setUint16(20, kind === "request" ? ICE_CONTROLLING : ICE_CONTROLLED);
  view.setUint16(22, 8);
  bytes.set(identify, 24);
  if (address !== undefined) {
    view.setUint16(32, SOURCE_ADDRESS);
    view.setUint16(34, 8);
    view.setUint16(36, 1); // IPv4
    view.setUint16(38, address.port);
    bytes.set(address.host.split(".").map(Number), 40);
  }
  return plain ? bytes : bytes.map((byte) => byte ^ 0xff);
}

/** Reads `a4 34 a5 5 4 8d 1 9c`; undefined when it is not eight bytes. */
export function parseIdentify(text: string): Uint8Array | undefined {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== 8 || !parts.every((part) => /^[0-9a-f]{1,2}$/i.test(part))) return undefined;
  return Uint8Array.from(parts, (part) => Number.parseInt(part, 16));
}
