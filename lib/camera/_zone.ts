/**
 * Wall clocks and instants: in a named zone, or by the settings of a device.
 *
 * @module
 */

import type { SummerTimeRule } from "./clock.ts";

/** A zone, for a clock that shows it. */
export interface Zone {
  /** Its name in the time zone database, or its offset; undefined for that of a device. */
  readonly name?: string;
  /** What a clock shows; `instant` in milliseconds since 1970. */
  wallOf(instant: number): Temporal.PlainDateTime;
  /** When a clock shows it: one instant, or two where it is not unique. */
  instantsOf(wall: Temporal.PlainDateTime): number[];
}

/** Minutes that a clock of the zone is ahead of UTC. */
export function offsetAt(zone: Zone, instant: number): number {
  return Math.round((millis(zone.wallOf(instant)) - instant) / 60_000);
}

/**
 * A zone of the time zone database, or an offset.
 *
 * @throws {RangeError} when there is none
 */
export function namedZone(id: string): Zone {
  Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(id); // throws
  return {
    name: id,
    wallOf: (instant) =>
      Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(id).toPlainDateTime(),
    instantsOf: (wall) =>
      (["earlier", "later"] as const).map((disambiguation) =>
        wall.toZonedDateTime(id, { disambiguation }).epochMilliseconds
      ),
  };
}

const HOUR = 3_600_000;

/**
 * The zone of a device's settings.
 *
 * @param minutes ahead of UTC without summer time
 * @param isSummer tells of a wall clock that never changes whether it is summer time
 */
export function deviceZone(
  minutes: number,
  isSummer: (standard: Temporal.PlainDateTime) => boolean,
): Zone {
  const offset = minutes * 60_000;
  const standardOf = (instant: number) => plain(instant + offset);
  return {
    wallOf(instant) {
      const standard = standardOf(instant);
      return isSummer(standard) ? standard.add({ hours: 1 }) : standard;
    },
    instantsOf(wall) {
      const winter = millis(wall) - offset;
      const summer = winter - HOUR;
      const fitting = [
        ...(isSummer(standardOf(winter)) ? [] : [winter]),
        ...(isSummer(standardOf(summer)) ? [summer] : []),
      ];
      return fitting.length > 0 ? fitting : [winter]; // the hour that the clock leaves out
    },
  };
}

/**
 * Whether it is summer time, by the rules of a device. The end is told in summer time. In the
 * southern hemisphere it lies before the beginning.
 */
export function summerBetween(
  start: SummerTimeRule,
  end: SummerTimeRule,
): (standard: Temporal.PlainDateTime) => boolean {
  return (standard) => {
    const from = momentOf(start, standard.year);
    const until = momentOf(end, standard.year).subtract({ hours: 1 });
    const compare = Temporal.PlainDateTime.compare;
    const begun = compare(standard, from) >= 0;
    const over = compare(standard, until) >= 0;
    return compare(from, until) <= 0 ? begun && !over : begun || !over;
  };
}

function momentOf({ month, week, day, time }: SummerTimeRule, year: number) {
  const first = Temporal.PlainDate.from({ year, month, day: 1 });
  if (week === null) return first.with({ day }).toPlainDateTime(time);
  const weekday = (date: Temporal.PlainDate) => date.dayOfWeek % 7; // 0 is Sunday
  const base = week > 0
    ? first.add({ weeks: week - 1 })
    : first.add({ months: 1 }).subtract({ weeks: 1 });
  return base.add({ days: (day - weekday(base) + 7) % 7 }).toPlainDateTime(time);
}

/** `+08:00`. */
export function offsetText(minutes: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(size / 60)}:${two(size % 60)}`;
}

function plain(milliseconds: number): Temporal.PlainDateTime {
  return Temporal.Instant.fromEpochMilliseconds(milliseconds).toZonedDateTimeISO("UTC")
    .toPlainDateTime();
}

function millis(wall: Temporal.PlainDateTime): number {
  return wall.toZonedDateTime("UTC").epochMilliseconds;
}
