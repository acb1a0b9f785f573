/**
 * The addresses of RTSP: which stream of which channel, live or recorded.
 *
 * @module
 */

import { timeOf } from "../../device_clock.ts";

/** What an address names. */
export interface RtspTarget {
  /** The address of the stream, without a track. */
  readonly base: string;
  /** Number of the track; undefined: the whole stream. */
  readonly track: number | undefined;
  /** Channel, 0-based. */
  readonly channel: number;
  /** 0 the main stream, 1 and 2 the others. */
  readonly subtype: number;
  /** Recorded: from when on, in ms of device local time; undefined: live. */
  readonly from: number | undefined;
  /** Recorded: until when; Infinity: until now. */
  readonly to: number;
}

/** Reads an address; undefined when the device has no such path. */
export function parseTarget(uri: string): RtspTarget | undefined {
  const [, base = "", id] = /^(.*?)(?:\/?trackID=(\d{1,3}))?\/?$/.exec(uri) ?? [];
  const [, path = "", query = ""] = /^rtsp:\/\/[^/?]+(\/[^?]*)?(?:\?(.*))?$/i.exec(base) ?? [];
  if (!/^rtsp:/i.test(base)) return undefined;
  const fields = new Map(
    query.split("&").map((pair) => {
      const [name = "", value = ""] = pair.split("=");
      return [name.toLowerCase(), value] as const;
    }),
  );
  const name = path.replace(/\/+$/, "").toLowerCase();
  const number = (field: string, otherwise: number) => {
    const text = fields.get(field);
    if (text === undefined) return otherwise;
    return /^\d{1,4}$/.test(text) ? Number(text) : NaN;
  };
  const channel = number(name === "/h264" ? "ch" : "channel", 1) - 1;
  const subtype = number("subtype", 0);
  if (!["", "/cam/realmonitor", "/cam/playback", "/h264"].includes(name)) return undefined;
  const [start, end] = [fields.get("starttime"), fields.get("endtime")];
  const from = start === undefined ? undefined : time(start);
  const to = end === undefined ? Infinity : time(end);
  const wrong = [channel, subtype].includes(NaN) || to === undefined ||
    (start !== undefined && (from === undefined || to <= from)) ||
    (start === undefined && name === "/cam/playback");
  if (wrong) return undefined;
  return { base, track: id === undefined ? undefined : Number(id), channel, subtype, from, to };
}

/** `2026_01_02_03_04_05`. */
function time(text: string): number | undefined {
  const match = /^(\d{4})_(\d\d?)_(\d\d?)_(\d\d?)_(\d\d?)_(\d\d?)$/.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1).map((part) =>
    part.padStart(2, "0")
  );
  return timeOf(`${year}-${month}-${day} ${hour}:${minute}:${second}`);
}
