/**
 * Waiting for room in the peer's window.
 *
 * libnice tells of a larger window only when it was closed, and delays the acknowledgement of a
 * single segment. A question brings both at once: an empty segment out of place, which every
 * PseudoTcp answers. A message is split only when questions brought nothing.
 *
 * @module
 */

import type { RoundTrip } from "./_round_trip.ts";

/** Shortest time between two questions, in milliseconds: the grain of timers. */
const SHORTEST_WAIT = 10;
/** Longest, with a closed window: some must fit in the 15 s after which silence is the end. */
const LONGEST_WAIT = 2_500;
/** Questions about a window that is not closed before a message is split. */
const QUESTIONS = 2;

/** Asks for the peer's window, less and less often. */
export class WindowWait {
  /** When the wait began; undefined when there is none. */
  since: number | undefined;
  /** When {@linkcode expire} has something to do. */
  deadline = Infinity;
  /** Whether a message may be split now, to fit. */
  maySplit = false;
  readonly #roundTrip: RoundTrip;
  #wait = 0;
  #questions = 0;
  #isDue = false;
  #askedAt = -Infinity;

  constructor(roundTrip: RoundTrip) {
    this.#roundTrip = roundTrip;
  }

  /** Nothing is on the way, and the next message does not fit in the window. */
  begin(now: number, window: number): void {
    if (this.since !== undefined) return;
    this.since = now;
    this.#questions = 0;
    if (window > 0) this.hurry(now);
    this.#wait = window > 0 ? this.#shortWait : this.#roundTrip.timeout;
    this.deadline = now + this.#wait;
  }

  /** Asks at once: what the peer knows already would help. */
  hurry(now: number): void {
    if (now < this.#askedAt + this.#shortWait) return;
    this.ask(now);
  }

  /** Asks, whether anything waits or not. */
  ask(now: number): void {
    this.#isDue = true;
    this.#questions++;
    this.#askedAt = now;
  }

  /** Does what is due. */
  expire(now: number, window: number): void {
    if (now < this.deadline) return;
    if (window > 0 && this.#questions >= QUESTIONS) this.maySplit = true;
    else this.ask(now);
    this.#wait = Math.min(2 * this.#wait, LONGEST_WAIT);
    this.deadline = now + this.#wait;
  }

  /** Whether to ask now; true once. */
  takeQuestion(): boolean {
    const isDue = this.#isDue;
    this.#isDue = false;
    return isDue;
  }

  /** There is room, or something is on the way. */
  end(): void {
    this.since = undefined;
    this.deadline = Infinity;
    this.maySplit = false;
  }

  get #shortWait(): number {
    const { smoothed, timeout } = this.#roundTrip;
    return smoothed === undefined ? timeout : Math.max(SHORTEST_WAIT, 2 * smoothed);
  }
}
