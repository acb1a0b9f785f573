/**
 * Pushes over HTTP: `SubscribeNotify.cgi` answers with an endless page in which every push is a
 * script, `<script>var json={…};receiveMessage(json);</script>`. Observed by DahuaConsole.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { concat } from "../net/bytes.ts";
import { parseBody } from "./_body.ts";
import { JsonSpan } from "./_json_span.ts";
import type { JsonObject } from "./frame.ts";

/** What stands before every object; spaces in between do not matter. */
const MARK = new TextEncoder().encode("json={");
const FIRST = MARK[0]!;

/** Options of a {@linkcode NotifyScriptDecoder}. */
export interface NotifyScriptLimits {
  /** Longest object in bytes; beyond it `DHIP_HTTP_TOO_LARGE`. Default 16 MiB. */
  readonly maxMessage?: number | undefined;
}

/** Decodes the page, cut anywhere. What is no JSON after all costs only itself. */
export class NotifyScriptDecoder {
  readonly #limit: number;
  /** Bytes of the mark that have matched. */
  #matched = 0;
  #span: JsonSpan | undefined;
  #chunks: Uint8Array[] = [];
  #length = 0;
  #failed: DhipError | undefined;

  /** Makes a decoder. */
  constructor(limits: NotifyScriptLimits = {}) {
    this.#limit = limits.maxMessage ?? 16 * 1024 * 1024;
  }

  /**
   * Takes the next bytes.
   *
   * @throws {DhipError} `DHIP_HTTP_TOO_LARGE`; then at every call
   */
  push(chunk: Uint8Array): JsonObject[] {
    if (this.#failed !== undefined) throw this.#failed;
    const found: JsonObject[] = [];
    for (let at = 0; at < chunk.length;) {
      at = this.#span === undefined ? this.#seek(chunk, at) : this.#read(chunk, at, found);
    }
    return found;
  }

  /** Looks for the mark; returns the place of the object's first brace, or the end. */
  #seek(chunk: Uint8Array, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      if (this.#matched === 0) {
        at = chunk.indexOf(FIRST, at);
        if (at < 0) return chunk.length;
      }
      const byte = chunk[at]!;
      if (byte === MARK[this.#matched]) this.#matched++;
      else if (!(this.#matched >= 4 && isSpace(byte))) this.#matched = byte === FIRST ? 1 : 0;
      if (this.#matched < MARK.length) continue;
      this.#matched = 0;
      this.#span = new JsonSpan();
      this.#length = 0;
      return at;
    }
    return chunk.length;
  }

  #read(chunk: Uint8Array, from: number, found: JsonObject[]): number {
    const end = this.#span!.feed(chunk, from);
    const piece = chunk.slice(from, end < 0 ? chunk.length : end);
    this.#length += piece.length;
    if (this.#length > this.#limit) {
      this.#failed = new DhipError(
        "DHIP_HTTP_TOO_LARGE",
        `A push of more than ${this.#limit} bytes`,
      );
      throw this.#failed;
    }
    this.#chunks.push(piece);
    if (end < 0) return chunk.length;
    const { json } = parseBody(concat(this.#chunks.splice(0)));
    if (json !== null) found.push(json);
    this.#span = undefined;
    return end;
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
