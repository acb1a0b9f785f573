/**
 * The calendar clock of a device, which may be wrong, be set and jump.
 *
 * @module
 */

import type { Clock } from "../net/clock.ts";

/** Date and time of a device, on top of monotonic time. */
export class DeviceClock {
  readonly #clock: Clock;
  readonly #utcOffsetMs: number;
  #base: number;
  /** Milliseconds by which the clock has jumped. */
  jump = 0;

  /** `time` in ms since 1970; `utcOffset` in minutes ahead of UTC. */
  constructor(clock: Clock, time: number, utcOffset: number) {
    this.#clock = clock;
    this.#utcOffsetMs = utcOffset * 60_000;
    this.#base = time - clock.now();
  }

  /** Milliseconds since 1970, as the device believes. */
  now(): number {
    return this.#base + this.#clock.now() + this.jump;
  }

  /** `YYYY-MM-DD HH:MM:SS`, device local time. */
  text(): string {
    const date = new Date(this.now() + this.#utcOffsetMs);
    return date.toISOString().slice(0, 19).replace("T", " ");
  }

  /** Sets the clock from `YYYY-MM-DD HH:MM:SS` local time; false when there is no such time. */
  set(text: string): boolean {
    const match = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(text);
    if (match === null) return false;
    const local = new Date(text.replace(" ", "T") + "Z");
    // 30 February is rolled over by some engines and refused by devices.
    if (Number.isNaN(local.getTime())) return false;
    if (local.toISOString().slice(0, 19).replace("T", " ") !== text) return false;
    this.#base += local.getTime() - this.#utcOffsetMs - this.now();
    return true;
  }
}
