/**
 * Recordings between our words and the device's (`mediaFileFind`).
 *
 * @module
 */

import type { JsonObject } from "../dhip/frame.ts";
import { amount, text, texts } from "./_fields.ts";
import { wireChannel } from "./channel.ts";
import { readDeviceTime, writeDeviceTime } from "./device_time.ts";
import type { Recording, RecordingFilter, RecordingStream } from "./recordings.ts";

const STREAMS: Readonly<Record<RecordingStream, string>> = {
  main: "Main",
  sub1: "Extra1",
  sub2: "Extra2",
  sub3: "Extra3",
};

/**
 * The condition of `findFile`. Names and values as the web interface sends them (dahua-rpc); what is
 * not asked for is left out.
 */
export function conditionOf(channel: number, filter: RecordingFilter): JsonObject {
  const { from, flags, events, stream, redundant, folders } = filter;
  const { types = ["dav"], order = "oldest" } = filter;
  return {
    Channel: wireChannel(channel),
    StartTime: writeDeviceTime(from),
    EndTime: writeDeviceTime(nextDayUnlessAfter(from, filter.to)),
    Types: [...types],
    Order: order === "oldest" ? "Ascent" : "Descent",
    ...(flags?.length ? { Flags: flags.map(capital) } : {}),
    ...(events?.length ? { Events: [...events] } : {}),
    ...(stream === undefined ? {} : { VideoStream: STREAMS[stream] }),
    ...(redundant ? {} : { Redundant: "Exclusion" }),
    ...(folders?.length ? { Dirs: [...folders] } : {}),
  };
}

/** A file as the device describes it. `channel` is the one that was asked for, from 1. */
export function recordingOf(info: JsonObject, channel: number): Recording {
  const start = readDeviceTime(info.StartTime);
  const told = readDeviceTime(info.EndTime);
  const duration = amount(info.Duration);
  const type = text(info.Type)?.toLowerCase() ?? null;
  // A picture ends when it begins.
  const isMoment = duration === 0 || type === "jpg";
  const end = start === null || told === null || (isMoment && told.equals(start))
    ? told
    : nextDayUnlessAfter(start, told);
  const stream = text(info.VideoStream)?.toLowerCase();
  const wire = amount(info.Channel);
  return {
    channel: wire === null ? channel : wire + 1,
    start,
    end,
    duration: duration ?? secondsBetween(start, end),
    bytes: amount(info.Length),
    type,
    path: text(info.FilePath),
    stream: (Object.keys(STREAMS) as RecordingStream[])
      .find((name) => STREAMS[name].toLowerCase() === stream) ?? null,
    flags: texts(info.Flags).map((flag) => flag.toLowerCase()),
    events: texts(info.Events),
    disk: amount(info.Disk),
    partition: amount(info.Partition),
    cluster: amount(info.Cluster),
    workFolder: text(info.WorkDir),
    picture: amount(info.PicIndex),
    cutBytes: amount(info.CutLength),
  };
}

/** An end that is not after the start is on the next day: some firmwares tell only its time. */
function nextDayUnlessAfter(
  start: Temporal.PlainDateTime,
  end: Temporal.PlainDateTime,
): Temporal.PlainDateTime {
  return Temporal.PlainDateTime.compare(end, start) > 0 ? end : end.add({ days: 1 });
}

function secondsBetween(
  start: Temporal.PlainDateTime | null,
  end: Temporal.PlainDateTime | null,
): number | null {
  return start === null || end === null ? null : start.until(end).total("seconds");
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
