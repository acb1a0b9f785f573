/**
 * The three ways an HTTP/1.1 body can end: after a length, with the last chunk, with the
 * connection. RFC 9112 sections 6 and 7.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { badHttp, tooLarge } from "./_errors.ts";
import { fromBytes } from "./byte_string.ts";
import { type HeadLimits, HeadReader, parseHeaderLines } from "./message_head.ts";

/** Takes the bytes that follow a head. */
export interface BodyDecoder {
  /** True when the body is whole. */
  readonly complete: boolean;
  /**
   * Yields the body bytes in `chunk` as views, and returns the offset behind the last byte that
   * belongs to this body.
   */
  push(chunk: Uint8Array): Generator<Uint8Array, number, void>;
  /**
   * Says that the connection has ended.
   *
   * @throws {DhipError} `DHIP_CONNECTION_LOST` when the body is not whole
   */
  end(): void;
}

/** The error of a body that stops short. */
export function truncated(what: string): DhipError {
  return new DhipError("DHIP_CONNECTION_LOST", `The connection ended in the middle of ${what}`, {
    hint: "The device or the network cut the connection; try again.",
  });
}

/** A body of known length. */
export class LengthBody implements BodyDecoder {
  #left: number;

  /** Makes a decoder for `length` bytes. */
  constructor(length: number) {
    this.#left = length;
  }

  /** See {@linkcode BodyDecoder.complete}. */
  get complete(): boolean {
    return this.#left === 0;
  }

  /** See {@linkcode BodyDecoder.push}. */
  *push(chunk: Uint8Array): Generator<Uint8Array, number, void> {
    const take = Math.min(this.#left, chunk.length);
    if (take === 0) return 0;
    this.#left -= take;
    yield take === chunk.length ? chunk : chunk.subarray(0, take);
    return take;
  }

  /** See {@linkcode BodyDecoder.end}. */
  end(): void {
    if (this.#left > 0) throw truncated(`a body, ${this.#left} bytes short`);
  }
}

/** A body that ends with the connection: nobody can tell whether it is whole. */
export class UntilCloseBody implements BodyDecoder {
  #complete = false;

  /** See {@linkcode BodyDecoder.complete}. */
  get complete(): boolean {
    return this.#complete;
  }

  /** See {@linkcode BodyDecoder.push}. */
  *push(chunk: Uint8Array): Generator<Uint8Array, number, void> {
    if (chunk.length > 0) yield chunk;
    return chunk.length;
  }

  /** See {@linkcode BodyDecoder.end}. */
  end(): void {
    this.#complete = true;
  }
}

/** Longest line with a chunk size, extensions included. */
const MAX_SIZE_LINE = 4096;

/** A chunked body. Extensions are skipped, trailers are read and dropped. */
export class ChunkedBody implements BodyDecoder {
  readonly #limits: HeadLimits;
  #state: "size" | "data" | "data-end" | "trailers" | "complete" = "size";
  #line = "";
  #left = 0;
  #trailers: HeadReader;

  /** Makes a decoder; the limits are for the trailers. */
  constructor(limits: HeadLimits = {}) {
    this.#limits = limits;
    this.#trailers = new HeadReader(limits);
  }

  /** See {@linkcode BodyDecoder.complete}. */
  get complete(): boolean {
    return this.#state === "complete";
  }

  /**
   * See {@linkcode BodyDecoder.push}.
   *
   * @throws {DhipError} `DHIP_BAD_HTTP`, `DHIP_HTTP_TOO_LARGE`
   */
  *push(chunk: Uint8Array): Generator<Uint8Array, number, void> {
    let at = 0;
    while (at < chunk.length) {
      switch (this.#state) {
        case "size":
          at = this.#readSize(chunk, at);
          break;
        case "data": {
          const take = Math.min(this.#left, chunk.length - at);
          yield chunk.subarray(at, at + take);
          at += take;
          this.#left -= take;
          if (this.#left === 0) this.#state = "data-end";
          break;
        }
        case "data-end": {
          const byte = chunk[at++]!;
          if (byte === 10) this.#state = "size";
          else if (byte !== 13) throw badHttp("A chunk that is longer than its size");
          break;
        }
        case "trailers":
          at = this.#trailers.push(chunk, at);
          if (this.#trailers.complete) {
            parseHeaderLines(this.#trailers.lines(), this.#limits);
            this.#state = "complete";
          }
          break;
        case "complete":
          return at;
      }
    }
    return at;
  }

  /** See {@linkcode BodyDecoder.end}. */
  end(): void {
    if (this.#state !== "complete") throw truncated("a chunked body");
  }

  #readSize(chunk: Uint8Array, offset: number): number {
    const newline = chunk.indexOf(10, offset);
    const end = newline < 0 ? chunk.length : newline;
    if (this.#line.length + end - offset > MAX_SIZE_LINE) {
      throw tooLarge("A chunk size line", MAX_SIZE_LINE);
    }
    this.#line += fromBytes(chunk.subarray(offset, end));
    if (newline < 0) return end;
    const match = /^[ \t]*([0-9a-f]{1,13})[ \t]*(?:;.*)?\r?$/i.exec(this.#line);
    if (match === null) throw badHttp("A chunk size that is no hexadecimal number");
    this.#line = "";
    this.#left = parseInt(match[1]!, 16);
    this.#state = this.#left === 0 ? "trailers" : "data";
    return newline + 1;
  }
}
