/**
 * The event stream of the web API (`eventManager.cgi?action=attach`): parts of text, each with a
 * heartbeat, one event, several or none.
 *
 * It does not go through the decoder of multipart bodies: that ends a part where Content-Length
 * says, which cameras get wrong, or else at the next boundary, which here comes with the next
 * heartbeat. In this format every line tells by itself what it is and an event is whole at the end
 * of its line or of its data, so it is told at once. Formats observed by rroller/dahua and
 * python-amcrest.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { concat } from "../net/bytes.ts";
import { JsonSpan, opensJson } from "./_json_span.ts";
import type { WireEvent } from "./event.ts";
import type { JsonObject } from "./frame.ts";

/** What comes out of an {@linkcode EventTextDecoder}. */
export type EventTextItem = { readonly event: WireEvent } | "heartbeat";

/** Options of an {@linkcode EventTextDecoder}. */
export interface EventTextLimits {
  /** Longest data of one event in bytes; beyond it `DHIP_HTTP_TOO_LARGE`. Default 1 MiB. */
  readonly maxEvent?: number | undefined;
}

/** Longest line apart from data, in bytes. */
const MAX_LINE = 64 * 1024;
const NEWLINE = 0x0a;
const DASH = 0x2d;
const EMPTY = new Uint8Array(0);
const utf8 = new TextDecoder();
let gbk: TextDecoder | undefined;

/** An event whose data has begun and is not whole yet. */
interface Open {
  readonly head: string;
  readonly span: JsonSpan;
  readonly chunks: Uint8Array[];
  length: number;
}

/** Decodes an event stream, cut anywhere. What it yields does not depend on the cuts. */
export class EventTextDecoder {
  readonly #core: string;
  readonly #limit: number;
  /** The beginning of a line whose end has not come. */
  #held: Uint8Array = EMPTY;
  #open: Open | undefined;
  /** Between a boundary and the empty line behind the headers of its part. */
  #inHead = false;
  /** The rest of this line belongs to an event that was told already. */
  #skipLine = false;
  #atLineStart = true;
  #failed: DhipError | undefined;

  /** Makes a decoder for a boundary as `boundaryOf` gives it, with or without its dashes. */
  constructor(boundary: string, limits: EventTextLimits = {}) {
    this.#core = boundary.replace(/^-+/, "");
    this.#limit = limits.maxEvent ?? 1024 * 1024;
  }

  /**
   * Takes the next bytes.
   *
   * @throws {DhipError} `DHIP_HTTP_TOO_LARGE`; then at every call
   */
  push(chunk: Uint8Array): EventTextItem[] {
    if (this.#failed !== undefined) throw this.#failed;
    const bytes = this.#held.length === 0 ? chunk : concat([this.#held, chunk]);
    this.#held = EMPTY;
    const items: EventTextItem[] = [];
    let at = 0;
    while (at < bytes.length) {
      const next = this.#step(bytes, at, items);
      if (next < 0) {
        if (bytes.length - at > MAX_LINE) this.#fail(MAX_LINE);
        this.#held = bytes.slice(at);
        break;
      }
      this.#atLineStart = bytes[next - 1] === NEWLINE;
      at = next;
    }
    return items;
  }

  /** Says that the stream has ended; an event that was under way is told as far as it came. */
  end(): EventTextItem[] {
    const items = this.#held.length === 0 ? [] : this.push(new Uint8Array([NEWLINE]));
    this.#closePart(items);
    return items;
  }

  /** Reads one line or piece of data from `at` on; the place behind it, or -1 to wait for more. */
  #step(bytes: Uint8Array, at: number, items: EventTextItem[]): number {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline < 0 ? bytes.length : newline;
    if (this.#skipLine) {
      if (newline >= 0) this.#skipLine = false;
      return newline < 0 ? end : newline + 1;
    }
    // A line that begins with a dash may be a boundary, and is judged when it is whole.
    if (this.#atLineStart && bytes[at] === DASH) {
      if (newline < 0) return -1;
      if (this.#isBoundary(bytes, at, end)) {
        this.#closePart(items);
        this.#inHead = true;
        return newline + 1;
      }
    }
    if (this.#open !== undefined) return this.#readData(bytes, at, items);
    if (this.#inHead) {
      if (newline < 0) return -1;
      if (isBlank(bytes, at, end)) this.#inHead = false;
      return newline + 1;
    }
    return this.#readLine(bytes, at, newline, items);
  }

  #readLine(bytes: Uint8Array, at: number, newline: number, items: EventTextItem[]): number {
    const end = newline < 0 ? bytes.length : newline;
    const brace = dataStart(bytes, at, end);
    if (brace >= 0) {
      const head = utf8.decode(bytes.subarray(at, brace));
      if (/^\s*code=/i.test(head)) {
        this.#open = { head, span: new JsonSpan(), chunks: [], length: 0 };
        return brace;
      }
    }
    if (newline < 0) return -1;
    const line = utf8.decode(bytes.subarray(at, end)).trim();
    if (/^heartbeat$/i.test(line)) items.push("heartbeat");
    else if (/^code=/i.test(line)) items.push({ event: eventOf(line, undefined) });
    return newline + 1;
  }

