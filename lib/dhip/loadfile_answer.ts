/**
 * What devices answer to `RPC_Loadfile`: the bytes of the file, a multipart body around them, JSON
 * with Base64, or a refusal as JSON, text or a web page. Told apart before the first byte is passed
 * on, and cut anywhere. The forms are those that DahuaBridge describes.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { boundaryOf, MultipartDecoder, type MultipartEvent } from "../http/multipart.ts";
import { fromBytes } from "../http/byte_string.ts";
import { HeadReader, parseHeaderLines, parseStatusLine } from "../http/message_head.ts";
import { concat } from "../net/bytes.ts";
import { parseBody } from "./_body.ts";
import { JsonSpan } from "./_json_span.ts";
import {
  Base64,
  type Events,
  type LoadfileHead,
  type LoadfileLimits,
  Raw,
  type Reader,
  Refused,
} from "./_loadfile_readers.ts";
import { emptyAnswer, isWebPage, LOADFILE, requireSuccess } from "./_loadfile_refusal.ts";
import type { JsonObject } from "./frame.ts";

export type {
  LoadfileEvent,
  LoadfileForm,
  LoadfileHead,
  LoadfileLimits,
} from "./_loadfile_readers.ts";

/** Bytes that are looked at before the form is decided. */
const SNIFF = 64;
/** Longest first line of a multipart body without a header that names its boundary. */
const SNIFF_LINE = 256;
const EMPTY = new Uint8Array(0);

/** Finds the file in an answer. What it yields does not depend on the cuts. */
export class LoadfileDecoder {
  readonly #reader: Reader;

  /** Makes a decoder for the body behind a head. */
  constructor(head: LoadfileHead, limits: LoadfileLimits = {}) {
    this.#reader = readerOf(head, "", limits);
  }

  /**
   * Takes the next bytes. Consume the generator whole.
   *
   * @throws {DhipError} the device's refusal: `DHIP_NO_PERMISSION`, `DHIP_DEVICE_REFUSED`,
   *   `DHIP_NOT_SUPPORTED`, `DHIP_BAD_PARAMS`, `DHIP_DEVICE_BUSY`, `DHIP_HTTP_STATUS` and those of
   *   `unwrap`; `DHIP_BAD_REPLY`, `DHIP_BAD_HTTP`, `DHIP_HTTP_TOO_LARGE`
   */
  push(chunk: Uint8Array): Events {
    return this.#reader.push(chunk);
  }

  /**
   * Says that the body has ended.
   *
   * @throws {DhipError} as {@linkcode push}; `DHIP_INCOMPLETE`, `DHIP_CONNECTION_LOST` when the
   *   file is not whole
   */
  end(): Events {
    return this.#reader.end();
  }
}

type Around = "" | "multipart" | "json+multipart";

function readerOf(head: LoadfileHead, around: Around, limits: LoadfileLimits): Reader {
  if (head.status < 200 || head.status > 299) return new Refused(head.status, limits);
  const boundary = boundaryOf(head.headers.get("content-type"));
  if (boundary !== undefined && around === "") return new Parts(boundary, "multipart", limits);
  return new Sniffer(head.headers, around, limits);
}

/** Looks at the first bytes. */
class Sniffer implements Reader {
  readonly #headers: Headers;
  readonly #around: Around;
  readonly #limits: LoadfileLimits;
  #held = EMPTY;
  #chosen: Reader | undefined;

  constructor(headers: Headers, around: Around, limits: LoadfileLimits) {
    this.#headers = headers;
    this.#around = around;
    this.#limits = limits;
  }

