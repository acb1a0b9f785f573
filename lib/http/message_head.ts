/**
 * Heads: the start line and header lines of HTTP answers, RTSP answers and parts of multipart
 * bodies, up to the empty line. RFC 9112 sections 2 to 5.
 *
 * Beyond the RFC it takes lines that end in a bare LF, folded lines, and white space before the
 * colon, as embedded servers write them. Anything else that is wrong is an error.
 *
 * @module
 */

import { concat } from "../net/bytes.ts";
import { badHttp, tooLarge } from "./_errors.ts";
import { fromBytes, readable } from "./byte_string.ts";

const LF = 10;
const CR = 13;

/** Bounds of a head. Beyond them: `DHIP_HTTP_TOO_LARGE`. */
export interface HeadLimits {
  /** Longest head in bytes. Default 65 536. */
  readonly maxHead?: number | undefined;
  /** Most header lines. Default 256. */
  readonly maxHeaders?: number | undefined;
}

/** Longest head by default, in bytes. */
const MAX_HEAD = 65_536;
const MAX_HEADERS = 256;

/** Gathers the bytes of one head, however they are cut. */
export class HeadReader {
  readonly #limit: number;
  #parts: Uint8Array[] = [];
  #length = 0;
  /** Bytes of the current line that are not CR. */
  #line = 0;
  #complete = false;

  /** Makes a reader at the first byte of a head. */
  constructor(limits: HeadLimits = {}) {
    this.#limit = limits.maxHead ?? MAX_HEAD;
  }

  /** True when the empty line was seen. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Bytes gathered so far. */
  get length(): number {
    return this.#length;
  }

  /**
   * Takes bytes from `offset` on, up to the empty line.
   *
   * @returns the offset of the first byte that it did not take
   * @throws {DhipError} `DHIP_HTTP_TOO_LARGE`
   */
  push(chunk: Uint8Array, offset = 0): number {
    let at = offset;
    while (!this.#complete && at < chunk.length) {
      const byte = chunk[at++]!;
      if (byte === LF) {
        this.#complete = this.#line === 0;
        this.#line = 0;
      } else if (byte !== CR) this.#line++;
      if (this.#length + at - offset > this.#limit) {
        this.#parts = [];
        throw tooLarge("A head", this.#limit);
      }
    }
    if (at > offset) {
      this.#parts.push(chunk.slice(offset, at));
      this.#length += at - offset;
      // One byte at a time must not cost an array per byte.
      if (this.#parts.length >= 64) this.#parts = [concat(this.#parts)];
    }
    return at;
  }

  /** The lines without their ends and without the empty one, as byte strings. */
  lines(): string[] {
    const lines = fromBytes(concat(this.#parts)).split("\n");
    lines.length -= 2; // the empty line, and what follows the last LF
    return lines.map((line) => line.endsWith("\r") ? line.slice(0, -1) : line);
  }
}

/**
 * Reads header lines. Values are byte strings, see `byte_string.ts`.
 *
 * @throws {DhipError} `DHIP_BAD_HTTP`, `DHIP_HTTP_TOO_LARGE`
 */
export function parseHeaderLines(lines: readonly string[], limits: HeadLimits = {}): Headers {
  const most = limits.maxHeaders ?? MAX_HEADERS;
  const headers = new Headers();
  let name = "";
  let value = "";
  let count = 0;
  const flush = () => {
    if (name === "") return;
    if (++count > most) throw tooLarge("A head", most, "lines");
    headers.append(name, value);
  };
  for (const line of lines) {
    if (/[\0\r]/.test(line)) throw badHttp("A header line with a NUL or a bare CR");
    if (/^[ \t]/.test(line)) {
      if (name === "") throw badHttp("The first header line is a continuation");
      value += ` ${line.trim()}`; // obsolete folding, RFC 9112 section 5.2
      continue;
    }
    flush();
    const colon = line.indexOf(":");
    if (colon < 0) throw badHttp("A header line without a colon");
    name = line.slice(0, colon).trimEnd();
    if (!isToken(name)) throw badHttp("A header name that is not a token");
    value = line.slice(colon + 1).trim();
  }
  flush();
  return headers;
}

/** The first line of an answer. */
export interface StatusLine {
  /** `1.0` or `1.1`. */
  readonly version: string;
  /** Status, 100 to 999. */
  readonly status: number;
  /** Reason phrase, made readable; may be empty. */
  readonly reason: string;
}

/**
 * Reads a status line of HTTP or RTSP.
 *
 * @throws {DhipError} `DHIP_BAD_HTTP`
 */
export function parseStatusLine(line: string, protocol: "HTTP" | "RTSP" = "HTTP"): StatusLine {
  const match = /^([A-Z]+)\/(1\.[01]) +([1-9]\d\d)(?:[ \t](.*))?$/.exec(line);
  if (match === null || match[1] !== protocol) {
    throw badHttp(`The first line is no status line of ${protocol}/1.0 or ${protocol}/1.1`);
  }
  const [, , version, status, reason = ""] = match;
  return { version: version!, status: Number(status), reason: readable(reason).trim() };
}

/** True for a token of RFC 9110 section 5.6.2: a method, a header name, a parameter name. */
export function isToken(text: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text);
}
