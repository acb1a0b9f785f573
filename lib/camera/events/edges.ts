/**
 * What is under way, by the events that were received; and which events only repeat others. Pure.
 *
 * @module
 */

import type { WireEvent } from "../../dhip/event.ts";
import { object } from "../_fields.ts";

/** The same event within this time is a repetition, in milliseconds. */
const WINDOW = 2_000;
/** Most places (code and index) that are remembered. */
const MAX_PLACES = 4096;
/** Most events under way at one place. */
const MAX_IDS = 64;

/** What is known of one code at one index. */
interface Place {
  readonly code: string;
  readonly index: number;
  /** Ids of what is under way. */
  readonly active: Set<string>;
  /** Id of the last stop. */
  stopped: string | undefined;
  /** When it was last heard of. */
  touched: number;
}

/** Follows starts and stops. Times in milliseconds of one clock. */
export class Edges {
  readonly #places = new Map<string, Place>();
  readonly #recent = new Map<string, number>();

  /** Takes note of an event; false when it repeats what is known. */
  note({ code, action, index, data }: WireEvent, now: number): boolean {
    const { Id, EventID, UTC } = object(data);
    const id = JSON.stringify(Id ?? EventID ?? null);
    const isNew = this.#isFirst(JSON.stringify([code, index, action, id, UTC ?? null]), now);
    const edge = action.toLowerCase();
    if (edge !== "start" && edge !== "stop") return isNew;
    return this.#turn(this.#placeOf(code, index ?? -1), edge, id, now) && isNew;
  }

  /** Takes note of what is under way by the device's own account. */
  set(code: string, index: number, active: boolean, now: number): void {
    const place = this.#placeOf(code, index);
    place.touched = now;
    place.active.clear();
    if (active) place.active.add("null");
  }

  /** Codes that began or ended at least once. */
  codes(): string[] {
    return [...new Set([...this.#places.values()].map(({ code }) => code))];
  }

  /** Indexes (0-based) at which a code is under way, unless heard of since `since`. */
  active(code: string, since: number): { readonly quiet: number[]; readonly touched: number[] } {
    const quiet: number[] = [];
    const touched: number[] = [];
    for (const place of this.#places.values()) {
      if (place.code !== code || place.index < 0) continue;
      if (place.touched >= since) touched.push(place.index);
      else if (place.active.size > 0) quiet.push(place.index);
    }
    return { quiet, touched };
  }

  #turn(place: Place, edge: "start" | "stop", id: string, now: number): boolean {
    place.touched = now;
    if (edge === "start") {
      const isNew = !place.active.has(id);
      if (place.active.size >= MAX_IDS) place.active.clear();
      place.active.add(id);
      place.stopped = undefined;
      return isNew;
    }
    // A stop without an id is that of everything at its place. One of something that began before
    // this program listened is new, so only a second stop of the same is a repetition.
    const isNew = place.active.size > 0 || place.stopped !== id;
    if (id === "null") place.active.clear();
    else if (!place.active.delete(id)) place.active.delete("null");
    place.stopped = id;
    return isNew;
  }

  #placeOf(code: string, index: number): Place {
    const key = `${code} ${index}`;
    let place = this.#places.get(key);
    if (place === undefined) {
      if (this.#places.size >= MAX_PLACES) {
        this.#places.delete(this.#places.keys().next().value!);
      }
      place = { code, index, active: new Set(), stopped: undefined, touched: 0 };
      this.#places.set(key, place);
    }
    return place;
  }

  /** True when the key was not seen within the window. */
  #isFirst(key: string, now: number): boolean {
    for (const [old, at] of this.#recent) {
      if (now - at < WINDOW) break;
      this.#recent.delete(old);
    }
    const at = this.#recent.get(key);
    const isNew = at === undefined || now - at >= WINDOW;
    if (isNew) {
      this.#recent.delete(key);
      this.#recent.set(key, now);
    }
    return isNew;
  }
}
