/**
 * The tables `NTP` and `Locales` of a device.
 *
 * @module
 */

import type { JsonObject } from "../dhip/frame.ts";
import { flag, number, object, text } from "./_fields.ts";
import { deviceZone, offsetText, summerBetween, type Zone } from "./_zone.ts";
import type { DeviceTimeZone, NtpSettings, SummerTime, SummerTimeRule } from "./clock.ts";

/**
 * Minutes ahead of UTC by `NTP.TimeZone`. Several users of the HTTP API write it down alike; 13,
 * 22, 24 and 26 were seen on devices.
 */
const OFFSETS: readonly number[] = [
  ...[0, 60, 120, 180, 210, 240, 270, 300, 330, 345, 360, 390, 420, 480, 540, 570, 600, 660, 720],
  780,
  ...[-60, -120, -180, -210, -240, -300, -360, -420, -480, -540, -600, -660, -720],
];

/** Reads the time server. */
export function readNtp(table: unknown): NtpSettings | null {
  if (table === undefined) return null;
  const ntp = object(table);
  return {
    enabled: flag(ntp.Enable),
    server: text(ntp.Address),
    port: number(ntp.Port),
    period: number(ntp.UpdatePeriod),
  };
}

/** Reads the zone, which is a member of `NTP`. */
export function readTimeZone(table: unknown): DeviceTimeZone | null {
  const { TimeZone, TimeZoneDesc } = object(table);
  if (TimeZone === undefined && TimeZoneDesc === undefined) return null;
  const minutes = minutesOf(object(table));
  return {
    offset: minutes === undefined ? null : offsetText(minutes),
    name: text(TimeZoneDesc),
  };
}

/** The number goes first: devices were seen that keep a name of another zone beside it. */
function minutesOf({ TimeZone, TimeZoneDesc }: JsonObject): number | undefined {
  const known = typeof TimeZone === "number" ? OFFSETS[TimeZone] : undefined;
  if (known !== undefined) return known;
  const [, sign, hours, minutes] =
    /^(?:GMT|UTC)([+-])(\d{1,2}):?(\d{2})$/.exec(text(TimeZoneDesc) ?? "") ?? [];
  if (hours === undefined) return undefined;
  const size = Number(hours) * 60 + Number(minutes);
  return size > 14 * 60 ? undefined : sign === "-" ? -size : size;
}

/** Reads the rules of summer time. `time` is the device's wall clock. */
export function readSummerTime(table: unknown, time: Temporal.PlainDateTime): SummerTime | null {
  const { DSTEnable, DSTStart, DSTEnd } = object(table);
  if (DSTEnable === undefined) return null;
  const [start, end] = [readRule(DSTStart), readRule(DSTEnd)];
  const enabled = flag(DSTEnable);
  const isSummer = summerOf({ enabled, start, end });
  // In summer the clock is ahead of the one that the rules are told in.
  const active = isSummer && isSummer(time.subtract({ hours: 1 }));
  return { enabled, active, start, end };
}

function readRule(value: unknown): SummerTimeRule | null {
  const rule = object(value);
  const [month, week, day] = [number(rule.Month), number(rule.Week) ?? 0, number(rule.Day)];
  const [hour, minute] = [number(rule.Hour) ?? 0, number(rule.Minute) ?? 0];
  const isRule = isWithin(month, 1, 12) && isWithin(week, -1, 4) && isWithin(hour, 0, 23) &&
    isWithin(minute, 0, 59) && (week === 0 ? isWithin(day, 1, 31) : isWithin(day, 0, 6));
  if (!isRule) return null;
  return {
    month,
    week: week === 0 ? null : week,
    day: day!,
    time: Temporal.PlainTime.from({ hour, minute }),
  };
}

function isWithin(value: number | null, min: number, max: number): value is number {
  return value !== null && Number.isInteger(value) && value >= min && value <= max;
}

/** Whether a wall clock without summer time is in summer; null when that is not known. */
function summerOf({ enabled, start, end }: Omit<SummerTime, "active">) {
  if (enabled === false) return () => false;
  return enabled === null || start === null || end === null ? null : summerBetween(start, end);
}

/**
 * The zone that the device's clock shows, when its settings tell it.
 *
 * @param summer null when the device has no summer time, undefined when it does not tell
 * @param driftIn how far the device's clock is off in a zone: of summer and standard time the
 *   nearer is believed where the rules are not known
 */
export function zoneOf(
  ntp: unknown,
  summer: SummerTime | null | undefined,
  driftIn: (zone: Zone) => number,
): Zone | undefined {
  const minutes = minutesOf(object(ntp));
  if (minutes === undefined) return undefined;
  const never = () => false;
  const isSummer = summer === undefined ? null : summer === null ? never : summerOf(summer);
  if (isSummer !== null) return deviceZone(minutes, isSummer);
  const zones = [deviceZone(minutes, never), deviceZone(minutes + 60, never)];
  const [nearer] = zones.sort((a, b) => Math.abs(driftIn(a)) - Math.abs(driftIn(b)));
  return nearer;
}
