/**
 * Times as people write them, meant by the clock of the device.
 *
 * @module
 */

import type { ValueType } from "./values.ts";

/**
 * A time that is not worked out yet: what `today` or `10:00` is depends on the device's clock, and
 * a day is its first moment as a start and its last one as an end.
 */
export type Moment =
  | { readonly kind: "at"; readonly at: Temporal.PlainDateTime }
  | { readonly kind: "date"; readonly date: Temporal.PlainDate }
  | { readonly kind: "day"; readonly back: 0 | 1; readonly time: Temporal.PlainTime | undefined }
  | { readonly kind: "time"; readonly time: Temporal.PlainTime }
  | { readonly kind: "ago"; readonly ago: Temporal.Duration };

/** What {@linkcode moment} understands, for help texts. */
export const MOMENT_FORMS = "YYYY-MM-DD[ HH:MM[:SS]], HH:MM[:SS], today, yesterday, now, -2h";

const EXPECTED =
  "a time: YYYY-MM-DD[ HH:MM[:SS]], HH:MM[:SS] (today), today, yesterday, now, -2h or '2h ago'";
const CLOCK = "(\\d{1,2}:\\d{2}(?::\\d{2})?)";
const DATE_TIME = new RegExp(`^(\\d{4}-\\d{1,2}-\\d{1,2})(?:[ T]+${CLOCK})?$`);
const TIME = new RegExp(`^${CLOCK}$`);
const DAY = new RegExp(`^(today|yesterday)(?:[ T]+${CLOCK})?$`, "i");
const AGO = /^(?:-(\d{1,6})\s*([smhdw])|(\d{1,6})\s*([smhdw])\s+ago)$/i;
const UNITS = {
  s: "seconds",
  m: "minutes",
  h: "hours",
  d: "days",
  w: "weeks",
} as const;

/** A time by the device's clock. */
export const moment: ValueType<Moment> = {
  parse(text) {
    const found = read(text.trim());
    if (found !== undefined) return found;
    throw new SyntaxError(EXPECTED);
  },
};

function read(text: string): Moment | undefined {
  if (/^now$/i.test(text)) return { kind: "ago", ago: Temporal.Duration.from({ seconds: 0 }) };
  const ago = AGO.exec(text);
  if (ago !== null) {
    const [, a, unitA, b, unitB] = ago;
    const unit = UNITS[(unitA ?? unitB)!.toLowerCase() as keyof typeof UNITS];
    return { kind: "ago", ago: Temporal.Duration.from({ [unit]: Number(a ?? b) }) };
  }
  const day = DAY.exec(text);
  if (day !== null) {
    const [, word, clock] = day;
    const time = clock === undefined ? undefined : timeOf(clock);
    return time === null ? undefined : { kind: "day", back: /^y/i.test(word!) ? 1 : 0, time };
  }
  const time = TIME.exec(text);
  if (time !== null) {
    const clock = timeOf(time[1]!);
    return clock === null ? undefined : { kind: "time", time: clock };
  }
  const dated = DATE_TIME.exec(text);
  if (dated === null) return undefined;
  const date = dateOf(dated[1]!);
  const clock = dated[2] === undefined ? undefined : timeOf(dated[2]);
  if (date === null || clock === null) return undefined;
  return clock === undefined
    ? { kind: "date", date }
    : { kind: "at", at: date.toPlainDateTime(clock) };
}

function timeOf(text: string): Temporal.PlainTime | null {
  const [hour, minute, second = 0] = text.split(":").map(Number);
  try {
    const fields = { hour: hour!, minute: minute!, second };
    return Temporal.PlainTime.from(fields, { overflow: "reject" });
  } catch {
    return null;
  }
}

function dateOf(text: string): Temporal.PlainDate | null {
  const [year, month, day] = text.split("-").map(Number);
  try {
    const fields = { year: year!, month: month!, day: day! };
    return Temporal.PlainDate.from(fields, { overflow: "reject" });
  } catch {
    return null;
  }
}

/** True for a time that the device's clock is needed for. */
export function needsClock({ kind }: Moment): boolean {
  return kind !== "at" && kind !== "date";
}

/** The time as the start of something, by a clock that says `now`. */
export function asStart(one: Moment, now: Temporal.PlainDateTime): Temporal.PlainDateTime {
  return resolve(one, now, Temporal.PlainTime.from("00:00"));
}

/** The time as the end of something: a day ends with its last second. */
export function asEnd(one: Moment, now: Temporal.PlainDateTime): Temporal.PlainDateTime {
  return resolve(one, now, Temporal.PlainTime.from("23:59:59"));
}

function resolve(
  one: Moment,
  now: Temporal.PlainDateTime,
  ofDay: Temporal.PlainTime,
): Temporal.PlainDateTime {
  switch (one.kind) {
    case "at":
      return one.at;
    case "date":
      return one.date.toPlainDateTime(ofDay);
    case "day":
      return now.toPlainDate().subtract({ days: one.back }).toPlainDateTime(one.time ?? ofDay);
    case "time":
      return now.toPlainDate().toPlainDateTime(one.time);
    case "ago":
      return now.subtract(one.ago);
  }
}
