/**
 * Takes an RTSP connection apart: answers, requests of the server, and interleaved packets
 * (RFC 2326 section 10.12).
 *
 * @module
 */

import { DhipError } from "../../errors.ts";
import { type HeadLimits, HeadReader, parseHeaderLines } from "../../http/message_head.ts";
import { parseStatusLine } from "../../http/message_head.ts";
import { concat } from "../../net/bytes.ts";

/** What comes out of an {@linkcode RtspDecoder}. */
export type RtspEvent =
  | {
    readonly kind: "response";
    readonly status: number;
    readonly reason: string;
    /** Values are byte strings. */
    readonly headers: Headers;
    readonly body: Uint8Array;
  }
  | {
    readonly kind: "request";
    readonly method: string;
    readonly headers: Headers;
    readonly body: Uint8Array;
  }
  /** `bytes` is a view that the next `push` may overwrite. */
  | { readonly kind: "packet"; readonly channel: number; readonly bytes: Uint8Array };

/** Bounds of an {@linkcode RtspDecoder}. */
export interface RtspLimits extends HeadLimits {
  /** Longest body of a message in bytes. Default 262 144. */
  readonly maxBody?: number | undefined;
}

const DOLLAR = 0x24;
const CR = 0x0d;
const LF = 0x0a;
const PACKET_HEADER = 4;

type Message = Extract<RtspEvent, { kind: "response" | "request" }>;

/** An incremental decoder. A packet that lies within one chunk is a view of that chunk. */
export class RtspDecoder {
  readonly #limits: RtspLimits;
  /** A packet over several chunks. */
  readonly #packet = new Uint8Array(PACKET_HEADER + 0xffff);
  #packetLength = 0;
  #head: HeadReader | undefined;
  #message: Message | undefined;
  #body: Uint8Array[] = [];
  #missing = 0;
  #started = false;
  #failed: DhipError | undefined;

  /** Makes a decoder for one connection. */
  constructor(limits: RtspLimits = {}) {
    this.#limits = limits;
  }

  /**
   * Takes the next bytes. Consume the generator whole; after an error every call throws it again.
   *
   * @throws {DhipError} `DHIP_WRONG_PROTOCOL`, `DHIP_BAD_HTTP`, `DHIP_HTTP_TOO_LARGE`
   */
  *push(chunk: Uint8Array): Generator<RtspEvent, void, void> {
    if (this.#failed !== undefined) throw this.#failed;
    try {
      for (let at = 0; at < chunk.length;) {
        if (this.#message !== undefined) at = yield* this.#readBody(chunk, at);
        else if (this.#packetLength > 0) at = yield* this.#finishPacket(chunk, at);
        else if (this.#head !== undefined) at = yield* this.#readHead(chunk, at);
        else if (chunk[at] === DOLLAR) at = yield* this.#startPacket(chunk, at);
        // Empty lines between messages do no harm.
        else if (chunk[at] === CR || chunk[at] === LF) at++;
        else this.#head = new HeadReader(this.#limits);
      }
    } catch (error) {
      if (error instanceof DhipError) this.#failed = error;
      throw error;
    }
  }

  *#startPacket(chunk: Uint8Array, at: number): Generator<RtspEvent, number, void> {
    if (chunk.length - at >= PACKET_HEADER) {
      const end = at + PACKET_HEADER + ((chunk[at + 2]! << 8) | chunk[at + 3]!);
      if (end <= chunk.length) {
        const bytes = chunk.subarray(at + PACKET_HEADER, end);
        yield { kind: "packet", channel: chunk[at + 1]!, bytes };
        return end;
      }
    }
    const rest = chunk.subarray(at);
    this.#packet.set(rest);
    this.#packetLength = rest.length;
    return chunk.length;
  }

  *#finishPacket(chunk: Uint8Array, at: number): Generator<RtspEvent, number, void> {
    const take = (wanted: number) => {
      const part = chunk.subarray(at, at + Math.max(0, wanted - this.#packetLength));
      this.#packet.set(part, this.#packetLength);
      this.#packetLength += part.length;
      at += part.length;
    };
    take(PACKET_HEADER);
    if (this.#packetLength < PACKET_HEADER) return at;
    const length = PACKET_HEADER + ((this.#packet[2]! << 8) | this.#packet[3]!);
    take(length);
    if (this.#packetLength < length) return at;
    this.#packetLength = 0;
    const bytes = this.#packet.subarray(PACKET_HEADER, length);
    yield { kind: "packet", channel: this.#packet[1]!, bytes };
    return at;
  }

  *#readHead(chunk: Uint8Array, from: number): Generator<RtspEvent, number, void> {
    const head = this.#head!;
    const at = head.push(chunk, from);
    if (!head.complete) return at;
    this.#head = undefined;
    const [first = "", ...lines] = head.lines();
    const headers = parseHeaderLines(lines, this.#limits);
    const body = new Uint8Array(0);
    const request = /^([A-Z_]+) \S+ RTSP\/1\.\d$/.exec(first);
    if (request === null && !this.#started && !first.startsWith("RTSP/")) throw notRtsp(first);
    this.#started = true;
    const message: Message = request !== null
      ? { kind: "request", method: request[1]!, headers, body }
      : { kind: "response", ...parseStatusLine(first, "RTSP"), headers, body };
    const length = this.#lengthOf(headers);
    if (length === 0) yield message;
    else {
      this.#message = message;
      this.#missing = length;
    }
    return at;
  }

  *#readBody(chunk: Uint8Array, from: number): Generator<RtspEvent, number, void> {
    const part = chunk.slice(from, from + this.#missing);
    this.#body.push(part);
    this.#missing -= part.length;
    if (this.#missing === 0) {
      const message = { ...this.#message!, body: concat(this.#body) };
      this.#message = undefined;
      this.#body = [];
      yield message;
    }
    return from + part.length;
  }

  #lengthOf(headers: Headers): number {
    const text = headers.get("content-length")?.trim() ?? "0";
    const { maxBody = 262_144 } = this.#limits;
    if (!/^\d{1,15}$/.test(text)) {
      throw new DhipError(
        "DHIP_BAD_HTTP",
        "An RTSP message with a Content-Length that is no number",
      );
    }
    if (Number(text) > maxBody) {
      throw new DhipError("DHIP_HTTP_TOO_LARGE", `An RTSP body of more than ${maxBody} bytes`);
    }
    return Number(text);
  }
}

function notRtsp(first: string): DhipError {
  const what = first.startsWith("HTTP/") ? "HTTP" : "something that is not RTSP";
  return new DhipError("DHIP_WRONG_PROTOCOL", `The port speaks ${what}`, {
    hint: "Check the RTSP port, usually 554: --rtsp-port.",
  });
}
