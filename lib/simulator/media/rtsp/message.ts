/**
 * Requests and answers of RTSP 1.0 (RFC 2326) as values, and how they are read and written.
 *
 * @module
 */

import { concat } from "../../../net/bytes.ts";
import type { ByteStream } from "../../../net/stream.ts";

/** Most bytes of a request without its body, and of the body. */
const MOST_HEAD = 16_384;
const MOST_BODY = 65_536;

/** A request. */
export interface RtspRequest {
  /** Method, as sent. */
  readonly method: string;
  /** The address exactly as sent: Digest covers it. */
  readonly uri: string;
  /** Fields by lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
}

/** An answer. */
export interface RtspAnswer {
  /** Status code. */
  readonly status: number;
  /** Fields beside CSeq and Server. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** Body. */
  readonly body?: string;
  /** Runs when the answer is on its way. */
  readonly afterwards?: () => void;
}

/** What a client sends: a request, or binary data in between (section 10.12). */
export type RtspInput =
  | { readonly request: RtspRequest; readonly channel?: never }
  | { readonly request?: never; readonly channel: number; readonly data: Uint8Array };

/** Something that is neither. */
export class UnreadableRtsp extends Error {}

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Stream Not Found",
  405: "Method Not Allowed",
  453: "Not Enough Bandwidth",
  454: "Session Not Found",
  455: "Method Not Valid In This State",
  457: "Invalid Range",
  461: "Unsupported Transport",
  501: "Not Implemented",
  503: "Service Unavailable",
  505: "RTSP Version Not Supported",
  551: "Option not supported",
};

/** An answer as bytes; `sequence` is the request's CSeq. */
export function encodeAnswer(answer: RtspAnswer, sequence: string): Uint8Array {
  const { status, headers = [], body = "" } = answer;
  const fields = [
    `RTSP/1.0 ${status} ${REASONS[status] ?? "Unknown"}`,
    `CSeq: ${sequence}`,
    "Server: Rtsp Server/3.0",
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  const bytes = new TextEncoder().encode(body);
  if (bytes.length > 0) fields.push(`Content-Length: ${bytes.length}`);
  return concat([new TextEncoder().encode(`${fields.join("\r\n")}\r\n\r\n`), bytes]);
}

/** Reads what a client sends. */
export class RtspReader {
  readonly #stream: ByteStream;
  readonly #chunk = new Uint8Array(16_384);
  #bytes: Uint8Array = new Uint8Array(0);

  /** Reads from the stream only when asked. */
  constructor(stream: ByteStream) {
    this.#stream = stream;
  }

  /**
   * The next request or data; undefined at the end of the connection.
   *
   * @throws {UnreadableRtsp} when it is neither
   */
  async next(): Promise<RtspInput | undefined> {
    // Empty lines between requests are allowed.
    do {
      while (this.#bytes[0] === 0x0d || this.#bytes[0] === 0x0a) this.#take(1);
    } while (this.#bytes.length === 0 && await this.#more());
    if (this.#bytes.length === 0) return undefined;
    if (this.#bytes[0] === 0x24) { // $
      if (!await this.#fill(4)) return undefined;
      const length = this.#bytes[2]! << 8 | this.#bytes[3]!;
      const channel = this.#bytes[1]!;
      if (!await this.#fill(4 + length)) return undefined;
      return { channel, data: this.#take(4 + length).slice(4) };
    }
    for (;;) {
      const end = endOfHead(this.#bytes);
      if (end > MOST_HEAD || (end < 0 && this.#bytes.length > MOST_HEAD)) {
        throw new UnreadableRtsp("The request is too long");
      }
      if (end >= 0) return { request: await this.#request(end) };
      if (!await this.#more()) return undefined;
    }
  }

  async #request(end: number): Promise<RtspRequest> {
    const [first = "", ...lines] = new TextDecoder().decode(this.#take(end)).trimEnd()
      .split(/\r?\n/);
    const [, method, uri] = /^([A-Z_]{1,32}) (\S+) RTSP\/1\.0$/.exec(first) ?? [];
    if (method === undefined || uri === undefined) throw new UnreadableRtsp("No request line");
    const headers = new Map<string, string>();
    for (const line of lines) {
      const colon = line.indexOf(":");
      if (colon < 1) throw new UnreadableRtsp("A field without a colon");
      headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
    }
    const length = Number(headers.get("content-length") ?? 0);
    if (!Number.isInteger(length) || length < 0 || length > MOST_BODY) {
      throw new UnreadableRtsp("The body is too long");
    }
    if (!await this.#fill(length)) throw new UnreadableRtsp("The body ends early");
    this.#take(length); // no request has one that a camera heeds
    return { method, uri, headers };
  }

  #take(length: number): Uint8Array {
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }

  async #fill(length: number): Promise<boolean> {
    while (this.#bytes.length < length) if (!await this.#more()) return false;
    return true;
  }

  async #more(): Promise<boolean> {
    const length = await this.#stream.read(this.#chunk);
    if (length === null) return false;
    this.#bytes = concat([this.#bytes, this.#chunk.slice(0, length)]);
    return true;
  }
}

/** Where the empty line behind the fields ends; -1 when it has not come yet. */
function endOfHead(bytes: Uint8Array): number {
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== 0x0a) continue;
    if (bytes[i + 1] === 0x0a) return i + 2;
    if (bytes[i + 1] === 0x0d && bytes[i + 2] === 0x0a) return i + 3;
  }
  return -1;
}
