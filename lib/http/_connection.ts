/** One connection: one request after another, each answered before the next. */

import { DhipError } from "../errors.ts";
import { concat } from "../net/bytes.ts";
import type { Clock, Timer } from "../net/clock.ts";
import { interrupted } from "../net/deadline.ts";
import type { ByteStream } from "../net/stream.ts";
import type { HeadLimits } from "./message_head.ts";
import type { BodySource } from "./response.ts";
import { ResponseDecoder, type ResponseHead } from "./response_decoder.ts";

/** Bytes read or written at once. */
const SLICE = 64 * 1024;
/** How long the rest of a request may take to go out after its answer came, in milliseconds. */
const LATE_SENDING = 1_000;
const EMPTY = new Uint8Array(0);

/** One request as bytes. */
export interface ExchangeRequest {
  /** Method; that of an answer to HEAD tells that it has no body. */
  readonly method: string;
  /** Method and path for errors. */
  readonly what: string;
  /** Request line and headers. */
  readonly head: Uint8Array;
  /** Body. */
  readonly body?: Uint8Array | undefined;
  /** Bounds of the head of the answer. */
  readonly limits: HeadLimits;
  /** Longest silence while something is awaited, in milliseconds. */
  readonly idleTimeout: number;
  /** Ends the wait for the head. */
  readonly headSignal: AbortSignal;
  /** Ends the wait for head and body. */
  readonly signal?: AbortSignal | undefined;
}

/** What a connection tells its pool. */
export interface ConnectionOwner {
  /** The answer is whole and the connection may carry another request. */
  onFree(connection: HttpConnection): void;
  /** The connection is closed. */
  onClosed(connection: HttpConnection): void;
}

/** An answer whose body is still to be read. */
export interface ExchangeAnswer {
  /** Status line and headers. */
  readonly head: ResponseHead;
  /** Its body. */
  readonly body: BodySource;
}

/** One request and its answer. When it is over, the connection is no longer its business. */
interface Exchange {
  readonly decoder: ResponseDecoder;
  head?: ResponseHead;
  /** Views of the read buffer, to be copied before the next read. */
  data: Uint8Array[];
  over: boolean;
}

/** HTTP/1.1 over one byte stream. */
export class HttpConnection {
  readonly #stream: ByteStream;
  readonly #where: string;
  readonly #clock: Clock;
  readonly #owner: ConnectionOwner;
  readonly #buffer = new Uint8Array(SLICE);
  /** The read that watches an idle connection; it becomes the first read of the next answer. */
  #ahead: Promise<number | null> | undefined;
  #idle = false;
  #answered = false;
  #reading = false;
  #sending: Promise<boolean> = Promise.resolve(true);
  #sent = true;
  #failure: DhipError | undefined;
  #idleTimer: Timer | undefined;
  #idleTimeout = Infinity;
  #stopListening = () => {};

  /** Takes the stream over. */
  constructor(stream: ByteStream, where: string, clock: Clock, owner: ConnectionOwner) {
    this.#stream = stream;
    this.#where = where;
    this.#clock = clock;
    this.#owner = owner;
  }

  /** True when at least one byte of the current answer has arrived. */
  get answered(): boolean {
    return this.#answered;
  }

