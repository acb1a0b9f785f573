/**
 * Times as devices write them.
 *
 * @module
 */

/**
 * Reads a time: `2026-06-18 11:46:19`, and what firmwares write instead of it: `2026/6/18`, `T`,
 * `18-06-2026`, `06/18/2026 11:46:19 AM`, fractions of a second, a zone behind it, which is left
 * out. Null for what is no time.
 *
 * Of days and months that stand first and could be either, `-` means day first and `/` month first,
 * as in the formats that the devices' own pages offer.
 */
export function readDeviceTime(value: unknown): Temporal.PlainDateTime | null {
  if (typeof value !== "string") return null;
  const match =
    /^\s*(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})[ T]+(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,3})\d*)?\s*([AP]M)?\s*(?:Z|[+-]\d{2}:?\d{2})?\s*$/i
      .exec(value);
  if (match === null) return null;
  const [, a, separator, b, c, hour, minute, second, fraction = "0", half] = match;
  const [year, month, day] = dateOf(a!, b!, c!, separator!);
  if (half !== undefined && (Number(hour) < 1 || Number(hour) > 12)) return null;
  const shift = half === undefined ? 0 : /pm/i.test(half) ? 12 : 0;
  try {
    return Temporal.PlainDateTime.from({
      year,
      month,
      day,
      hour: half === undefined ? Number(hour) : Number(hour) % 12 + shift,
      minute: Number(minute),
      second: Number(second),
      millisecond: Number(fraction.padEnd(3, "0")),
    }, { overflow: "reject" });
  } catch {
    return null; // 30 February, 25 o'clock
  }
}

function dateOf(a: string, b: string, c: string, separator: string): [number, number, number] {
  if (a.length === 4) return [Number(a), Number(b), Number(c)];
  const [first, second, year] = [Number(a), Number(b), Number(c)];
  const monthFirst = second > 12 || (separator === "/" && first <= 12);
  return monthFirst ? [year, first, second] : [year, second, first];
}

/** Writes a time the one way that all firmwares take: `2026-06-18 11:46:19`, whole seconds. */
export function writeDeviceTime(time: Temporal.PlainDateTime): string {
  return time.toString({ smallestUnit: "second", roundingMode: "trunc" }).replace("T", " ");
}
