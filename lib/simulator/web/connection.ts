/**
 * One connection to the web server: requests in, answers out, in order.
 *
 * @module
 */

import type { ByteStream } from "../../net/stream.ts";
import type { DeviceState } from "../state.ts";
import { waitOf } from "../reply_faults.ts";
import { sleep } from "../../net/deadline.ts";
import { failure, type HttpAnswer, type HttpRequest, type Peer } from "./message.ts";
import { UnreadableRequest } from "./message.ts";
import type { LiveSource, Outlet } from "./outlet.ts";
import { RequestReader } from "./reader.ts";
import { AnswerWriter } from "./writer.ts";

/** Bytes of a refused request that are still read, so that the answer is not lost in a reset. */
const MOST_DRAINED = 64 * 1024 * 1024;

/** What answers requests. */
export interface Site {
  /** The answer to a request. */
  answer(request: HttpRequest, peer: Peer): HttpAnswer | Promise<HttpAnswer>;
}

/** A connection that a client made. */
export class HttpConnection {
  readonly #stream: ByteStream;
  readonly #state: DeviceState;
  readonly #site: Site;
  readonly #peer: Peer;
  readonly #reader: RequestReader;
  readonly #writer: AnswerWriter;
  readonly #stop = new AbortController();
  #mute = false;
  #outlet: Outlet | undefined;

  /** Takes over the stream. */
  constructor(stream: ByteStream, state: DeviceState, site: Site, peer: Peer) {
    this.#stream = stream;
    this.#state = state;
    this.#site = site;
    this.#peer = peer;
    this.#writer = new AnswerWriter(stream, state, this.#stop.signal);
    this.#reader = new RequestReader(
      stream,
      state.options.maxMessage,
      () => this.#writer.proceed(),
    );
  }

  /** Serves the connection until it ends. Never rejects. */
  async run(): Promise<void> {
    try {
      for (let served = 0;; served++) {
        const request = await this.#reader.next();
        if (this.#mute) return await this.#swallow();
        if (request === undefined) return;
        if (served > 0 && this.#state.faults.strike("http-close") !== undefined) return;
        const answer = await this.#site.answer(request, this.#peer);
        try {
          if (!await this.#reply(request, answer)) return;
        } finally {
          answer.release?.();
        }
      }
    } catch (error) {
      if (error instanceof UnreadableRequest) await this.#refuse(error.status);
    } finally {
      this.close();
    }
  }

  /** From now on: swallow everything, say nothing, stay open. */
  mute(): void {
    this.#mute = true;
    this.#outlet?.drop();
  }

  /** Ends the connection; sessions live on. */
  close(): void {
    this.#stop.abort();
    this.#stream.close();
  }

  /** True when the connection goes on. */
  async #reply(request: HttpRequest, answer: HttpAnswer): Promise<boolean> {
    const { clock, faults } = this.#state;
    if (!faults.none && answer.call !== undefined) {
      const wait = waitOf(this.#state, answer.call);
      // The next answer would be taken for this one: nothing may follow it.
      if (wait === "never") this.mute();
      else if (wait > 0) await sleep(wait, this.#stop.signal, clock);
    }
    if (this.#mute) {
      await this.#swallow();
      return false;
    }
    if (answer.live !== undefined && request.method !== "HEAD") {
      await this.#live(answer, answer.live);
      return false;
    }
    const goesOn = await this.#writer.write(request, answer);
    answer.afterwards?.();
    if (goesOn === "silent") await this.#swallow();
    return goesOn === true;
  }

  /** Serves an answer without an end until one side has enough. */
  async #live(answer: HttpAnswer, fill: LiveSource): Promise<void> {
    const outlet = this.#outlet = this.#writer.open(answer);
    const stop = fill(outlet);
    const gone = this.#swallow().catch(() => {}); // a client that closes is gone, in either way
    await Promise.race([gone, outlet.over]);
    stop();
    if (this.#mute) await gone;
    outlet.drop();
  }

  async #refuse(status: number): Promise<void> {
    try {
      const answer = { ...failure(status), last: true };
      await this.#writer.write({ method: "GET", keepAlive: false }, answer);
      await this.#reader.drain(MOST_DRAINED);
    } catch {
      // The client is gone: nobody is left to be told.
    }
  }

  async #swallow(): Promise<void> {
    await this.#reader.drain(Infinity);
  }
}
