/**
 * Turns the bytes of a connection into one HTTP answer. RFC 9112 section 6.3.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { badHttp } from "./_errors.ts";
import {
  type BodyDecoder,
  ChunkedBody,
  LengthBody,
  truncated,
  UntilCloseBody,
} from "./body_decoder.ts";
import { fromBytes, toBytes } from "./byte_string.ts";
import {
  type HeadLimits,
  HeadReader,
  parseHeaderLines,
  parseStatusLine,
  type StatusLine,
} from "./message_head.ts";

/** Status line and headers of an answer. */
export interface ResponseHead extends StatusLine {
  /** Headers; values are byte strings. */
  readonly headers: Headers;
}

/** What comes out of a {@linkcode ResponseDecoder}. */
export type ResponseEvent =
  | { readonly kind: "head"; readonly head: ResponseHead }
  /** A view of the chunk that was pushed. */
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  | { readonly kind: "end" };

/** Bytes at the start of an answer that tell HTTP from other protocols. */
const START = 5;
/** Interim answers (100, 103) before the real one; more are nonsense. */
const MAX_INTERIM = 8;

/** Decodes one answer, cut anywhere. */
export class ResponseDecoder {
  readonly #method: string;
  readonly #limits: HeadLimits;
  #reader: HeadReader;
  #body: BodyDecoder | undefined;
  #start = "";
  #interim = 0;
  #ended = false;
  #persistent = false;
  #failed: DhipError | undefined;

  /** Makes a decoder for the answer to a request with this method. */
  constructor(method: string, limits: HeadLimits = {}) {
    this.#method = method;
    this.#limits = limits;
    this.#reader = new HeadReader(limits);
  }

  /** True when the whole answer was decoded. */
  get complete(): boolean {
    return this.#ended;
  }

  /** True when the answer is whole and the connection may carry another request. */
  get reusable(): boolean {
    return this.#ended && this.#persistent;
  }

  /**
   * Takes the next bytes. Consume the generator whole; after an error every call throws it again.
   *
   * @throws {DhipError} `DHIP_WRONG_PROTOCOL`, `DHIP_BAD_HTTP`, `DHIP_HTTP_TOO_LARGE`
   */
  *push(chunk: Uint8Array): Generator<ResponseEvent, void, void> {
    if (this.#failed !== undefined) throw this.#failed;
    try {
      let at = 0;
      while (this.#body === undefined && at < chunk.length) {
        at = this.#readHead(chunk, at);
        if (!this.#reader.complete) continue;
        const head = this.#parseHead();
        if (head !== undefined) yield { kind: "head", head };
      }
      if (this.#body === undefined) return;
      if (!this.#body.complete) {
        const body = this.#body.push(at === 0 ? chunk : chunk.subarray(at));
        for (let step = body.next();; step = body.next()) {
          if (step.done) {
            at += step.value;
            break;
          }
          yield { kind: "data", bytes: step.value };
        }
      }
      // Bytes nobody asked for: whatever they are, they are no answer to the next request.
      if (at < chunk.length) this.#persistent = false;
      yield* this.#finish();
    } catch (error) {
      if (error instanceof DhipError) this.#failed = error;
      throw error;
    }
  }

  /**
   * Says that the connection has ended; yields the end of a body that ends with it.
   *
   * @throws {DhipError} `DHIP_CONNECTION_LOST` when the answer is not whole
   */
  *end(): Generator<ResponseEvent, void, void> {
    this.#persistent = false;
    if (this.#failed !== undefined || this.#ended) return;
    if (this.#body === undefined) throw truncated("an answer");
    this.#body.end();
    yield* this.#finish();
  }

  *#finish(): Generator<ResponseEvent, void, void> {
    if (this.#ended || this.#body?.complete !== true) return;
    this.#ended = true;
    yield { kind: "end" };
  }

  #readHead(chunk: Uint8Array, offset: number): number {
    let at = offset;
    // Empty lines before an answer are the slip of a server after the answer before.
    while (this.#start === "" && (chunk[at] === 13 || chunk[at] === 10)) {
      if (++this.#interim > MAX_INTERIM) throw badHttp("Empty lines instead of an answer");
      at++;
    }
    if (this.#start.length < START) {
      const bytes = chunk.subarray(at, at + START - this.#start.length);
      at += bytes.length;
      this.#start += fromBytes(bytes);
      if (this.#start.length < START) return at;
      judgeStart(this.#start);
      this.#reader.push(toBytes(this.#start));
    }
    return this.#reader.push(chunk, at);
  }

  /** Undefined for an interim answer. */
  #parseHead(): ResponseHead | undefined {
    const [first = "", ...lines] = this.#reader.lines();
    const line = parseStatusLine(first);
    const head = { ...line, headers: parseHeaderLines(lines, this.#limits) };
    if (line.status < 200) {
      if (line.status === 101) throw badHttp("An unasked change of protocol (101)");
      if (++this.#interim > MAX_INTERIM) throw badHttp("Too many interim answers");
      this.#reader = new HeadReader(this.#limits);
      this.#start = "";
      return undefined;
    }
    this.#body = this.#chooseBody(head);
    return head;
  }

  #chooseBody({ version, status, headers }: ResponseHead): BodyDecoder {
    const connection = (headers.get("connection") ?? "").toLowerCase();
    const persistent = version === "1.1"
      ? !/\bclose\b/.test(connection)
      : /\bkeep-alive\b/.test(connection);
    const coding = headers.get("transfer-encoding")?.toLowerCase().trim();
    const length = contentLength(headers.get("content-length"));
    this.#persistent = persistent;
    if (this.#method === "HEAD" || status === 204 || status === 304) return new LengthBody(0);
    if (coding !== undefined && coding !== "" && coding !== "identity") {
      if (coding !== "chunked") throw badHttp("A transfer coding other than chunked");
      // With both, the coding counts and the connection is not to be trusted further.
      if (length !== undefined) this.#persistent = false;
      return new ChunkedBody(this.#limits);
    }
    if (length !== undefined) return new LengthBody(length);
    this.#persistent = false;
    return new UntilCloseBody();
  }
}

/** Judges a foreign protocol by its first bytes: its answer may never hold a line end. */
function judgeStart(start: string): void {
  if (start.startsWith("HTTP/")) return;
  const [what, hint] = start.startsWith("\x15\x03")
    ? ["This port wants TLS", "Use https, or name the device's HTTP port."]
    : start.startsWith(" \0\0\0D")
    ? ["This port speaks DHIP", "HTTP is usually on port 80."]
    : ["This port does not speak HTTP", "HTTP is usually on port 80."];
  throw new DhipError("DHIP_WRONG_PROTOCOL", what, { hint });
}

function contentLength(value: string | null): number | undefined {
  if (value === null) return undefined;
  // Repeated equal lengths are one length, RFC 9110 section 8.6.
  const lengths = new Set(value.split(",").map((text) => text.trim()));
  const [text = ""] = lengths;
  const length = Number(text);
  if (lengths.size !== 1 || !/^\d+$/.test(text) || !Number.isSafeInteger(length)) {
    throw badHttp("A Content-Length that is no number");
  }
  return length;
}
