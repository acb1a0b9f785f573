/**
 * How clocks look.
 *
 * @module
 */

import type {
  ClockDrift,
  ClockReading,
  ClockSync,
  NtpSettings,
  SummerTime,
} from "../camera/mod.ts";
import { DhipError } from "../errors.ts";
import { envelopeOf } from "./failure.ts";
import type { Cell, View } from "./view.ts";

/** Looks of a {@linkcode ClockReading}. */
export const clockView: View<ClockReading> = {
  json: (reading) => ({
    ...reading,
    problems: reading.problems.map(({ field, error }) => ({ field, error: envelopeOf(error) })),
  }),
  table(reading) {
    const { time, drift, timeZone, summerTime, ntp } = reading;
    const fields = {
      Time: timeText(time),
      Drift: driftText(drift),
      Zone: timeZone?.offset ?? timeZone?.name ?? null,
      "Summer time": summerText(summerTime),
      "Time server": ntp === null ? null : ntpText(ntp),
    };
    return { record: true, head: Object.keys(fields), rows: [Object.values(fields)] };
  },
  csv({ time, drift, timeZone, summerTime, ntp }) {
    const fields: Record<string, Cell> = {
      time: timeText(time),
      drift_ms: drift.milliseconds,
      uncertainty_ms: drift.uncertainty,
      drift_zone: drift.zone,
      drift_zone_from: drift.zoneFrom,
      zone_offset: timeZone?.offset ?? null,
      zone_name: timeZone?.name ?? null,
      summer_time_enabled: summerTime?.enabled ?? null,
      summer_time_active: summerTime?.active ?? null,
      ntp_enabled: ntp?.enabled ?? null,
      ntp_server: ntp?.server ?? null,
      ntp_port: ntp?.port ?? null,
      ntp_period_minutes: ntp?.period ?? null,
    };
    return { head: Object.keys(fields), rows: [Object.values(fields)] };
  },
};

/** Looks of a {@linkcode ClockSync}. */
export const syncView: View<ClockSync> = {
  table: ({ before, after }) => ({
    record: true,
    head: ["Before", "After", "Zone"],
    rows: [[driftText(before), driftText(after), after.zone]],
  }),
  csv: ({ before, after }) => ({
    head: ["before_ms", "after_ms", "uncertainty_ms", "zone", "zone_from"],
    rows: [[
      before.milliseconds,
      after.milliseconds,
      after.uncertainty,
      after.zone,
      after.zoneFrom,
    ]],
  }),
};

/** Looks of a time server; null on a device without one. */
export const ntpView: View<NtpSettings | null> = {
  table: (ntp) => ({
    record: true,
    head: ["Enabled", "Server", "Port", "Period (min)"],
    rows: [[ntp?.enabled ?? null, ntp?.server ?? null, ntp?.port ?? null, ntp?.period ?? null]],
  }),
};

/** `2026-01-02 03:04:05`. */
export function timeText(time: Temporal.PlainDateTime): string {
  return time.toString().replace("T", " ");
}

function driftText({ milliseconds, uncertainty }: ClockDrift): string {
  // Less than what the measurement can tell is no drift to speak of.
  if (Math.abs(milliseconds) <= uncertainty) return `within ${seconds(uncertainty)}`;
  const side = milliseconds > 0 ? "ahead" : "behind";
  return `${spelled(Math.abs(milliseconds))} ${side} (±${seconds(uncertainty)})`;
}

function spelled(milliseconds: number): string {
  const total = Math.round(milliseconds / 1000);
  if (total < 60) return seconds(milliseconds);
  const [d, h, m, s] = [total / 86_400, total / 3600 % 24, total / 60 % 60, total % 60]
    .map(Math.floor) as [number, number, number, number];
  if (d > 0) return `${d} d ${h} h`;
  return h > 0 ? `${h} h ${m} min` : `${m} min ${s} s`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

function summerText(summerTime: SummerTime | null): string | null {
  if (summerTime?.enabled === false) return "none";
  const active = summerTime?.active ?? null;
  return active === null ? null : active ? "now" : "not now";
}

function ntpText({ enabled, server, period }: NtpSettings): string {
  const every = period === null ? "" : ` every ${period} min`;
  return enabled === false ? `off (${server ?? "none"})` : `${server ?? "unknown"}${every}`;
}

/** The error of a clock that is too far off. */
export function driftError(drift: ClockDrift, max: number): DhipError | undefined {
  if (Math.abs(drift.milliseconds) <= max) return undefined;
  return new DhipError(
    "DHIP_DIFFERENT",
    `The clock is ${driftText(drift)}, more than ${seconds(max)}`,
    { hint: "dhip clock sync TARGET sets it by this computer's clock." },
  );
}

/** Drifts below this are no matter of zones. In milliseconds. */
const QUARTER = 15 * 60_000;

/**
 * What to say of a clock that is wrong by its own zone, and right by this computer's: then it is
 * likely the zone that is set wrong.
 *
 * @param now this computer's time, in milliseconds since 1970
 */
export function zoneDoubt(drift: ClockDrift, now: number): string | undefined {
  const { milliseconds, uncertainty, zone, zoneFrom } = drift;
  if (zoneFrom !== "device" || Math.abs(milliseconds) < QUARTER) return undefined;
  const here = Temporal.Instant.fromEpochMilliseconds(now)
    .toZonedDateTimeISO(Temporal.Now.timeZoneId());
  const off = milliseconds + offsetOf(zone) - here.offsetNanoseconds / 1e6;
  if (Math.abs(off) > 60_000 + uncertainty) return undefined;
  return `the clock shows the time of this computer's zone (${here.offset}), but its own zone is ` +
    `set to ${zone}; --zone local goes by this computer's`;
}

function offsetOf(zone: string): number {
  const offset = Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
  return offset.offsetNanoseconds / 1e6;
}
