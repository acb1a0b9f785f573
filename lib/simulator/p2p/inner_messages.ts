/**
 * The messages inside the tunnel's stream, from the device's side.
 *
 * | type | name         | bytes    | direction        |
 * | ---- | ------------ | -------- | ---------------- |
 * | 10   | DATA         | 12 + n   | both             |
 * | 11   | BIND         | 20       | client to device |
 * | 12   | CONN or DISC | 16       | both             |
 * | 13   | heartbeat    | 12       | both             |
 * | 17   | sign?        | 12       | client to device |
 * | 18   | sign         | 12 + n   | device to client |
 * | 19   | sign         | 12 + n   | client to device |
 * | 1a   | sign taken   | 12       | device to client |
 * | 1b   | sign done    | 12       | client to device |
 *
 * @module
 */

import { setUint32, uint32 } from "../../net/bytes.ts";

/** Bytes of the head of a message, DATA and signs without what follows. */
const HEAD = 12;
const SIZES: Readonly<Record<number, number>> = {
  0x10: HEAD,
  0x11: 20,
  0x12: 16,
  0x13: HEAD,
  0x14: HEAD,
  0x17: HEAD,
  0x18: HEAD,
  0x19: HEAD,
  0x1a: HEAD,
  0x1b: HEAD,
};
/** Longest sign that is taken, in bytes. */
const MOST_SIGN = 4096;

/** Who hears of the messages. Byte arrays are views, valid during the call. */
export interface InnerMessageListener {
  /** A part of the data of a realm; a message may come in several. */
  data(realm: number, bytes: Uint8Array): void;
  /** The client wants a connection. */
  bind(realm: number, port: number, target: string): void;
  /** CONN or DISC, or another word. */
  status(realm: number, word: string): void;
  /** Any other message; `tail` is what followed its head. */
  other(type: number, tail: Uint8Array): void;
  /** Something that is none; the rest of its segment is skipped. */
  unknown(type: number): void;
}

/** Finds messages in a stream, however it is cut. */
export class InnerMessageReader {
  readonly #listener: InnerMessageListener;
  readonly #head = new Uint8Array(20);
  #have = 0;
  #realm = 0;
  #dataLeft = 0;
  #tail: { type: number; bytes: Uint8Array; have: number } | undefined;

  /** Makes a reader at the beginning of a stream. */
  constructor(listener: InnerMessageListener) {
    this.#listener = listener;
  }

  /** Takes the next bytes; they end where a segment ends. */
  push(bytes: Uint8Array): void {
    while (bytes.length > 0) {
      if (this.#dataLeft > 0) {
        const part = bytes.subarray(0, this.#dataLeft);
        this.#dataLeft -= part.length;
        bytes = bytes.subarray(part.length);
        this.#listener.data(this.#realm, part);
        continue;
      }
      if (this.#tail !== undefined) {
        const tail = this.#tail;
        const part = bytes.subarray(0, tail.bytes.length - tail.have);
        tail.bytes.set(part, tail.have);
        tail.have += part.length;
        bytes = bytes.subarray(part.length);
        if (tail.have < tail.bytes.length) return;
        this.#tail = undefined;
        this.#listener.other(tail.type, tail.bytes);
        continue;
      }
      const type = this.#have > 0 ? this.#head[0]! : bytes[0]!;
      const size = SIZES[type];
      if (size === undefined) return this.#listener.unknown(type);
      let head: Uint8Array;
      if (this.#have === 0 && bytes.length >= size) {
        head = bytes;
        bytes = bytes.subarray(size);
      } else {
        const part = bytes.subarray(0, size - this.#have);
        this.#head.set(part, this.#have);
        this.#have += part.length;
        bytes = bytes.subarray(part.length);
        if (this.#have < size) return;
        head = this.#head;
        this.#have = 0;
      }
      bytes = this.#message(type, head, bytes);
    }
  }

  /** Handles a head and returns what of the bytes behind it is left. */
  #message(type: number, head: Uint8Array, bytes: Uint8Array): Uint8Array {
    const length = head[1]! << 16 | head[2]! << 8 | head[3]!;
    const realm = uint32(head, 4);
    switch (type) {
      case 0x10:
        this.#realm = realm;
        this.#dataLeft = length;
        return bytes;
      case 0x11:
        this.#listener.bind(realm, uint32(head, 12), head.subarray(16, 20).join("."));
        return bytes;
      case 0x12:
        this.#listener.status(realm, String.fromCharCode(...head.subarray(12, 16)));
        return bytes;
      case 0x18:
      case 0x19:
      case 0x1a:
        if (length === 0) {
          this.#listener.other(type, bytes); // the sign reaches to the end of its segment
          return bytes.subarray(bytes.length);
        }
        if (length > MOST_SIGN) {
          this.#listener.unknown(type);
          return bytes.subarray(bytes.length);
        }
        this.#tail = { type, bytes: new Uint8Array(length), have: 0 };
        return bytes;
      default:
        this.#listener.other(type, bytes.subarray(0, 0));
        return bytes;
    }
  }
}

/** Writes the head of a DATA message into `head`. */
export function writeDataHead(head: Uint8Array, realm: number, length: number): void {
  head[0] = 0x10;
  head[1] = length >>> 16;
  head[2] = length >>> 8 & 0xff;
  head[3] = length & 0xff;
  setUint32(head, 4, realm);
}

/** CONN or DISC. */
export function statusMessage(realm: number, word: "CONN" | "DISC"): Uint8Array {
  const message = new Uint8Array(16);
  message[0] = 0x12;
  setUint32(message, 4, realm);
  for (let i = 0; i < 4; i++) message[12 + i] = word.charCodeAt(i);
  return message;
}

/** A message that is only a head; `length` is told, not appended. */
export function plainMessage(type: number, length = 0): Uint8Array {
  const message = new Uint8Array(HEAD);
  message[0] = type;
  message[1] = length >>> 16;
  message[2] = length >>> 8 & 0xff;
  message[3] = length & 0xff;
  return message;
}
