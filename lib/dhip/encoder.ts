/**
 * Messages into DHIP frames; see `frame.ts` for the layout.
 *
 * @module
 */

/** Size of the header in bytes. */
export const HEADER_SIZE = 32;

/** `DHIP`, read as a little-endian integer. */
export const MAGIC = 0x50494844;

/** A buffer that grew past this for one message is not kept. */
const KEPT = 256 * 1024;

const EMPTY = new Uint8Array(0);
const textEncoder = new TextEncoder();

/** One message, to be encoded. */
export interface OutgoingMessage {
  /** Numeric session, 0 before login. Default 0. */
  readonly session?: number;
  /** Request id, 0 to 2^32 - 1. Default 0. */
  readonly requestId?: number;
  /** The JSON part, as a value or as text that is sent unchanged. */
  readonly json: object | string;
  /** The binary part. */
  readonly binary?: Uint8Array | undefined;
  /** Position of this frame in a message sent as several. Default 0. */
  readonly packageIndex?: number;
}

/**
 * Encodes messages one behind the other into memory that is used again.
 *
 * ```ts
 * import { MessageEncoder } from "@dhip/dhip/codec";
 *
 * const encoder = new MessageEncoder();
 * encoder.add({ requestId: 1, json: { id: 1, method: "global.keepAlive" } });
 * encoder.add({ requestId: 2, json: { id: 2, method: "magicBox.getSerialNo" } });
 * const bytes = encoder.take();
 * if (bytes.length < 64 || encoder.length !== 0) throw new Error("unexpected");
 * ```
 */
export class MessageEncoder {
  /** Two buffers take turns: what was taken stays whole until the next `take`. */
  #buffer: Uint8Array<ArrayBuffer>;
  #spare: Uint8Array<ArrayBuffer> = EMPTY;
  #length = 0;

  /** Makes an encoder with room for `size` bytes at first; it grows as needed. */
  constructor(size = 8 * 1024) {
    this.#buffer = new Uint8Array(size);
  }

  /** Bytes added since the last {@linkcode take}. */
  get length(): number {
    return this.#length;
  }

  /**
   * Adds a message as one frame.
   *
   * @throws {TypeError} when the JSON part cannot be written as JSON
   */
  add(message: OutgoingMessage): void {
    const text = typeof message.json === "string" ? message.json : JSON.stringify(message.json);
    const binary = message.binary ?? EMPTY;
    const start = this.#length;
    // A UTF-16 unit takes three bytes of UTF-8 at the most.
    this.#reserve(start + HEADER_SIZE + text.length * 3 + binary.length);
    const buffer = this.#buffer;
    const length = writeText(buffer, start + HEADER_SIZE, text);
    const end = start + HEADER_SIZE + length;
    if (binary.length > 0) buffer.set(binary, end);
    writeU32(buffer, start, HEADER_SIZE);
    writeU32(buffer, start + 4, MAGIC);
    writeU32(buffer, start + 8, message.session ?? 0);
    writeU32(buffer, start + 12, message.requestId ?? 0);
    writeU32(buffer, start + 16, length + binary.length);
    writeU32(buffer, start + 20, message.packageIndex ?? 0);
    writeU32(buffer, start + 24, length);
    writeU32(buffer, start + 28, binary.length);
    this.#length = end + binary.length;
  }

  /** All that was added, as a view that is overwritten after the next `take`. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = this.#buffer.subarray(0, this.#length);
    this.#length = 0;
    const next = this.#spare.length > 0 ? this.#spare : new Uint8Array(8 * 1024);
    this.#spare = this.#buffer.length <= KEPT ? this.#buffer : EMPTY;
    this.#buffer = next;
    return bytes;
  }

  #reserve(length: number): void {
    if (length <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(length, this.#buffer.length * 2));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}

/**
 * Encodes one message as one frame, in memory of its own.
 *
 * ```ts
 * import { encodeMessage } from "@dhip/dhip/codec";
 *
 * const frame = encodeMessage({ requestId: 1, json: { id: 1, method: "global.keepAlive" } });
 * const magic = new TextDecoder().decode(frame.subarray(4, 8));
 * if (magic !== "DHIP") throw new Error("unexpected");
 * ```
 *
 * @throws {TypeError} when the JSON part cannot be written as JSON
 */
export function encodeMessage(message: OutgoingMessage): Uint8Array<ArrayBuffer> {
  single.add(message);
  return single.take().slice();
}

/** Writes text as UTF-8 and returns its length in bytes. */
function writeText(buffer: Uint8Array, offset: number, text: string): number {
  // Requests are short ASCII: a loop beats the call into the runtime for them.
  if (text.length <= 256) {
    let i = 0;
    for (; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) break;
      buffer[offset + i] = unit;
    }
    if (i === text.length) return i;
  }
  return textEncoder.encodeInto(text, buffer.subarray(offset)).written;
}

function writeU32(buffer: Uint8Array, offset: number, value: number): void {
  buffer[offset] = value;
  buffer[offset + 1] = value >>> 8;
  buffer[offset + 2] = value >>> 16;
  buffer[offset + 3] = value >>> 24;
}

const single = new MessageEncoder();