  #readData(bytes: Uint8Array, at: number, items: EventTextItem[]): number {
    const open = this.#open!;
    for (let line = at;;) {
      const newline = bytes.indexOf(NEWLINE, line);
      const stop = newline < 0 ? bytes.length : newline + 1;
      const end = open.span.feed(bytes, line, stop);
      const piece = bytes.subarray(at, end < 0 ? stop : end);
      if (open.length + piece.length > this.#limit) this.#fail(this.#limit);
      if (end >= 0) {
        const data = open.chunks.length === 0 ? piece : concat([...open.chunks, piece]);
        items.push({ event: eventOf(open.head, data) });
        this.#open = undefined;
        this.#skipLine = true;
        return end;
      }
      // What begins with a dash may be a boundary; what comes next time overwrites the bytes.
      if (newline < 0 || bytes[stop] === DASH) {
        open.chunks.push(piece.slice());
        open.length += piece.length;
        return stop;
      }
      line = stop;
    }
  }

  /** A boundary ends what is under way: broken data costs its event nothing but the data. */
  #closePart(items: EventTextItem[]): void {
    const open = this.#open;
    this.#open = undefined;
    if (open !== undefined) items.push({ event: eventOf(open.head, concat(open.chunks)) });
  }

  #isBoundary(bytes: Uint8Array, at: number, end: number): boolean {
    if (bytes[at + 1] !== DASH || end - at > 512) return false;
    const line = utf8.decode(bytes.subarray(at, end)).trimEnd();
    const name = line.replace(/^-+/, "");
    return name === this.#core || name === `${this.#core}--`;
  }

  #fail(limit: number): never {
    this.#failed = new DhipError("DHIP_HTTP_TOO_LARGE", `An event of more than ${limit} bytes`);
    throw this.#failed;
  }
}

/** Where the object or list behind `;data=` begins in this line; -1 when there is none (yet). */
function dataStart(bytes: Uint8Array, at: number, end: number): number {
  for (let equals = bytes.indexOf(0x3d, at); equals >= 0 && equals < end;) {
    const next = bytes[equals + 1];
    if (next !== undefined && equals + 1 < end && opensJson(next)) return equals + 1;
    equals = bytes.indexOf(0x3d, equals + 1);
  }
  return -1;
}

function isBlank(bytes: Uint8Array, at: number, end: number): boolean {
  return end === at || (end === at + 1 && bytes[at] === 0x0d);
}

/** What nearly all devices write. */
const USUAL = /^Code=([^;=\s]+);action=([^;=\s]*);index=(-?\d{1,9})(;data=)?$/;

/** `Code=VideoMotion;action=Start;index=0[;data=`: names in lower case here, and read in any. */
function eventOf(head: string, data: Uint8Array | undefined): WireEvent {
  const usual = USUAL.exec(head);
  if (usual !== null) {
    const [, code, action, number, rest] = usual;
    const index = Number(number);
    const value = data === undefined ? null : dataOf(data);
    const raw: JsonObject = { Code: code, action, index };
    if (rest !== undefined) raw.data = value;
    return { code: code!, action: action!, index, data: value, raw };
  }
  const raw: JsonObject = {};
  const fields = new Map<string, string>();
  for (const pair of head.split(";")) {
    const equals = pair.indexOf("=");
    if (equals < 0) continue;
    const name = pair.slice(0, equals).trim();
    const value = pair.slice(equals + 1).trim();
    fields.set(name.toLowerCase(), value);
    raw[name] = value;
  }
  const number = fields.get("index") ?? "";
  const index = /^-?\d{1,9}$/.test(number) ? Number(number) : null;
  const given = fields.get("data");
  const value = data === undefined ? (given || null) : dataOf(data);
  for (const name of Object.keys(raw)) {
    if (name.toLowerCase() === "index" && index !== null) raw[name] = index;
    if (name.toLowerCase() === "data") raw[name] = value;
  }
  return {
    code: fields.get("code") ?? "",
    action: fields.get("action") ?? "",
    index,
    data: value,
    raw,
  };
}

/** The data as JSON; as text when it is none, so that an event never costs the stream. */
function dataOf(bytes: Uint8Array): unknown {
  const text = utf8.decode(bytes);
  const value = parsed(text);
  if (value !== undefined) return value;
  if (text.includes("\ufffd")) {
    gbk ??= new TextDecoder("gbk");
    const chinese = parsed(gbk.decode(bytes));
    if (chinese !== undefined) return chinese;
  }
  return text.trim();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
