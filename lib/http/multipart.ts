/**
 * Reads multipart bodies: event streams (`multipart/x-mixed-replace`), moving pictures, and the
 * mixed answers of file downloads. RFC 2046 section 5.1.
 *
 * It takes what cameras send: a Content-Length that is missing or does not count the empty line
 * before the text, a boundary named with or without its dashes, lines that end in a bare LF.
 *
 * @module
 */

import { concat } from "../net/bytes.ts";
import { type Delimiter, DelimiterFinder } from "./_delimiter.ts";
import { badHttp, tooLarge } from "./_errors.ts";
import { truncated } from "./body_decoder.ts";
import { toBytes } from "./byte_string.ts";
import { type HeadLimits, HeadReader, parseHeaderLines } from "./message_head.ts";

/** Bounds of a {@linkcode MultipartDecoder}. Beyond them: `DHIP_HTTP_TOO_LARGE`. */
export interface MultipartLimits extends HeadLimits {
  /** Longest part in bytes. Default 16 MiB. */
  readonly maxPart?: number | undefined;
  /** Most bytes outside of parts, before a delimiter. Default 65 536. */
  readonly maxPreamble?: number | undefined;
  /**
   * The Content-Length of a part that is no text counts, whatever stands inside: for files, which
   * may hold what looks like a boundary. Default false.
   */
  readonly trustLength?: boolean | undefined;
}

/** What comes out of a {@linkcode MultipartDecoder}: for each part one `part`, data, one `end`. */
export type MultipartEvent =
  | { readonly kind: "part"; readonly headers: Headers }
  /** Bytes that are valid until the next `push`. */
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  | { readonly kind: "end" };

const EMPTY = new Uint8Array(0);
const LINE_END = new Uint8Array([13, 10]);

/** The boundary that a Content-Type names; undefined when it is not multipart. */
export function boundaryOf(contentType: string | null): string | undefined {
  const match = /^\s*multipart\/[^;\s]+\s*;(?:.*;)?\s*boundary\s*=\s*(?:"([^"]+)"|([^\s;"]+))/i
    .exec(contentType ?? "");
  return match?.[1] ?? match?.[2];
}

/** Decodes a multipart body, cut anywhere. What it yields does not depend on the cuts. */
export class MultipartDecoder {
  readonly #limits: MultipartLimits;
  readonly #finder: DelimiterFinder;
  #state: "preamble" | "head" | "body" | "gap" | "epilogue" = "preamble";
  /** Bytes that wait for the ones after them; only ever a possible delimiter. */
  #held: Uint8Array = EMPTY;
  /** The held bytes begin a line. */
  #atLineStart = true;
  #skipped = 0;
  #head: HeadReader;
  /** Bytes that Content-Length leaves for this part; Infinity without. */
  #left = Infinity;
  #length = 0;
  /** An empty line before the text is looked for (`?`), was found, or not. */
  #leading: "?" | "yes" | "no" = "no";
  #failed: unknown;

  /**
   * Makes a decoder for a boundary as {@linkcode boundaryOf} gives it.
   *
   * @throws {DhipError} `DHIP_BAD_HTTP` when the boundary is empty, all dashes or too long
   */
  constructor(boundary: string, limits: MultipartLimits = {}) {
    const core = boundary.replace(/^-+/, "");
    if (core === "" || core.length > 200) throw badHttp("A multipart boundary of unusable length");
    this.#limits = limits;
    this.#finder = new DelimiterFinder(toBytes(core));
    this.#head = new HeadReader(limits);
  }

  /** True when the closing delimiter was seen. */
  get complete(): boolean {
    return this.#state === "epilogue";
  }

