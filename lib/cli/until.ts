/**
 * When something without an end shall end.
 *
 * @module
 */

import { duration, type ValueType } from "./values.ts";

/** Longest time that a timer knows, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/** When to end: milliseconds from `now`, which is in milliseconds since 1970. */
export type Until = (now: number) => number;

/** A time to wait (`90s`, `10m`), a time of day, or a moment, on this computer's clock. */
export const until: ValueType<Until> = {
  parse(text) {
    const clock = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text);
    if (clock !== null) {
      const [hours, minutes, seconds] = clock.slice(1).map((part) => Number(part ?? 0));
      return (now) => {
        const moment = new Date(now);
        moment.setHours(hours!, minutes!, seconds!, 0);
        if (moment.getTime() <= now) moment.setDate(moment.getDate() + 1);
        return moment.getTime() - now;
      };
    }
    if (/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(text)) {
      const moment = Date.parse(text.replace(" ", "T"));
      if (Number.isFinite(moment)) return (now) => Math.min(LONGEST, Math.max(0, moment - now));
    } else {
      try {
        const wait = duration.parse(text);
        return () => wait;
      } catch {
        // told below
      }
    }
    throw new SyntaxError("a time such as 18:30, 2026-01-31T18:30, 90s or 10m");
  },
};
