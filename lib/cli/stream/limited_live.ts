/**
 * A live stream for a time.
 *
 * @module
 */

import type { NativeLiveOptions, NativeLiveService } from "../../camera/mod.ts";
import { DhipError } from "../../errors.ts";
import { type Clock, systemClock } from "../../net/clock.ts";

/**
 * How a stream ended: its time was over; the user wanted no more; the device ended it; nothing came
 * any more; the link broke.
 */
export type LiveEnd = "limit" | "interrupted" | "ended" | "silent" | "lost";

/** Which stream, and for how long. */
export interface LimitedLiveOptions extends Omit<NativeLiveOptions, "signal"> {
  /** Milliseconds from the first byte on, less what the reader takes; without it, no end. */
  readonly limit?: number | undefined;
  /** Ends it, as a user does. */
  readonly signal: AbortSignal;
  readonly clock?: Clock | undefined;
}

/** Longest wait for the first byte, and longest silence of a stream without a limit, in ms. */
const PATIENCE = 10_000;
/** Silence before the end of the time that is one, in milliseconds. */
const SILENCE = 3_000;
/** With a limit silence is waited out: it ends with the limit. */
const NEVER = 2 ** 31 - 1;

/** Plays a stream until its time is over, whether the device sends anything or not. */
export class LimitedLive {
  readonly #service: NativeLiveService;
  readonly #options: LimitedLiveOptions;
  readonly #clock: Clock;
  #end: LiveEnd | undefined;
  #error: DhipError | undefined;

  /** Plays nothing yet. */
  constructor(service: NativeLiveService, options: LimitedLiveOptions) {
    this.#service = service;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** How it ended; undefined before. */
  get end(): LiveEnd | undefined {
    return this.#end;
  }

  /** What ended it before its time. */
  get error(): DhipError | undefined {
    return this.#error;
  }

  /**
   * The bytes. Once some came, nothing is thrown: {@linkcode end} tells.
   *
   * @throws {DhipError} why not even the first byte came
   */
  async *bytes(): AsyncGenerator<Uint8Array, void, void> {
    const { limit, signal, timeout = PATIENCE } = this.#options;
    const over = new AbortController();
    const stop = (error: DhipError) => () => over.abort(error);
    let timer = this.#clock.timer(stop(nothingCame(timeout)), timeout);
    let left: number | undefined;
    let since = 0;
    let isLimit = false;
    try {
      await using live = await this.#service.open({
        ...this.#options,
        idleTimeout: limit === undefined ? this.#options.idleTimeout ?? PATIENCE : NEVER,
        signal: AbortSignal.any([signal, over.signal]),
      });
      for await (const piece of live.bytes) {
        timer.cancel();
        left = left === undefined ? limit ?? Infinity : left - (this.#clock.now() - since);
        yield piece;
        // What came meanwhile waits to be read: that time is not one of waiting for the device.
        since = this.#clock.now();
        timer = this.#clock.timer(() => {
          isLimit = true;
          over.abort(new DhipError("DHIP_CLOSED", "The time is over"));
        }, left);
      }
      this.#end = "ended";
    } catch (error) {
      if (left === undefined || !(error instanceof DhipError)) throw error;
      if (isLimit) {
        this.#end = this.#clock.now() - since > SILENCE ? "silent" : "limit";
      } else if (signal.aborted) this.#end = "interrupted";
      else {
        this.#end = error.code === "DHIP_TIMEOUT" ? "silent" : "lost";
        this.#error = error;
      }
    } finally {
      timer.cancel();
    }
  }
}

function nothingCame(timeout: number): DhipError {
  return new DhipError("DHIP_TIMEOUT", `The stream brought nothing within ${timeout} ms`);
}
