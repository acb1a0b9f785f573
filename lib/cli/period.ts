/**
 * The period that `--from` and `--to` name.
 *
 * @module
 */

import { type Device, serviceOf } from "./devices.ts";
import { asEnd, asStart, type Moment, moment, MOMENT_FORMS, needsClock } from "./moment.ts";
import { usageError } from "./usage.ts";

/** The options. */
export const PERIOD_OPTIONS = {
  from: {
    value: "TIME",
    type: moment,
    summary: `Start, by the device's clock: ${MOMENT_FORMS}`,
    otherwise: "today",
  },
  to: {
    value: "TIME",
    type: moment,
    summary: "End, in the same forms; a day counts to its end",
    otherwise: "now",
  },
} as const;

/** Values of the options. */
export interface PeriodValues {
  readonly from: Moment | undefined;
  readonly to: Moment | undefined;
}

/** A period, by the device's clock. */
export interface Period {
  readonly from: Temporal.PlainDateTime;
  readonly to: Temporal.PlainDateTime;
}

const TODAY: Moment = { kind: "day", back: 0, time: undefined };
const NOW: Moment = { kind: "ago", ago: Temporal.Duration.from({ seconds: 0 }) };

/**
 * Works the period out. The device is asked for its time when that matters, and only once. Between
 * two bare times midnight may lie: `22:00` to `06:00` ends on the next day.
 *
 * @throws {DhipError} `DHIP_USAGE` when the end does not come after the start
 */
export async function periodOf(
  device: Device,
  { from = TODAY, to = NOW }: PeriodValues,
  signal: AbortSignal,
): Promise<Period> {
  const isOpen = needsClock(from) || needsClock(to);
  const now = isOpen ? await serviceOf(device, "clock").time({ signal }) : UNUSED;
  return resolvePeriod({ from, to }, now);
}

/** Stands for the clock where nothing depends on it. */
const UNUSED = Temporal.PlainDateTime.from("2000-01-01T00:00");

/**
 * The same for a clock that is known.
 *
 * @throws {DhipError} `DHIP_USAGE` when the end does not come after the start
 */
export function resolvePeriod(
  { from, to }: { readonly from: Moment; readonly to: Moment },
  now: Temporal.PlainDateTime,
): Period {
  const start = asStart(from, now);
  let end = asEnd(to, now);
  const isAfter = () => Temporal.PlainDateTime.compare(end, start) > 0;
  if (!isAfter() && from.kind === "time" && to.kind === "time") end = end.add({ days: 1 });
  if (isAfter()) return { from: start, to: end };
  const shown = (time: Temporal.PlainDateTime) =>
    time.toString({ smallestUnit: "second" }).replace("T", " ");
  throw usageError(
    `The end, ${shown(end)}, does not come after the start, ${shown(start)}`,
    needsClock(from) || needsClock(to)
      ? `It is ${shown(now)} by the device's clock.`
      : "Exchange --from and --to.",
  );
}
