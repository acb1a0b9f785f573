/**
 * Sizes and times for people.
 *
 * @module
 */

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** `12.4 MiB`; an empty text for null. */
export function sizeText(bytes: number | null): string {
  if (bytes === null) return "";
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < UNITS.length - 1; unit++) value /= 1024;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** `1:02:05` or `2:05`; an empty text for null. */
export function lengthText(seconds: number | null): string {
  if (seconds === null) return "";
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** `2026-01-31 08:00:00`; null stays null. */
export function timeText(time: Temporal.PlainDateTime | null): string | null {
  return time === null ? null : time.toString({ smallestUnit: "second" }).replace("T", " ");
}
