/** Finds the end of a JSON object or list in a stream of bytes, without parsing it. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** True for a byte that begins an object or a list. */
export function opensJson(byte: number): boolean {
  return byte === 0x7b || byte === 0x5b;
}

/**
 * Counts brackets outside of strings. UTF-8 has none of these bytes inside a character. The kinds
 * of brackets are not told apart: whether it is JSON, the parser says.
 */
export class JsonSpan {
  #depth = 0;
  #inString = false;
  #escaped = false;

  /** Looks at bytes from `from` on; returns the place behind the last bracket, or -1. */
  feed(bytes: Uint8Array, from: number, to: number = bytes.length): number {
    for (let at = from; at < to; at++) {
      const byte = bytes[at]!;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inString = false;
      } else if (byte === QUOTE) this.#inString = true;
      else if (opensJson(byte)) this.#depth++;
      else if ((byte === 0x7d || byte === 0x5d) && --this.#depth <= 0) return at + 1;
    }
    return -1;
  }
}
