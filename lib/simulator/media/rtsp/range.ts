/**
 * The fields Range and Scale of PLAY (RFC 2326 sections 12.29 and 12.34).
 *
 * @module
 */

import type { DeviceState } from "../../state.ts";
import { FASTEST, type PlayOrder, type SessionSource } from "./session.ts";

/**
 * What a client wants to be played; undefined when there is no such range. Playing begins at the
 * key frame before.
 */
export function orderOf(
  state: DeviceState,
  { target, parts }: SessionSource,
  position: number | undefined,
  headers: ReadonlyMap<string, string>,
): PlayOrder | undefined {
  const begin = target.from ?? 0;
  const end = parts?.at(-1)?.to ?? Infinity;
  const resumed = position ?? begin;
  const field = headers.get("range");
  const range = field === undefined ? [resumed, end] : timesOf(state, field, begin, resumed, end);
  if (range === undefined) return undefined;
  const [from = begin, to = end] = range;
  if (parts !== undefined && (from < begin || from >= end || to <= from)) return undefined;
  const scale = Number(headers.get("scale") ?? headers.get("speed") ?? "1");
  if (!(scale > 0 && scale <= FASTEST)) return undefined;
  // ONVIF's way to ask for everything as fast as it is read.
  const free = headers.get("rate-control")?.toLowerCase() === "no";
  return { from: Math.floor(from / 1000) * 1000, to, pace: free ? Infinity : scale };
}

/** The range that will be played, in the unit that the client chose. */
export function rangeText(
  state: DeviceState,
  { target, parts }: SessionSource,
  { from, to }: PlayOrder,
  asked: string | undefined,
): string {
  if (parts === undefined) return "npt=now-";
  if (/^clock=/i.test(asked ?? "")) {
    return `clock=${clockText(state, from)}-${clockText(state, to)}`;
  }
  const npt = (time: number) => ((time - (target.from ?? 0)) / 1000).toFixed(3);
  return `npt=${npt(from)}-${npt(to)}`;
}

function timesOf(
  state: DeviceState,
  field: string,
  begin: number,
  resumed: number,
  end: number,
): [from: number, to: number] | undefined {
  const [, unit = "", first = "", last = ""] =
    /^(npt|clock)=([^-;]*)-([^;]*)/i.exec(field.trim()) ?? [];
  const read = (text: string, otherwise: number) => {
    if (text === "") return otherwise;
    if (unit.toLowerCase() === "clock") return clockTime(state, text);
    return /^\d+(\.\d*)?$/.test(text) ? begin + Math.round(Number(text) * 1000) : undefined;
  };
  const from = first.trim() === "now" ? resumed : read(first.trim(), resumed);
  const to = read(last.trim(), end);
  return unit === "" || from === undefined || to === undefined
    ? undefined
    : [from, Math.min(to, end)];
}

/** `20260102T030405Z` or `20260102T030405.25Z`, UTC, as device local time in ms. */
function clockTime(state: DeviceState, text: string): number | undefined {
  const [, year, month, day, hour, minute, second, part = ""] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\.\d+)?Z?$/.exec(text) ?? [];
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(time)) return undefined;
  return state.calendar.localOf(time + Math.round(Number(part) * 1000));
}

function clockText(state: DeviceState, local: number): string {
  const utc = local - (state.calendar.local() - state.calendar.now());
  return new Date(utc).toISOString().replace(/[-:]/g, "").replace(".000", "");
}
