/** The ends of the way through an answer: a file as it is, one as Base64, and a refusal. */

import { DhipError } from "../errors.ts";
import { concat } from "../net/bytes.ts";
import { Base64Bytes } from "./_base64_bytes.ts";
import { LOADFILE, loadfileRefusal } from "./_loadfile_refusal.ts";
import type { JsonObject } from "./frame.ts";

/** How a file came. */
export type LoadfileForm =
  | "raw"
  | "base64"
  | "json+base64"
  | "multipart"
  | "multipart+base64"
  | "json+multipart"
  | "json+multipart+base64";

/** What comes out of a {@linkcode LoadfileDecoder}. `begin` stands before the first `data`. */
export type LoadfileEvent =
  /** What the device says beside the file. */
  | { readonly kind: "status"; readonly json: JsonObject }
  | {
    readonly kind: "begin";
    readonly form: LoadfileForm;
    /** Type of the file, as far as it is told. */
    readonly contentType: string | null;
    /** Length in bytes that was announced. */
    readonly length: number | null;
  }
  /** Bytes of the file, valid until the next `push`. */
  | { readonly kind: "data"; readonly bytes: Uint8Array };

/** The head of an answer, or of a part of one. */
export interface LoadfileHead {
  readonly status: number;
  readonly headers: Headers;
}

/** Bounds of a {@linkcode LoadfileDecoder}. */
export interface LoadfileLimits {
  /** Longest JSON, which is held in memory as a whole, in bytes. Default 32 MiB. */
  readonly maxJson?: number | undefined;
  /** Device, for errors. */
  readonly host?: string | undefined;
}

/** What a piece of an answer gives. */
export type Events = Generator<LoadfileEvent, void, void>;

/** One way to read what follows. */
export interface Reader {
  push(bytes: Uint8Array): Events;
  end(): Events;
}

/** Longest text of a refusal. */
const MAX_REFUSAL = 64 * 1024;
const EMPTY = new Uint8Array(0);

/** The file as it is. */
export class Raw implements Reader {
  readonly #begin: Extract<LoadfileEvent, { kind: "begin" }>;
  readonly #host: string | undefined;
  #received = 0;

  constructor(
    { form, contentType, length, host }: {
      readonly form: LoadfileForm;
      readonly contentType: string | null;
      readonly length: number | null;
      readonly host: string | undefined;
    },
  ) {
    this.#begin = { kind: "begin", form, contentType, length };
    this.#host = host;
  }

  *push(bytes: Uint8Array): Events {
    if (bytes.length === 0) return;
    if (this.#received === 0) yield this.#begin;
    this.#received += bytes.length;
    yield { kind: "data", bytes };
  }

  // deno-lint-ignore require-yield -- the last byte was given
  *end(): Events {
    const { length } = this.#begin;
    if (length === null || this.#received >= length) return;
    throw new DhipError(
      "DHIP_INCOMPLETE",
      `The device sent ${this.#received} of ${length} bytes`,
      { host: this.#host, method: LOADFILE },
    );
  }
}

/** The file as Base64. How long it is shows at the end. */
export class Base64 implements Reader {
  readonly #begin: Extract<LoadfileEvent, { kind: "begin" }>;
  readonly #decoder: Base64Bytes;
  #begun = false;

  constructor(
    { form, contentType, host }: {
      readonly form: LoadfileForm;
      readonly contentType: string | null;
      readonly host: string | undefined;
    },
  ) {
    this.#begin = { kind: "begin", form, contentType, length: null };
    this.#decoder = new Base64Bytes(host);
  }

  push(bytes: Uint8Array): Events {
    return this.#give(this.#decoder.push(bytes));
  }

  end(): Events {
    return this.#give(this.#decoder.end());
  }

  *#give(bytes: Uint8Array): Events {
    if (bytes.length === 0) return;
    if (!this.#begun) yield this.#begin;
    this.#begun = true;
    yield { kind: "data", bytes };
  }
}

/** A refusal, of which the beginning is read. */
export class Refused implements Reader {
  readonly #status: number;
  readonly #limits: LoadfileLimits;
  #text = EMPTY;

  constructor(status: number, limits: LoadfileLimits) {
    this.#status = status;
    this.#limits = limits;
  }

  // deno-lint-ignore require-yield -- a refusal holds no byte of a file
  *push(bytes: Uint8Array): Events {
    this.#text = new Uint8Array(concat([this.#text, bytes.subarray(0, MAX_REFUSAL)]));
    if (this.#text.length >= MAX_REFUSAL) throw this.#error();
  }

  // deno-lint-ignore require-yield -- a refusal holds no byte of a file
  *end(): Events {
    throw this.#error();
  }

  #error(): DhipError {
    return loadfileRefusal(this.#status, this.#text, this.#limits.host);
  }
}
