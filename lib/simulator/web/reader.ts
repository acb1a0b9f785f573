/**
 * Reads requests from a connection, within bounds: HTTP/1.0 and 1.1, lengths and chunks.
 *
 * @module
 */

import { concat } from "../../net/bytes.ts";
import type { ByteStream } from "../../net/stream.ts";
import { parseHead, parseRequestLine, type RequestHead, type RequestLine } from "./head.ts";
import { type HttpRequest, UnreadableRequest } from "./message.ts";

/** Longest request line with all fields, in bytes. */
const MOST_HEAD = 32_768;

/** Longest line of a chunked body: a size, or a trailer field. */
const MOST_LINE = 8192;

const NEWLINE = 0x0a;

/** Requests of one connection, one after the other. */
export class RequestReader {
  readonly #stream: ByteStream;
  readonly #mostBody: number;
  readonly #onContinue: () => Promise<void>;
  readonly #chunk = new Uint8Array(65_536);
  #bytes: Uint8Array = new Uint8Array(0);
  #offset = 0;

  /** `onContinue` is called when a client waits for leave to send its body. */
  constructor(stream: ByteStream, mostBody: number, onContinue: () => Promise<void>) {
    this.#stream = stream;
    this.#mostBody = mostBody;
    this.#onContinue = onContinue;
  }

  /**
   * The next request; undefined at the end of the connection.
   *
   * @throws {UnreadableRequest} when the bytes are no request or one beyond the bounds
   */
  async next(): Promise<HttpRequest | undefined> {
    let first: RequestLine | undefined;
    const lines: Uint8Array[] = [];
    for (let size = 0;;) {
      const line = await this.#line(MOST_HEAD - size, 431);
      if (line === undefined) return undefined;
      size += line.length + 2;
      // The first line is judged at once: another protocol may never send an empty one.
      if (first === undefined) first = line.length > 0 ? parseRequestLine(line) : undefined;
      else if (line.length > 0) lines.push(line);
      else break;
    }
    const head = parseHead(first, lines);
    if (head.expectsContinue && this.#offset === this.#bytes.length) await this.#onContinue();
    const body = head.chunked ? await this.#chunked() : await this.#sized(head);
    if (body === undefined) return undefined;
    return { ...head, body };
  }

  /** Reads and forgets what comes, until the client has closed or sent more than `most` bytes. */
  async drain(most: number): Promise<void> {
    for (let size = 0; size <= most;) {
      const length = await this.#stream.read(this.#chunk);
      if (length === null) return;
      size += length;
    }
  }

  async #sized({ length }: RequestHead): Promise<Uint8Array | undefined> {
    if (length > this.#mostBody) throw new UnreadableRequest(413, "Body too long");
    return await this.#take(length);
  }

  async #chunked(): Promise<Uint8Array | undefined> {
    const parts: Uint8Array[] = [];
    let size = 0;
    for (;;) {
      const line = await this.#line(MOST_LINE, 400);
      if (line === undefined) return undefined;
      const match = /^([0-9a-f]{1,8})[ \t]*(;.*)?$/i.exec(new TextDecoder().decode(line));
      if (match === null) throw new UnreadableRequest(400, "Bad chunk size");
      const length = parseInt(match[1]!, 16);
      if (length === 0) break;
      size += length;
      if (size > this.#mostBody) throw new UnreadableRequest(413, "Body too long");
      const part = await this.#take(length);
      const end = part && await this.#line(0, 400);
      if (part === undefined || end === undefined) return undefined;
      parts.push(part);
    }
    for (let trailer = 0; trailer < 64; trailer++) {
      const line = await this.#line(MOST_LINE, 400);
      if (line === undefined) return undefined;
      if (line.length === 0) return concat(parts);
    }
    throw new UnreadableRequest(400, "Too many trailers");
  }

  /** Bytes up to a newline, which is taken away; undefined when the connection ends before. */
  async #line(most: number, status: number): Promise<Uint8Array | undefined> {
    for (let from = this.#offset;;) {
      const end = this.#bytes.indexOf(NEWLINE, from);
      const length = (end < 0 ? this.#bytes.length : end) - this.#offset;
      if (length > most + 1) throw new UnreadableRequest(status, "Line too long");
      if (end >= 0) {
        const line = this.#bytes.slice(this.#offset, end);
        this.#offset = end + 1;
        return line.at(-1) === 0x0d ? line.subarray(0, -1) : line;
      }
      if (!await this.#more()) return undefined;
      from = this.#offset + length;
    }
  }

  async #take(length: number): Promise<Uint8Array | undefined> {
    const parts: Uint8Array[] = [];
    for (let missing = length; missing > 0;) {
      if (this.#offset === this.#bytes.length && !await this.#more()) return undefined;
      const part = this.#bytes.slice(this.#offset, this.#offset + missing);
      this.#offset += part.length;
      missing -= part.length;
      parts.push(part);
    }
    return concat(parts);
  }

  /** Gets more bytes behind those that wait; false at the end of the connection. */
  async #more(): Promise<boolean> {
    const length = await this.#stream.read(this.#chunk);
    if (length === null) return false;
    const left = this.#bytes.subarray(this.#offset);
    const fresh = this.#chunk.slice(0, length);
    this.#bytes = left.length === 0 ? fresh : concat([left, fresh]);
    this.#offset = 0;
    return true;
  }
}
