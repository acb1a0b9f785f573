/**
 * Things that arrive later: in order of their time, with one timer for all.
 *
 * @module
 */

import type { Clock, Timer } from "../../net/clock.ts";

interface Delayed<T> {
  readonly at: number;
  readonly item: T;
}

/** Calls one function for every item when its time has come. */
export class DelayLine<T> {
  readonly #clock: Clock;
  readonly #arrive: (item: T) => void;
  /** Sorted, the next one last. */
  readonly #line: Delayed<T>[] = [];
  readonly #alarm: Alarm;

  /** Makes an empty line. */
  constructor(clock: Clock, arrive: (item: T) => void) {
    this.#clock = clock;
    this.#arrive = arrive;
    this.#alarm = new Alarm(clock, () => this.#land());
  }

  /** Lets an item arrive at a time of the clock; at once when that is not in the future. */
  push(item: T, at: number): void {
    if (at <= this.#clock.now()) return this.#arrive(item);
    const delayed = { at, item };
    let low = 0;
    let high = this.#line.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      // Of those with one time the first pushed is the first to arrive.
      if (this.#line[middle]!.at > at) low = middle + 1;
      else high = middle;
    }
    this.#line.splice(low, 0, delayed);
    this.#alarm.before(this.#line.at(-1)!.at);
  }

  /** Forgets everything that is under way. */
  clear(): void {
    this.#line.length = 0;
    this.#alarm.cancel();
  }

  #land(): void {
    const now = this.#clock.now();
    for (let next; (next = this.#line.at(-1)) !== undefined && next.at <= now;) {
      this.#line.pop();
      this.#arrive(next.item);
    }
    const next = this.#line.at(-1);
    if (next !== undefined) this.#alarm.before(next.at);
  }
}

/** A timer that is set to earlier times only: what moves its end away costs nothing. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #at = Infinity;
  #timer: Timer | undefined;

  /** `ring` finds out itself whether something is due, and sets the alarm again. */
  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at that time, or earlier. */
  before(at: number): void {
    if (at >= this.#at) return;
    this.#timer?.cancel();
    this.#at = at;
    this.#timer = this.#clock.timer(() => {
      this.#at = Infinity;
      this.#timer = undefined;
      this.#ring();
    }, Math.max(0, at - this.#clock.now()));
  }

  /** Rings no more. */
  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#at = Infinity;
  }
}
