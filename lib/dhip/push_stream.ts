/**
 * Messages that a device sends on its own, as an async iterable with a bounded queue.
 *
 * @module
 */

import type { JsonObject } from "./frame.ts";

/** One message that the device sent without being asked. */
export interface Push {
  /** For example `client.notifyEventStream`. */
  readonly method: string;
  /** Its `params`. */
  readonly params: unknown;
  /** The whole JSON object. */
  readonly envelope: JsonObject;
  /** Binary part, empty for most. */
  readonly binary: Uint8Array;
  /** Pushes thrown away just before this one because the consumer was too slow. */
  readonly dropped: number;
}

/** Options of a subscription. */
export interface SubscribeOptions {
  /** Which pushes to keep; all by default. Must be quick: it runs for every push. */
  readonly filter?: ((push: Push) => boolean) | undefined;
  /** Pushes kept for a slow consumer before the oldest are dropped and counted. Default 10 000. */
  readonly limit?: number | undefined;
  /**
   * Over HTTP: greatest age in milliseconds of the request that brings the pushes. An older one is
   * replaced, and the subscriptions that lived on it end with `DHIP_CONNECTION_LOST`. Default Infinity.
   */
  readonly maxAge?: number | undefined;
}

/**
 * Pushes in order of arrival. The iteration ends when the stream or the session is closed, and
 * throws when the link or the session was lost: then the attachment behind it no longer exists.
 */
export class PushStream implements AsyncIterableIterator<Push, void, void>, AsyncDisposable {
  readonly #filter: ((push: Push) => boolean) | undefined;
  readonly #limit: number;
  readonly #onClose: (stream: PushStream) => void;
  #queue: Push[] = [];
  #head = 0;
  #dropped = 0;
  #ended = false;
  #error: unknown;
  #waiting: PromiseWithResolvers<void> | undefined;

  /** Made by a session's `subscribe`. */
  constructor(options: SubscribeOptions, onClose: (stream: PushStream) => void) {
    this.#filter = options.filter;
    this.#limit = options.limit ?? 10_000;
    if (!(this.#limit >= 1)) throw new RangeError("A subscription keeps at least 1 push");
    this.#onClose = onClose;
  }

  /** Adds a push; called by the session. */
  offer(push: Push): void {
    if (this.#ended) return;
    try {
      if (this.#filter !== undefined && !this.#filter(push)) return;
    } catch (error) { // the consumer's own code: its mistake ends its stream and nothing else
      return this.end(error);
    }
    if (this.#queue.length - this.#head >= this.#limit) {
      this.#take();
      this.#dropped++;
    }
    this.#queue.push(push);
    this.#wake();
  }

  /** Ends the stream; what is queued is still delivered, then `error` is thrown. */
  end(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#onClose(this);
    this.#wake();
  }

  /** The next push. */
  async next(): Promise<IteratorResult<Push, void>> {
    for (;;) {
      if (this.#head < this.#queue.length) {
        const push = this.#take();
        const dropped = this.#dropped;
        this.#dropped = 0;
        return { done: false, value: dropped === 0 ? push : { ...push, dropped } };
      }
      if (this.#ended) {
        const error = this.#error;
        this.#error = undefined;
        if (error !== undefined) throw error;
        return { done: true, value: undefined };
      }
      this.#waiting ??= Promise.withResolvers();
      await this.#waiting.promise;
    }
  }

  /** Ends the iteration, as `break` in a `for await` does. */
  return(): Promise<IteratorResult<Push, void>> {
    this.#queue = [];
    this.#head = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** The stream itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Ends the stream. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #take(): Push {
    const push = this.#queue[this.#head++]!;
    if (this.#head > 64 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return push;
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }
}
