/**
 * Time zones by their number in the table `NTP`, and summer time by the rules of `Locales`. The
 * numbers are general knowledge of the HTTP API (unverified).
 *
 * @module
 */

/** Minutes ahead of UTC by number. */
const OFFSETS: readonly number[] = [
  ...[0, 60, 120, 180, 210, 240, 270, 300, 330, 345, 360, 390, 420, 480, 540, 570, 600, 660, 720],
  780,
  ...[-60, -120, -180, -210, -240, -300, -360, -420, -480, -540, -600, -660, -720],
];

/** The zone of Peking, in which these devices leave the factory. */
const FACTORY = 13;

/** Number and name of the zone that is so many minutes ahead of UTC; the factory's for an odd one. */
export function zoneOf(minutes: number): { readonly number: number; readonly name: string } {
  const found = OFFSETS.indexOf(minutes);
  const number = found < 0 ? FACTORY : found;
  const offset = OFFSETS[number]!;
  const two = (value: number) => String(Math.trunc(Math.abs(value))).padStart(2, "0");
  return { number, name: `GMT${offset < 0 ? "-" : "+"}${two(offset / 60)}:${two(offset % 60)}` };
}

/** Minutes ahead of UTC of a zone; undefined when there is none of that number. */
export function offsetOf(number: unknown): number | undefined {
  return typeof number === "number" ? OFFSETS[number] : undefined;
}

/** True when summer time is on; `time` is standard local time in ms. */
export type SummerTime = (time: number) => boolean;

/** Summer time by the table `Locales`; never when that says nothing usable. */
export function summerTime(locales: unknown): SummerTime {
  const { DSTEnable, DSTStart, DSTEnd } = Object(locales) as Record<string, unknown>;
  if (DSTEnable !== true) return () => false;
  return (time) => {
    const year = new Date(time).getUTCFullYear();
    const start = momentOf(DSTStart, year);
    // The end is told in summer time.
    const end = momentOf(DSTEnd, year) - 3_600_000;
    return start <= end ? time >= start && time < end : time >= start || time < end;
  };
}

/** `Week` 1-4 or -1 (the last): `Day` is a weekday, 0 = Sunday. `Week` 0: `Day` is a date. */
function momentOf(rule: unknown, year: number): number {
  const part = (name: string) => Number((Object(rule) as Record<string, unknown>)[name] ?? 0);
  const [month, week, day] = [part("Month") - 1, part("Week"), part("Day")];
  const clock = (part("Hour") * 60 + part("Minute")) * 60_000;
  if (week === 0) return Date.UTC(year, month, Math.max(1, day)) + clock;
  const first = week > 0
    ? 1 + (week - 1) * 7
    : new Date(Date.UTC(year, month + 1, 0)).getUTCDate() - 6;
  const weekday = new Date(Date.UTC(year, month, first)).getUTCDay();
  return Date.UTC(year, month, first + (day - weekday + 7) % 7) + clock;
}
