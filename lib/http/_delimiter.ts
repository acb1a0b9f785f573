/** Finds the delimiter lines of a multipart body. RFC 2046 section 5.1.1. */

import { Buffer } from "node:buffer";

const LF = 10;
const CR = 13;
const DASH = 45;
const DASHES = new Uint8Array([DASH, DASH]);
/** White space that may follow a boundary, and dashes that may precede it. */
const MAX_PADDING = 128;

/** A delimiter line in a piece of a body. */
export interface Delimiter {
  /** Where the part before it ends: before the line end that belongs to the delimiter. */
  readonly start: number;
  /** Where its dashes begin. */
  readonly dashes: number;
  /** Where the next part begins. */
  readonly end: number;
  /** True for the one that closes the body. */
  readonly close: boolean;
}

/**
 * Knows one boundary. Headers name it with or without the two dashes that precede it in the body
 * (seen on cameras), so any number of dashes from two on is taken.
 */
export class DelimiterFinder {
  readonly #core: Uint8Array;
  readonly #needle: Uint8Array;

  /** Makes a finder for the boundary without its leading dashes, which must not be empty. */
  constructor(core: Uint8Array) {
    this.#core = core;
    this.#needle = Buffer.concat([DASHES, core]);
  }

  /** The first whole delimiter line from `from` on; `from` itself may be the start of a line. */
  find(bytes: Uint8Array, from: number, atLineStart: boolean): Delimiter | undefined {
    const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = from;;) {
      const hit = haystack.indexOf(this.#needle, at);
      if (hit < 0) return undefined;
      at = hit + 1;
      let dashes = hit;
      while (dashes > from && hit - dashes < MAX_PADDING && bytes[dashes - 1] === DASH) dashes--;
      if (dashes === from ? !atLineStart : bytes[dashes - 1] !== LF) continue;
      const rest = this.#afterCore(bytes, hit + this.#needle.length);
      if (rest === undefined) continue;
      let start = dashes;
      if (start > from) start--; // the LF
      if (start > from && bytes[start - 1] === CR) start--;
      return { start, dashes, ...rest };
    }
  }

  /**
   * Where a delimiter may have begun whose end is still to come: `length` when nowhere. Bytes from
   * there on must wait for the next ones.
   */
  holdFrom(bytes: Uint8Array, from: number, atLineStart: boolean): { start: number; line: number } {
    const { length } = bytes;
    const newline = bytes.lastIndexOf(LF);
    const hasLine = newline >= from;
    const line = hasLine ? newline + 1 : from;
    if ((hasLine || atLineStart) && this.#mayBecome(bytes, line)) {
      let start = line;
      if (hasLine) start--;
      if (start > from && bytes[start - 1] === CR) start--;
      return { start, line };
    }
    // A lone CR may be half of the line end before a delimiter.
    const isCr = length > from && bytes[length - 1] === CR;
    return { start: isCr ? length - 1 : length, line: length };
  }

  #afterCore(bytes: Uint8Array, at: number): { end: number; close: boolean } | undefined {
    const close = bytes[at] === DASH && bytes[at + 1] === DASH;
    let end = close ? at + 2 : at;
    const limit = end + MAX_PADDING;
    while (end < limit && (bytes[end] === 32 || bytes[end] === 9)) end++;
    if (bytes[end] === CR) end++;
    return bytes[end] === LF ? { end: end + 1, close } : undefined;
  }

  /** True when the bytes from `line` to the end could be the beginning of a delimiter line. */
  #mayBecome(bytes: Uint8Array, line: number): boolean {
    const core = this.#core;
    if (bytes.length - line > core.length + 2 * MAX_PADDING + 8) return false;
    let at = line;
    while (bytes[at] === DASH) at++;
    if (at === bytes.length) return at - line <= MAX_PADDING + 2;
    if (at - line < 2) return false;
    for (let i = 0; i < core.length; i++, at++) {
      if (at === bytes.length) return true;
      if (bytes[at] !== core[i]) return false;
    }
    if (bytes[at] === DASH) at++;
    if (bytes[at] === DASH) at++;
    while (bytes[at] === 32 || bytes[at] === 9) at++;
    if (bytes[at] === CR) at++;
    return at >= bytes.length;
  }
}
