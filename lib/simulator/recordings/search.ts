/**
 * A search among the recordings: conditions, order, pages.
 *
 * @module
 */

import type { JsonObject } from "../../dhip/frame.ts";
import { timeOf, timeText } from "../device_clock.ts";
import type { ServiceObject } from "../objects.ts";
import type { DeviceState } from "../state.ts";
import type { Recording } from "./disk.ts";

/** Milliseconds after which CGI's search is forgotten when nobody uses it. */
const FORGET = 60_000;

/** What a search has found, and how far it was read. */
interface Search {
  readonly found: readonly Recording[];
  next: number;
}

const searches = new WeakMap<ServiceObject, Search>();

/** When CGI last used an object. */
const uses = new WeakMap<ServiceObject, number>();

/** Searches; `params` when the condition makes no sense, otherwise the number found. */
export function search(
  state: DeviceState,
  object: ServiceObject,
  condition: unknown,
): number | "params" {
  const test = typeof condition === "object" && condition !== null && !Array.isArray(condition)
    ? testOf(condition as JsonObject)
    : undefined;
  const { Channel, StartTime, EndTime, Order = "Ascent" } = Object(condition) as JsonObject;
  const [from, to] = [timeOf(StartTime), timeOf(EndTime)];
  if (test === undefined || from === undefined || to === undefined || to <= from) return "params";
  if (typeof Channel !== "number" || !(Channel >= 0 && Channel < state.options.channels)) {
    return "params";
  }
  if (Order !== "Ascent" && Order !== "Descent" && Order !== null) return "params";
  const found = state.disk.between(Channel, from, to).filter(test)
    .sort((a, b) => a.start - b.start || a.end - b.end || (a.path < b.path ? -1 : 1));
  if (Order === "Descent") found.reverse();
  searches.set(object, { found, next: 0 });
  return found.length;
}

/** Number found; undefined when nothing was searched for. */
export function countOf(object: ServiceObject): number | undefined {
  return searches.get(object)?.found.length;
}

/** Goes to the recording with that index, 0-based; false when nothing was searched for. */
export function seek(object: ServiceObject, offset: number): boolean {
  const search = searches.get(object);
  if (search === undefined) return false;
  search.next = offset;
  return true;
}

/** The next page, of at most what the firmware gives; undefined when nothing was searched for. */
export function nextPage(
  state: DeviceState,
  object: ServiceObject,
  count: number,
): readonly Recording[] | undefined {
  const search = searches.get(object);
  if (search === undefined) return undefined;
  const { found, next } = search;
  const end = next + Math.min(count, state.options.quirks.findPageLimit);
  search.next = Math.min(found.length, end);
  return found.slice(next, end);
}

/** Forgets what was found. */
export function close(object: ServiceObject): void {
  searches.delete(object);
}

/** The object of CGI with that number, which stays for another minute. */
export function ofCgi(state: DeviceState, id: number): ServiceObject | undefined {
  const object = state.objects.find(state.cgi, "mediaFileFind", id);
  if (object !== undefined) uses.set(object, state.clock.now());
  return object;
}

/** True when the device takes no further search. */
export function full(state: DeviceState): boolean {
  const now = state.clock.now();
  const open = state.objects.of("mediaFileFind");
  for (const { id } of open) {
    const own = state.objects.find(state.cgi, "mediaFileFind", id);
    if (own !== undefined && now - (uses.get(own) ?? now) > FORGET) {
      state.objects.destroy(state.cgi, id);
    }
  }
  state.sessions.list(); // drops those that have expired, and their objects
  return state.objects.of("mediaFileFind").length >= state.options.finderSlots;
}

/** A recording as the device tells it; `base` is the number of the first channel. */
export function describe(recording: Recording, base = 0): Record<string, unknown> {
  const { channel, start, end, type, stream, flag, events, length, path, cluster } = recording;
  return {
    Channel: channel + base,
    Cluster: cluster,
    CutLength: length,
    Disk: recording.redundant ? 1 : 0,
    Duration: Math.round((end - start) / 1000),
    EndTime: timeText(end),
    Events: events.length === 0 ? null : events,
    FilePath: path,
    Flags: [flag],
    Length: length,
    Partition: 0,
    PicIndex: 0,
    Repeat: 0,
    StartTime: timeText(start),
    Type: type,
    VideoStream: stream,
    WorkDir: recording.redundant ? "/mnt/backup" : "/mnt/dvr",
    WorkDirSN: 0,
  };
}

/** The part of a condition that looks at single recordings; undefined when it makes no sense. */
function testOf(condition: JsonObject): ((recording: Recording) => boolean) | undefined {
  const { Types, Flags, Events, Dirs, VideoStream, Redundant } = condition;
  const lists = [Types, Flags, Events, Dirs].map(wantedOf);
  if (lists.includes("params")) return undefined;
  const [types, flags, events, dirs] = lists as (readonly string[] | undefined)[];
  if (VideoStream !== undefined && VideoStream !== null && typeof VideoStream !== "string") {
    return undefined;
  }
  return (recording) =>
    (types?.includes(recording.type) ?? true) &&
    (flags?.includes(recording.flag) ?? true) &&
    (events === undefined || recording.events.some((code) => events.includes(code))) &&
    (dirs === undefined || dirs.some((dir) => recording.path.startsWith(dir))) &&
    (typeof VideoStream !== "string" || VideoStream === recording.stream) &&
    (Redundant !== "Exclusion" || !recording.redundant);
}

/** Null, an empty list and one with `*` want everything. */
function wantedOf(value: unknown): readonly string[] | undefined | "params" {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every((each) => typeof each === "string")) return "params";
  return value.length === 0 || value.includes("*") ? undefined : value;
}
