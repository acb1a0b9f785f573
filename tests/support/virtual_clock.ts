/** Time that stands still until a test moves it. */

import { setImmediate } from "node:timers/promises";
import type { Clock, Timer } from "../../lib/net/clock.ts";

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

export class VirtualClock implements Clock {
  #now = 0;
  #order = 0;
  #entries = new Set<Entry>();

  now(): number {
    return this.#now;
  }

  timer(callback: () => void, delay: number): Timer {
    const entry = { at: this.#now + Math.max(0, delay), order: this.#order++, callback };
    this.#entries.add(entry);
    return { cancel: () => void this.#entries.delete(entry) };
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#entries.size;
  }

  /** Lets everything happen that needs no time, then moves on, timer by timer. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await setImmediate();
    for (;;) {
      let next: Entry | undefined;
      for (const entry of this.#entries) {
        if (entry.at > end) continue;
        if (
          next === undefined || entry.at < next.at ||
          (entry.at === next.at && entry.order < next.order)
        ) next = entry;
      }
      if (next === undefined) break;
      this.#entries.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await setImmediate();
    }
    this.#now = end;
  }

  /** Advances until the promise settles; fails a test that would wait for ever. */
  async settle<T>(promise: Promise<T>, limit = 3_600_000): Promise<T> {
    let settled = false;
    const done = () => void (settled = true);
    promise.then(done, done);
    const end = this.#now + limit;
    await setImmediate();
    while (!settled) {
      if (this.#now >= end) throw new Error(`Not settled after ${limit} ms of virtual time`);
      await this.advance(Math.max(1, this.#nextDelay()));
    }
    return await promise;
  }

  #nextDelay(): number {
    let at = Infinity;
    for (const entry of this.#entries) at = Math.min(at, entry.at);
    return at === Infinity ? 1000 : at - this.#now;
  }
}
