/**
 * One answer, with a body that is read once.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { concat } from "../net/bytes.ts";
import type { Clock } from "../net/clock.ts";
import { withDeadline } from "../net/deadline.ts";
import { tooLarge } from "./_errors.ts";
import type { ResponseHead } from "./response_decoder.ts";

/** Default bound of {@linkcode HttpResponse.bytes} and its kin, in bytes. */
const MAX_BUFFERED = 16 * 1024 * 1024;
/** A body that is gathered in memory may take this many times the idle time, and no longer. */
const MOST_PROGRESS = 60;
/** What is read of an unwanted body to keep its connection, in bytes. */
const WORTH_READING = 64 * 1024;

/** Where body bytes come from. */
export interface BodySource {
  /** The next bytes, or null at the end. */
  pull(): Promise<Uint8Array | null>;
  /** Gives the rest up, together with its connection. */
  cancel(): void;
}

/** What an answer knows about its request. */
export interface ResponseContext {
  /** Method and path, for errors; without the query, which may hold secrets. */
  readonly what: string;
  /** `host:port`, for errors. */
  readonly host: string;
  /** Longest body in bytes. Default: 16 MiB when gathered in memory, unlimited as a stream. */
  readonly maxBody?: number | undefined;
  /** Longest silence, in milliseconds; the limit for a whole body follows from it. */
  readonly idleTimeout: number;
  /** Time. */
  readonly clock: Clock;
}

/** Bounds of reading a whole body. */
export interface ReadOptions {
  /** Longest body in bytes. Default: that of the request, or 16 MiB. */
  readonly maxBody?: number | undefined;
}

/**
 * An answer. Read its body to the end, `discard` it, or hold it with `await using`: until then it
 * occupies a connection.
 */
export class HttpResponse implements AsyncDisposable {
  /** Status, for example 200. */
  readonly status: number;
  /** Reason phrase, made readable. */
  readonly reason: string;
  /** Headers; values are byte strings. */
  readonly headers: Headers;
  readonly #source: BodySource;
  readonly #context: ResponseContext;
  #stream: ReadableStream<Uint8Array> | undefined;
  #used = false;
  #ended = false;
  #length = 0;

  /** Made by the client. */
  constructor(head: ResponseHead, source: BodySource, context: ResponseContext) {
    this.status = head.status;
    this.reason = head.reason;
    this.headers = head.headers;
    this.#source = source;
    this.#context = context;
  }

  /** True for a status of 200 to 299. */
  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }

  /**
   * The body as a stream that reads from the network only as fast as it is consumed. It fails
   * with `DHIP_CONNECTION_LOST` when the body stops short, `DHIP_TIMEOUT` when the device falls
   * silent, `DHIP_INTERRUPTED`, `DHIP_HTTP_TOO_LARGE`, `DHIP_BAD_HTTP`.
   */
  get body(): ReadableStream<Uint8Array> {
    if (this.#stream !== undefined) return this.#stream;
    this.#use();
    const limit = this.#context.maxBody ?? Infinity;
    return this.#stream = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const bytes = await this.#pull(limit);
        if (bytes === null) controller.close();
        else controller.enqueue(bytes);
      },
      cancel: () => this.#cancel(),
    }, { highWaterMark: 0 });
  }

  /**
   * The whole body. Bytes that trickle for ever end with `DHIP_TIMEOUT` after 60 idle times.
   *
   * @throws {DhipError} as {@linkcode HttpResponse.body} does
   */
  async bytes(options: ReadOptions = {}): Promise<Uint8Array> {
    this.#use();
    const limit = options.maxBody ?? this.#context.maxBody ?? MAX_BUFFERED;
    const announced = Number(this.headers.get("content-length") ?? 0);
    if (announced > limit) throw this.#tooLarge(limit); // before the first byte is read
    const { what } = this.#context;
    return await this.#within(MOST_PROGRESS, `the whole body of ${what}`, async () => {
      const parts: Uint8Array[] = [];
      for (let part = await this.#pull(limit); part !== null; part = await this.#pull(limit)) {
        parts.push(part);
      }
      return concat(parts);
    });
  }

  /** The whole body as UTF-8; bytes that are not UTF-8 become U+FFFD. */
  async text(options: ReadOptions = {}): Promise<string> {
    return new TextDecoder().decode(await this.bytes(options));
  }

  /**
   * The whole body as JSON.
   *
   * @throws {DhipError} `DHIP_BAD_JSON`
   */
  async json(options: ReadOptions = {}): Promise<unknown> {
    const text = await this.text(options);
    try {
      return JSON.parse(text);
    } catch {
      const { host, what } = this.#context;
      throw new DhipError("DHIP_BAD_JSON", `The answer to ${what} is no JSON`, { host });
    }
  }

  /** Lets go of the body: a short one is read to keep the connection, a long or slow one is cut. */
  async discard(): Promise<void> {
    if (this.#ended) return;
    if (this.#used) return this.#cancel();
    this.#used = true;
    try {
      await this.#within(1, `the rest of ${this.#context.what}`, async () => {
        while (!this.#ended && this.#length < WORTH_READING) await this.#pull(Infinity);
      });
    } catch {
      // nobody wanted it
    }
    this.#cancel();
  }

  /** Lets go of the body. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.discard();
  }

  /** Ends the body when reading it takes longer than so many idle times. */
  async #within<T>(idleTimes: number, what: string, read: () => Promise<T>): Promise<T> {
    const { host, clock, idleTimeout } = this.#context;
    try {
      return await withDeadline(read, { what, host, clock, timeout: idleTimes * idleTimeout });
    } catch (error) {
      this.#cancel();
      throw error;
    }
  }

  async #pull(limit: number): Promise<Uint8Array | null> {
    let bytes: Uint8Array | null;
    try {
      bytes = await this.#source.pull();
    } catch (error) {
      this.#ended = true;
      throw error;
    }
    if (bytes === null) this.#ended = true;
    else this.#length += bytes.length;
    if (this.#length > limit) throw this.#tooLarge(limit);
    return bytes;
  }

  #tooLarge(limit: number): DhipError {
    this.#cancel();
    return tooLarge("A body", limit);
  }

  #cancel(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#source.cancel();
  }

  #use(): void {
    if (this.#used) throw new TypeError("The body of this answer was already taken");
    this.#used = true;
  }
}