  /** Sends a request and waits for the head of its answer. */
  async exchange(request: ExchangeRequest): Promise<ExchangeAnswer> {
    const { headSignal, signal, what } = request;
    const exchange: Exchange = {
      decoder: new ResponseDecoder(request.method, request.limits),
      data: [],
      over: false,
    };
    this.#idle = false;
    this.#answered = false;
    this.#idleTimeout = request.idleTimeout;
    const onAbort = () => this.close(interrupted(signal!, what, this.#where));
    const onHeadAbort = () => this.close(interrupted(headSignal, what, this.#where));
    signal?.addEventListener("abort", onAbort, { once: true });
    headSignal.addEventListener("abort", onHeadAbort, { once: true });
    this.#stopListening = () => signal?.removeEventListener("abort", onAbort);
    if (headSignal.aborted) onHeadAbort();
    try {
      this.#sent = false;
      this.#sending = this.#send(request);
      while (exchange.head === undefined) await this.#step(exchange);
    } catch (error) {
      this.close(error as DhipError);
      throw error;
    } finally {
      headSignal.removeEventListener("abort", onHeadAbort);
    }
    // An answer that came whole gives its connection back before anybody reads the body.
    const ready = exchange.decoder.complete ? concat(exchange.data) : undefined;
    if (ready === undefined) {
      return {
        head: exchange.head,
        body: { pull: () => this.#pull(exchange), cancel: () => this.#cancel(exchange) },
      };
    }
    let rest = ready.length === 0 ? null : ready.slice();
    this.#finish(exchange);
    const pull = () => {
      const bytes = rest;
      rest = null;
      return Promise.resolve(bytes);
    };
    return { head: exchange.head, body: { pull, cancel: () => void (rest = null) } };
  }

  /** Watches the connection while nobody uses it: bytes or an end now make it useless. */
  rest(): void {
    this.#idle = true;
    this.#ahead = this.#stream.read(this.#buffer);
    const judge = () => {
      if (this.#idle) this.close();
    };
    this.#ahead.then(judge, judge);
  }

  /** Closes the connection; a pending call ends with `reason`. */
  close(reason?: DhipError): void {
    if (this.#failure !== undefined) return;
    this.#failure = reason ?? new DhipError("DHIP_CLOSED", "The HTTP connection was closed here", {
      host: this.#where,
    });
    this.#idleTimer?.cancel();
    this.#stopListening();
    this.#stream.close();
    this.#owner.onClosed(this);
  }

  /** The next bytes of the body in a new array, or null at its end. */
  async #pull(exchange: Exchange): Promise<Uint8Array | null> {
    try {
      while (exchange.data.length === 0) {
        if (exchange.decoder.complete) this.#finish(exchange);
        if (exchange.over) return null;
        await this.#step(exchange);
      }
      const { data } = exchange;
      exchange.data = [];
      const bytes = data.length === 1 ? data[0]!.slice() : concat(data);
      if (exchange.decoder.complete) this.#finish(exchange);
      return bytes;
    } catch (error) {
      exchange.over = true;
      this.close(error as DhipError);
      throw error;
    }
  }

  #cancel(exchange: Exchange): void {
    if (exchange.over) return;
    exchange.over = true;
    exchange.data = [];
    this.close();
  }

  #finish(exchange: Exchange): void {
    if (exchange.over) return;
    exchange.over = true;
    this.#stopListening();
    if (!exchange.decoder.reusable) return this.close();
    if (this.#sent) return this.#owner.onFree(this);
    // An answer that came before the whole request was sent: its rest must still go.
    const timer = this.#clock.timer(() => this.close(), LATE_SENDING);
    this.#sending.then((sent) => {
      timer.cancel();
      if (!sent) this.close();
      else if (this.#failure === undefined) this.#owner.onFree(this);
    });
  }

  /** Sends beside the wait for the answer: a server may refuse a long body before its end. */
  async #send({ head, body }: ExchangeRequest): Promise<boolean> {
    try {
      // One write for short requests: one packet, and no wait for Nagle's algorithm.
      let rest: Uint8Array = body === undefined ? head : concat([head, body.subarray(0, SLICE)]);
      for (let at = rest.length - head.length; rest.length > 0; at += rest.length) {
        await this.#stream.write(rest);
        this.#watch();
        rest = body?.subarray(at, at + SLICE) ?? EMPTY;
      }
      return this.#sent = true;
    } catch {
      // The read sees the same break, or an answer that tells why the device hung up.
      return false;
    }
  }

  async #step(exchange: Exchange): Promise<void> {
    const { decoder } = exchange;
    const length = await this.#read();
    const events = length === null ? decoder.end() : decoder.push(this.#buffer.subarray(0, length));
    try {
      for (const event of events) {
        if (event.kind === "head") exchange.head = event.head;
        else if (event.kind === "data") exchange.data.push(event.bytes);
      }
    } catch (error) {
      if (error instanceof DhipError) error.host ??= this.#where; // a codec knows no hosts
      throw error;
    }
  }

  async #read(): Promise<number | null> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#reading = true;
    this.#watch();
    try {
      const length = await (this.#ahead ?? this.#stream.read(this.#buffer));
      if (this.#failure !== undefined) throw this.#failure;
      if (length !== null) this.#answered = true;
      return length;
    } catch (error) {
      throw this.#failure ?? error;
    } finally {
      this.#ahead = undefined;
      this.#reading = false;
      this.#idleTimer?.cancel();
    }
  }

  /** Starts the idle time anew. It only runs while an answer is awaited, not while a body rests. */
  #watch(): void {
    this.#idleTimer?.cancel();
    if (!this.#reading || this.#failure !== undefined || this.#idleTimeout === Infinity) return;
    this.#idleTimer = this.#clock.timer(() => {
      this.close(
        new DhipError("DHIP_TIMEOUT", `No byte of an answer within ${this.#idleTimeout} ms`, {
          host: this.#where,
        }),
      );
    }, this.#idleTimeout);
  }
}