  *push(bytes: Uint8Array): Events {
    if (this.#chosen !== undefined) return yield* this.#chosen.push(bytes);
    this.#held = this.#held.length === 0
      ? bytes.slice()
      : new Uint8Array(concat([this.#held, bytes]));
    if (isDecided(this.#held)) yield* this.#begin().push(this.#release());
  }

  *end(): Events {
    if (this.#chosen === undefined) {
      if (this.#held.length === 0) throw emptyAnswer(this.#limits.host);
      yield* this.#begin().push(this.#release());
    }
    yield* this.#chosen!.end();
  }

  #release(): Uint8Array {
    const held = this.#held;
    this.#held = EMPTY;
    return held;
  }

  #begin(): Reader {
    return this.#chosen = this.#choose(textIn(this.#held));
  }

  #choose(start: string): Reader {
    const limits = this.#limits;
    const length = lengthOf(this.#headers);
    const contentType = this.#headers.get("content-type");
    const coding = this.#headers.get("content-transfer-encoding")?.trim().toLowerCase();
    const raw = () =>
      new Raw({ form: this.#around || "raw", contentType, length, host: limits.host });
    const base64 = () =>
      new Base64({
        form: this.#around === "" ? "base64" : `${this.#around}+base64`,
        contentType: isPlain(contentType) ? null : contentType,
        host: limits.host,
      });
    if (coding === "base64") return base64();
    const text = start.trimStart();
    if (text.startsWith("{")) return new Json(this.#around, limits);
    if (isWebPage(text) || /^error\b/i.test(text)) return new Refused(200, limits);
    const boundary = /^--([^\r\n]{1,200})\r?\n(?:content-|\r?\n)/i.exec(text)?.[1];
    if (boundary !== undefined && this.#around === "") {
      return new Parts(boundary, "multipart", limits);
    }
    return isBase64(text) ? base64() : raw();
  }
}

/** JSON: a refusal, a file inside as Base64, or a status with a multipart body behind it. */
class Json implements Reader {
  readonly #around: Around;
  readonly #limits: LoadfileLimits;
  readonly #span = new JsonSpan();
  #parts: Uint8Array[] | undefined = [];
  #length = 0;
  #behind: Reader | undefined;
  #found = false;

  constructor(around: Around, limits: LoadfileLimits) {
    this.#around = around;
    this.#limits = limits;
  }

  *push(bytes: Uint8Array): Events {
    if (this.#behind !== undefined) return yield* this.#behind.push(bytes);
    if (this.#parts === undefined) return yield* this.#pass(bytes);
    const end = this.#span.feed(bytes, 0);
    const own = end < 0 ? bytes : bytes.subarray(0, end);
    this.#length += own.length;
    const { maxJson = 32 * 1024 * 1024 } = this.#limits;
    if (this.#length > maxJson) throw jsonTooLarge(maxJson, this.#limits.host);
    this.#parts.push(own.slice());
    if (this.#parts.length >= 64) this.#parts = [new Uint8Array(concat(this.#parts))];
    if (end < 0) return;
    const json = concat(this.#parts);
    this.#parts = undefined;
    yield* this.#read(json);
    yield* this.#pass(bytes.subarray(end));
  }

  *end(): Events {
    if (this.#behind !== undefined) return yield* this.#behind.end();
    if (this.#parts !== undefined) {
      throw new DhipError("DHIP_INCOMPLETE", "The JSON of an answer is not whole", {
        host: this.#limits.host,
        method: LOADFILE,
      });
    }
    if (!this.#found) throw emptyAnswer(this.#limits.host);
  }

  *#read(bytes: Uint8Array): Events {
    const { host } = this.#limits;
    const { json, error } = parseBody(bytes);
    if (json === null) throw error ?? emptyAnswer(host);
    requireSuccess(json, host);
    const file = fileIn(json);
    if (file === undefined) return yield { kind: "status", json };
    this.#found = true;
    const form = this.#around === "" ? "json+base64" : `${this.#around}+base64` as const;
    const reader = new Base64({ form, contentType: file.contentType, host });
    yield* reader.push(new TextEncoder().encode(file.text));
    yield* reader.end();
  }

  /** What stands behind the JSON. */
  *#pass(bytes: Uint8Array): Events {
    if (this.#found || this.#around !== "") return;
    const start = bytes.findIndex((byte) => byte > 0x20);
    if (start < 0) return;
    this.#behind = new Behind(this.#limits);
    yield* this.#behind.push(bytes.subarray(start));
  }
}

/** What follows a status in JSON: a multipart body whose boundary is its first line. */
class Behind implements Reader {
  readonly #limits: LoadfileLimits;
  #held = EMPTY;
  #parts: Parts | undefined;

  constructor(limits: LoadfileLimits) {
    this.#limits = limits;
  }

  *push(bytes: Uint8Array): Events {
    if (this.#parts !== undefined) return yield* this.#parts.push(bytes);
    this.#held = new Uint8Array(concat([this.#held, bytes]));
    const end = this.#held.indexOf(10);
    if (end < 0 && this.#held.length < SNIFF_LINE) return;
    const line = fromBytes(this.#held.subarray(0, Math.max(0, end)));
    const boundary = /^--([^\r]{1,200})\r?$/.exec(line)?.[1];
    if (boundary === undefined) {
      throw new DhipError("DHIP_BAD_REPLY", "Something unknown follows the JSON of an answer", {
        host: this.#limits.host,
        method: LOADFILE,
      });
    }
    this.#parts = new Parts(boundary, "json+multipart", this.#limits);
    yield* this.#parts.push(this.#held);
    this.#held = EMPTY;
  }

  *end(): Events {
    if (this.#parts === undefined) throw emptyAnswer(this.#limits.host);
    yield* this.#parts.end();
  }
}

/** A multipart body: statuses in JSON, and one part with the file. */
class Parts implements Reader {
  readonly #decoder: MultipartDecoder;
  readonly #around: "multipart" | "json+multipart";
  readonly #limits: LoadfileLimits;
  #part: Reader | undefined;
  #found = false;

  constructor(boundary: string, around: "multipart" | "json+multipart", limits: LoadfileLimits) {
    this.#decoder = new MultipartDecoder(boundary, { maxPart: Infinity, trustLength: true });
    this.#around = around;
    this.#limits = limits;
  }

  *push(bytes: Uint8Array): Events {
    for (const event of this.#decoder.push(bytes)) yield* this.#take(event);
  }

  *end(): Events {
    for (const event of this.#decoder.end()) yield* this.#take(event);
    if (!this.#found) throw emptyAnswer(this.#limits.host);
  }

  *#take(event: MultipartEvent): Events {
    if (event.kind === "part") {
      this.#part = this.#found ? undefined : this.#readerOf(event.headers);
      return;
    }
    if (this.#part === undefined) return; // behind the file
    for (const given of event.kind === "data" ? this.#part.push(event.bytes) : this.#part.end()) {
      if (given.kind === "begin") this.#found = true;
      yield given;
    }
  }

  #readerOf(headers: Headers): Reader {
    const type = headers.get("content-type") ?? "";
    if (/^\s*application\/http\b/i.test(type)) return new Enclosed(this.#around, this.#limits);
    if (/^\s*(?:application|text)\/json\b/i.test(type)) {
      return new Status(this.#around, this.#limits);
    }
    return readerOf({ status: 200, headers }, this.#around, this.#limits);
  }
}

/** A part that is JSON; unlike an answer, it need not hold the file. */
class Status extends Json {
  override *end(): Events {
    try {
      yield* super.end();
    } catch (error) {
      if (!(error instanceof DhipError) || error.code !== "DHIP_INCOMPLETE") throw error;
    }
  }
}

/** A part that is an answer of its own: a status line, which may be missing, headers, a body. */
class Enclosed implements Reader {
  readonly #around: Around;
  readonly #limits: LoadfileLimits;
  readonly #head = new HeadReader();
  #body: Reader | undefined;

  constructor(around: Around, limits: LoadfileLimits) {
    this.#around = around;
    this.#limits = limits;
  }

  *push(bytes: Uint8Array): Events {
    let at = 0;
    if (this.#body === undefined) {
      at = this.#head.push(bytes);
      if (!this.#head.complete) return;
      const lines = this.#head.lines();
      const hasStatus = lines[0]?.startsWith("HTTP/") ?? false;
      const status = hasStatus ? parseStatusLine(lines[0]!).status : 200;
      const headers = parseHeaderLines(hasStatus ? lines.slice(1) : lines);
      this.#body = readerOf({ status, headers }, this.#around, this.#limits);
    }
    if (at < bytes.length) yield* this.#body.push(bytes.subarray(at));
  }

  *end(): Events {
    if (this.#body === undefined) throw emptyAnswer(this.#limits.host);
    yield* this.#body.end();
  }
}

function lengthOf(headers: Headers): number | null {
  const text = headers.get("content-length")?.trim() ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** The file that JSON holds. */
function fileIn(json: JsonObject): { text: string; contentType: string | null } | undefined {
  for (const place of [json.params, json]) {
    const { body, data, contentType } = (place ?? {}) as JsonObject;
    const text = [body, data].find((value) => typeof value === "string" && value !== "");
    if (typeof text !== "string") continue;
    return { text, contentType: typeof contentType === "string" ? contentType : null };
  }
  return undefined;
}

/** The text that the answer begins with, up to the first byte that is none. */
function textIn(bytes: Uint8Array): string {
  const start = bytes.subarray(0, SNIFF_LINE);
  const end = start.findIndex(isBinary);
  return fromBytes(end < 0 ? start : start.subarray(0, end));
}

/** True when more bytes would change nothing. */
function isDecided(bytes: Uint8Array): boolean {
  return bytes.length >= (bytes[0] === 0x2d ? SNIFF_LINE : SNIFF) || bytes.some(isBinary);
}

function isBinary(byte: number): boolean {
  return byte < 0x20 ? byte < 0x09 || byte > 0x0d : byte >= 0x7f;
}

/** Only what becomes a file of a known kind: any text could be Base64. */
function isBase64(text: string): boolean {
  const letters = text.slice(0, SNIFF).replace(/\s+/g, "");
  if (letters.length < 8 || !/^[A-Za-z0-9+/]+=*$/.test(letters)) return false;
  // DHAV, DAHUA, JPEG, and the first box of MP4
  return /^(?:REhBV|REFIV|\/9j\/|AAAA.[GWm2]Z0eX)/.test(letters);
}

function isPlain(contentType: string | null): boolean {
  return /^\s*text\/plain\b/i.test(contentType ?? "");
}

function jsonTooLarge(limit: number, host: string | undefined): DhipError {
  return new DhipError(
    "DHIP_HTTP_TOO_LARGE",
    `The JSON of an answer is above the limit of ${limit} bytes`,
    { host, method: LOADFILE },
  );
}