  /**
   * Takes the next bytes. Consume the generator whole; after an error every call throws it again.
   *
   * @throws {DhipError} `DHIP_BAD_HTTP`, `DHIP_HTTP_TOO_LARGE`
   */
  *push(chunk: Uint8Array): Generator<MultipartEvent, void, void> {
    if (this.#failed !== undefined) throw this.#failed;
    try {
      let bytes = this.#held.length === 0 ? chunk : concat([this.#held, chunk]);
      this.#held = EMPTY;
      while (bytes.length > 0) {
        const before = this.#state;
        const used = before === "epilogue"
          ? bytes.length
          : before === "head"
          ? yield* this.#readHead(bytes)
          : before === "body"
          ? yield* this.#readBody(bytes)
          : this.#skip(bytes);
        bytes = bytes.subarray(used);
        // A step that changes nothing waits for more bytes.
        if (used === 0 && this.#state === before) break;
      }
      this.#held = bytes.slice();
    } catch (error) {
      this.#failed = error;
      this.#held = EMPTY;
      throw error;
    }
  }

  /**
   * Says that the body has ended.
   *
   * @throws {DhipError} `DHIP_CONNECTION_LOST` in the middle of a part, `DHIP_BAD_HTTP` when
   *   there never was a delimiter
   */
  *end(): Generator<MultipartEvent, void, void> {
    if (this.#failed !== undefined) throw this.#failed;
    if (this.#state !== "head" && this.#state !== "epilogue") {
      // The last delimiter may lack its line end.
      const bytes = concat([this.#held, LINE_END]);
      const delimiter = this.#finder.find(bytes, 0, this.#atLineStart);
      if (delimiter !== undefined && (this.#state !== "body" || delimiter.dashes < this.#left)) {
        if (this.#state === "body") yield* this.#shortPart(bytes, delimiter);
        this.#pass(delimiter);
      }
    }
    if (this.#state === "preamble") throw badHttp("A multipart body without its boundary");
    const inHead = this.#state === "head" && this.#head.length > 0;
    if (inHead || this.#state === "body") throw truncated("a part");
  }

  /** Before the first delimiter, and between the announced end of a part and the next one. */
  #skip(bytes: Uint8Array): number {
    const delimiter = this.#finder.find(bytes, 0, this.#atLineStart);
    const { start } = delimiter ?? this.#finder.holdFrom(bytes, 0, this.#atLineStart);
    this.#skipped += start;
    const limit = this.#limits.maxPreamble ?? 65_536;
    if (this.#skipped > limit) {
      throw badHttp(`No multipart boundary within ${limit} bytes`, "The answer is damaged.");
    }
    if (delimiter !== undefined) return this.#pass(delimiter);
    if (start > 0) this.#atLineStart = false;
    return start;
  }

  *#readHead(bytes: Uint8Array): Generator<MultipartEvent, number, void> {
    const used = this.#head.push(bytes);
    if (!this.#head.complete) return used;
    const headers = parseHeaderLines(this.#head.lines(), this.#limits);
    const length = headers.get("content-length")?.trim() ?? "";
    this.#head = new HeadReader(this.#limits);
    this.#left = /^\d{1,15}$/.test(length) ? Number(length) : Infinity;
    this.#length = 0;
    this.#leading = this.#left !== Infinity && isText(headers.get("content-type")) ? "?" : "no";
    this.#state = "body";
    this.#atLineStart = true;
    yield { kind: "part", headers };
    if (this.#left === 0) yield* this.#endPart();
    return used;
  }

  *#readBody(bytes: Uint8Array): Generator<MultipartEvent, number, void> {
    if (this.#leading === "?") {
      const used = this.#skipLeading(bytes);
      if (used !== 0 || this.#leading === "?") return used;
    }
    if (this.#limits.trustLength && this.#left !== Infinity && this.#leading === "no") {
      const used = Math.min(this.#left, bytes.length);
      yield* this.#data(bytes.subarray(0, used));
      this.#left -= used;
      this.#atLineStart = false;
      if (this.#left === 0) yield* this.#endPart();
      return used;
    }
    const delimiter = this.#finder.find(bytes, 0, this.#atLineStart);
    // A delimiter before the announced end is right, and the announcement is wrong.
    if (delimiter !== undefined && delimiter.dashes < this.#left) {
      yield* this.#shortPart(bytes, delimiter);
      return this.#pass(delimiter);
    }
    const hold = delimiter === undefined
      ? this.#finder.holdFrom(bytes, 0, this.#atLineStart)
      : { start: delimiter.start, line: delimiter.dashes };
    // Only a delimiter whose dashes come before the announced end can still change the end.
    if (bytes.length >= this.#left && !(hold.line < this.#left && hold.line < bytes.length)) {
      const used = this.#left;
      yield* this.#lastData(bytes.subarray(0, used));
      yield* this.#endPart();
      return used;
    }
    let used = Math.min(hold.start, this.#left);
    // The line end that a wrong length counts in is told from text at the announced end only.
    if (this.#leading === "yes") used = Math.min(used, this.#left - 2);
    if (used <= 0) return 0;
    yield* this.#data(bytes.subarray(0, used));
    this.#left -= used;
    this.#atLineStart = false;
    return used;
  }

  /** The empty line that some cameras put before a text and do not count in its length. */
  #skipLeading(bytes: Uint8Array): number {
    const cr = bytes[0] === 13 ? 1 : 0;
    if (bytes.length === cr) return 0;
    this.#leading = bytes[cr] === 10 ? "yes" : "no";
    return this.#leading === "yes" ? cr + 1 : 0;
  }

  *#lastData(bytes: Uint8Array): Generator<MultipartEvent, void, void> {
    let end = bytes.length;
    if (this.#leading === "yes" && bytes[end - 1] === 10) end -= bytes[end - 2] === 13 ? 2 : 1;
    if (end > 0) yield* this.#data(bytes.subarray(0, end));
  }

  *#data(bytes: Uint8Array): Generator<MultipartEvent, void, void> {
    this.#length += bytes.length;
    const limit = this.#limits.maxPart ?? 16 * 1024 * 1024;
    if (this.#length > limit) throw tooLarge("A part", limit);
    yield { kind: "data", bytes };
  }

  *#shortPart(bytes: Uint8Array, { start }: Delimiter): Generator<MultipartEvent, void, void> {
    if (start > 0) yield* this.#data(bytes.subarray(0, start));
    yield { kind: "end" };
  }

  *#endPart(): Generator<MultipartEvent, void, void> {
    this.#state = "gap";
    this.#skipped = 0;
    this.#atLineStart = true;
    yield { kind: "end" };
  }

  #pass(delimiter: Delimiter): number {
    this.#state = delimiter.close ? "epilogue" : "head";
    this.#skipped = 0;
    return delimiter.end;
  }
}

/** Types that do not begin with a line end by themselves. */
function isText(contentType: string | null): boolean {
  return contentType === null || /^\s*(?:text\/|image\/|application\/json)/i.test(contentType);
}
