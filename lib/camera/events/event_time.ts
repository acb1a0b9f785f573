/**
 * When an event happened, by what the device says in its details. Pure.
 *
 * @module
 */

import type { JsonObject } from "../../dhip/frame.ts";
import { number, text } from "../_fields.ts";

const QUARTER = 15 * 60;
/** Offsets from UTC that exist, in seconds. */
const MAX_OFFSET = 14 * 3600;
const WALL = /^(\d{4})-(\d{1,2})-(\d{1,2})[ T](\d{1,2}):(\d{2}):(\d{2})/;

/**
 * The time in the details of an event.
 *
 * `RealUTC` is an instant and `LocaleTime` the wall clock; their difference is the zone. `UTC` is
 * an instant on some firmwares and on others the wall clock in disguise, which shows when it equals
 * `LocaleTime` although the device is not at UTC.
 *
 * @param zone offset of the device's clock from UTC in seconds, when known otherwise
 * @returns ISO 8601 with an offset, or without where the zone is not known; null when the device
 *   says nothing
 */
export function eventTime(data: JsonObject, zone: number | null): string | null {
  const wall = wallSeconds(text(data.LocaleTime));
  const real = seconds(data.RealUTC);
  const utc = seconds(data.UTC);
  if (real !== null) return zoned(real, offsetBetween(wall, real) ?? zone ?? 0);
  if (wall === null) return utc === null ? null : zoned(utc, zone ?? 0);
  const told = utc === null ? null : offsetBetween(wall, utc);
  const offset = told !== null && told !== 0 ? told : zone;
  return offset === null ? iso(wall) : zoned(wall - offset, offset);
}

function seconds(value: unknown): number | null {
  const found = number(value);
  // Beyond the year 9999 it is no time; 0 stands for "not set".
  return found !== null && found > 0 && found < 253_402_300_800 ? found : null;
}

function wallSeconds(wall: string | null): number | null {
  const match = WALL.exec(wall ?? "");
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number);
  const time = Date.UTC(year!, month! - 1, day!, hour!, minute!, second!);
  return month! < 1 || month! > 12 || day! < 1 || day! > 31 ? null : time / 1000;
}

/** The zone that lies between wall clock and instant; null when it is none that exists. */
function offsetBetween(wall: number | null, instant: number): number | null {
  if (wall === null) return null;
  const offset = Math.round((wall - instant) / QUARTER) * QUARTER;
  const fits = Math.abs(offset) <= MAX_OFFSET && Math.abs(wall - instant - offset) < 60;
  return fits ? offset + 0 : null;
}

function iso(wall: number): string {
  return new Date(Math.round(wall * 1000)).toISOString().replace(/(?:\.000)?Z$/, "");
}

function zoned(instant: number, offset: number): string {
  const wall = iso(instant + offset);
  if (offset === 0) return `${wall}Z`;
  const minutes = Math.abs(offset) / 60;
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  return `${wall}${offset < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}
