/**
 * Which events are wanted. Pure.
 *
 * @module
 */

import type { WatchOptions } from "../events.ts";
import { kindOf } from "./codes.ts";
import type { CameraEvent } from "./event.ts";

/** The wishes of a listener. */
export class EventFilter {
  /** Codes as they were asked for; undefined is all. */
  readonly codes: ReadonlySet<string> | undefined;
  readonly #kinds: ReadonlySet<string> | undefined;
  readonly #channels: readonly (number | string)[] | undefined;

  /** @throws {RangeError} when a code could not stand in a request */
  constructor({ codes, kinds, channels }: Pick<WatchOptions, "codes" | "kinds" | "channels">) {
    for (const code of codes ?? []) {
      if (!/^[\w.-]{1,64}$/.test(code)) throw new RangeError(`No event code: ${code.slice(0, 80)}`);
    }
    const all = codes === undefined || codes.length === 0 || codes.includes("All");
    this.codes = all ? undefined : new Set(codes);
    this.#kinds = kinds === undefined || kinds.length === 0 ? undefined : new Set(kinds);
    this.#channels = channels?.length ? channels : undefined;
  }

  /** True when events with this code are wanted. */
  wantsCode(code: string): boolean {
    if (this.codes !== undefined && !this.codes.has(code)) return false;
    return this.#kinds === undefined || this.#kinds.has(kindOf(code));
  }

  /** True when events of this channel are wanted. */
  wantsChannel({ channel, channelName }: Pick<CameraEvent, "channel" | "channelName">): boolean {
    if (this.#channels === undefined) return true;
    return this.#channels.some((wanted) =>
      wanted === channel ||
      (typeof wanted === "string" && channelName !== null && folded(wanted) === folded(channelName))
    );
  }

  /** Titles that channels are wanted by. */
  get titles(): string[] {
    return this.#channels?.filter((wanted) => typeof wanted === "string") ?? [];
  }

  /** Of those, the ones that no channel has. */
  missing(titles: readonly (string | null)[]): string[] {
    const known = new Set(titles.map((title) => folded(title ?? "")));
    return this.titles.filter((wanted) => !known.has(folded(wanted)));
  }
}

/** Case does not count, nor do spaces around a title; as in `findChannel`. */
function folded(title: string): string {
  return title.trim().normalize().toLowerCase();
}
