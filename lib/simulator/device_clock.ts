/**
 * The calendar clock of a device, which may be wrong, be set and jump.
 *
 * @module
 */

import type { Clock } from "../net/clock.ts";
import type { SummerTime } from "./zones.ts";

/** Date and time of a device, on top of monotonic time. */
export class DeviceClock {
  readonly #clock: Clock;
  /** What the clock would be if it went right. */
  readonly #right: number;
  #offset: number;
  #summer: SummerTime = () => false;
  #base: number;
  /** Is told what the time was, as text, whenever the clock has been set. */
  onSet: ((before: string) => void) | undefined;
  /** Milliseconds by which the clock has jumped. */
  jump = 0;

  /**
   * `time` in ms since 1970; `utcOffset` in minutes ahead of UTC; `ahead` in seconds by which the
   * device is wrong.
   */
  constructor(clock: Clock, time: number, utcOffset: number, ahead = 0) {
    this.#clock = clock;
    this.#offset = utcOffset * 60_000;
    this.#right = time - clock.now();
    this.#base = this.#right + ahead * 1000;
  }

  /** Moves to another time zone. */
  move(utcOffset: number, summer: SummerTime): void {
    this.#offset = utcOffset * 60_000;
    this.#summer = summer;
  }

  /** Asks somebody who knows the time. */
  synchronise(): void {
    this.#base = this.#right;
  }

  /** Milliseconds since 1970, as the device believes. */
  now(): number {
    return this.#base + this.#clock.now() + this.jump;
  }

  /** Milliseconds since 1970 of a calendar that shows device local time. */
  local(): number {
    return this.localOf(this.now());
  }

  /** As {@linkcode DeviceClock.local}, of a time by this calendar. */
  localOf(time: number): number {
    const standard = time + this.#offset;
    return this.#summer(standard) ? standard + 3_600_000 : standard;
  }

  /** `YYYY-MM-DD HH:MM:SS`, device local time. */
  text(): string {
    return timeText(this.local());
  }

  /** Sets the clock from `YYYY-MM-DD HH:MM:SS` local time; false when there is no such time. */
  set(text: string): boolean {
    const local = timeOf(text);
    if (local === undefined) return false;
    const before = this.text();
    this.#base += local - this.local();
    this.#base += local - this.local(); // once more: that may have been a step into summer time
    this.onSet?.(before);
    return true;
  }
}

/** `YYYY-MM-DD HH:MM:SS` of milliseconds since 1970. */
export function timeText(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace("T", " ");
}

/** Milliseconds since 1970 of `YYYY-MM-DD HH:MM:SS`; undefined when there is no such time. */
export function timeOf(text: unknown): number | undefined {
  if (typeof text !== "string") return undefined;
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)) return undefined;
  const time = Date.parse(`${text.replace(" ", "T")}Z`);
  // 30 February is rolled over by some engines and refused by devices.
  return Number.isNaN(time) || timeText(time) !== text ? undefined : time;
}
