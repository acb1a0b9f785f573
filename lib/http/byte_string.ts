/**
 * Header text as the Fetch standard has it: one character per byte. Header values of devices are
 * UTF-8, GBK or worse; as byte strings they can be hashed and echoed exactly.
 *
 * @module
 */

import { Buffer } from "node:buffer";

/** The bytes as text, one character (0 to 255) per byte. */
export function fromBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** The bytes of a byte string. Characters past 255 lose their high bits. */
export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(text, "latin1"));
}

/** The UTF-8 bytes of a text, as a byte string. */
export function utf8ByteString(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** A byte string for human eyes: as UTF-8 where it is, else byte by byte; no control characters. */
export function readable(text: string): string {
  let shown = text;
  try {
    shown = new TextDecoder("utf-8", { fatal: true }).decode(toBytes(text));
  } catch {
    // not UTF-8
  }
  // deno-lint-ignore no-control-regex
  return shown.replace(/[\x00-\x1f\x7f-\x9f]/g, " ");
}
