/**
 * What was received and not yet taken, bounded: a slow consumer slows the sender down.
 *
 * @module
 */

import { DhipError } from "../../errors.ts";
import type { Clock, Timer } from "../../net/clock.ts";
import type { MediaUnit } from "./track.ts";

/** Bytes that may wait before nothing more is read. */
const ROOM = 8 * 1024 * 1024;

/** A queue between the network and one consumer. */
export class UnitQueue implements AsyncIterable<MediaUnit> {
  #units: MediaUnit[] = [];
  #bytes = 0;
  #ended = false;
  #error: DhipError | undefined;
  #waiting: PromiseWithResolvers<void> | undefined;
  #full: PromiseWithResolvers<void> | undefined;
  #watch: { clock: Clock; limit: number; host: string; timer: Timer; last: number } | undefined;

  /** Adds a unit. */
  push(unit: MediaUnit): void {
    if (this.#ended) return;
    if (this.#watch !== undefined) this.#watch.last = this.#watch.clock.now();
    this.#units.push(unit);
    this.#bytes += unit.data.length;
    this.#wake();
  }

  /** A promise that is kept when there is room again; undefined while there is. */
  room(): Promise<void> | undefined {
    if (this.#bytes < ROOM || this.#ended) return undefined;
    return (this.#full ??= Promise.withResolvers()).promise;
  }

  /** From now on a silence of `limit` milliseconds ends the queue with `DHIP_TIMEOUT`. */
  expect(clock: Clock, limit: number, host: string): void {
    const watch = { clock, limit, host, last: clock.now(), timer: { cancel: () => {} } as Timer };
    this.#watch = watch;
    const look = () => {
      // While the consumer holds the sender back, silence is its own doing.
      if (this.#full !== undefined) watch.last = clock.now();
      const rest = watch.last + limit - clock.now();
      if (rest > 0) watch.timer = clock.timer(look, rest);
      else {
        this.end(
          new DhipError("DHIP_TIMEOUT", `The stream fell silent for ${limit / 1000} s`, { host }),
        );
      }
    };
    look();
  }

  /** Ends the queue; what waits is still given, then `error` is thrown. */
  end(error?: DhipError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#watch?.timer.cancel();
    this.#release();
    this.#wake();
  }

  /** Units until the end. */
  async *[Symbol.asyncIterator](): AsyncGenerator<MediaUnit, void, void> {
    for (;;) {
      const units = this.#units;
      this.#units = [];
      for (const unit of units) {
        this.#bytes -= unit.data.length;
        if (this.#bytes < ROOM / 2) this.#release();
        yield unit;
      }
      if (this.#units.length > 0) continue;
      if (this.#ended) {
        if (this.#error !== undefined) throw this.#error;
        return;
      }
      this.#waiting = Promise.withResolvers();
      await this.#waiting.promise;
    }
  }

  #release(): void {
    if (this.#full === undefined) return;
    if (this.#watch !== undefined) this.#watch.last = this.#watch.clock.now();
    this.#full.resolve();
    this.#full = undefined;
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }
}
