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

interface Seen {
  readonly key: string;
  readonly source: object;
  readonly at: number;
}

/** Knows the events of the last seconds that only one of two attachments has delivered. */
export class Overlap {
  #unmatched: Seen[] = [];

  /** False when the other source has delivered this event already. */
  accept(source: object, { code, action, index, data }: WireEvent, now: number): boolean {
    const key = JSON.stringify([code, action, index, data]);
    this.#unmatched = this.#unmatched.filter(({ at }) => now - at < LAG);
    const twin = this.#unmatched.findIndex((seen) => seen.key === key && seen.source !== source);
    if (twin >= 0) {
      this.#unmatched.splice(twin, 1);
      return false;
    }
    this.#unmatched.push({ key, source, at: now });
    return true;
  }
}
