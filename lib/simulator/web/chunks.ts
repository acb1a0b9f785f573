/**
 * The chunked coding of HTTP/1.1.
 *
 * @module
 */

import { concat } from "../../net/bytes.ts";

const encoder = new TextEncoder();

/** What ends a chunked body. */
export const LAST_CHUNK: Uint8Array = encoder.encode("0\r\n\r\n");

/** Bytes as one chunk. */
export function chunkOf(bytes: Uint8Array): Uint8Array {
  const size = encoder.encode(`${bytes.length.toString(16)}\r\n`);
  return concat([size, bytes, encoder.encode("\r\n")]);
}
