/**
 * Two attachments side by side deliver every event once. Pure.
 *
 * @module
 */

import type { WireEvent } from "../../dhip/event.ts";

import { OVERLAP } from "./reattach.ts";

/**
 * The two copies of an event arrive within this time of each other. Not more than the overlap: what
 * only the older one had, before the newer was made, must be forgotten when the older is let go.
 */
const LAG = OVERLAP;

/** Copies of one event that only one source has delivered. */
interface Seen {
  readonly source: object;
  /** When, oldest first. */
  readonly times: number[];
}

/** Knows the events of the last seconds that only one of two attachments has delivered. */
export class Overlap {
  /** By what the event says, in the order of their last times. */
  readonly #unmatched = new Map<string, Seen>();

  /** False when the other source has delivered this event already. */
  accept(source: object, { code, action, index, data }: WireEvent, now: number): boolean {
    for (const [old, { times }] of this.#unmatched) {
      if (now - times.at(-1)! < LAG) break;
      this.#unmatched.delete(old);
    }
    const key = JSON.stringify([code, action, index, data]);
    const seen = this.#unmatched.get(key);
    const times = seen?.times ?? [];
    while (times.length > 0 && now - times[0]! >= LAG) times.shift();
    const isCopy = times.length > 0 && seen?.source !== source;
    if (isCopy) times.shift();
    else times.push(now);
    if (!isCopy || times.length === 0) this.#unmatched.delete(key);
    if (!isCopy) this.#unmatched.set(key, { source, times });
    return !isCopy;
  }
}
