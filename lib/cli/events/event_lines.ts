/**
 * How records look on a terminal and in a spreadsheet.
 *
 * @module
 */

import type { CameraEvent, EventRecord, GapRecord } from "../../camera/mod.ts";
import { plain } from "../text.ts";
import type { Cell } from "../view.ts";
import { wallTime } from "../wall_time.ts";

/** One line for people. */
export function eventLine(device: string, record: EventRecord): string {
  const words = record.kind === "stream" ? `-- ${streamWords(record)}` : eventWords(record);
  const time = record.kind === "stream" ? record.received : record.time ?? record.received;
  return `${wallTime(time)}  ${plain(device)}  ${plain(words)}\n`;
}

/** Headings of {@linkcode eventRow}. */
export const EVENT_COLUMNS: readonly string[] = [
  "device",
  "time",
  "received",
  "channel",
  "channel_name",
  "code",
  "kind",
  "action",
  "rule",
  "objects",
  "note",
];

/** One row of a spreadsheet; what concerns the stream itself is in its last column. */
export function eventRow(device: string, record: EventRecord): readonly Cell[] {
  const { received, code, kind } = record;
  if (record.kind === "stream") {
    const empty = [null, null, null];
    return [device, null, received, null, null, code, kind, ...empty, streamWords(record)];
  }
  const { time, channel, channelName, action, rule } = record;
  const place = [device, time, received, channel, channelName];
  return [...place, code, kind, action, rule, objects(record), origin(record)];
}

function eventWords(event: CameraEvent): string {
  const { channel, channelName, code, kind, action, rule } = event;
  return [
    channel === null ? "-" : channelName === null ? `${channel}` : `${channel} ${channelName}`,
    `${code} ${action}`,
    kind,
    rule,
    objects(event),
    origin(event),
  ].filter((word) => word !== null && word !== "").join("  ");
}

function objects({ objects }: CameraEvent): string {
  return objects.flatMap(({ type }) => type ?? []).join(", ");
}

function origin({ synthetic, backfill }: CameraEvent): string | null {
  return synthetic ? "(found after a gap)" : backfill ? "(from the device's log)" : null;
}

function streamWords(record: Extract<EventRecord, { kind: "stream" }>): string {
  switch (record.code) {
    case "_gap":
      return gapWords(record);
    case "_resync": {
      const active = record.active.map(({ code, channel }) => `${code} ${channel}`);
      return `under way now: ${active.join(", ") || "nothing"}`;
    }
    case "_state": {
      const { state, transport, message } = record;
      const over = transport === null ? "" : ` over ${transport}`;
      return `${state}${over}${message === null ? "" : `: ${message}`}`;
    }
  }
}

function gapWords({ from, to, reason, dropped }: GapRecord): string {
  const seconds = Math.round((Date.parse(to) - Date.parse(from)) / 1000);
  const lost = dropped === null ? "events may be missing" : `${dropped} events were dropped`;
  return `gap of ${seconds} s, ${wallTime(from)} to ${wallTime(to)}: ${lost} (${reason})`;
}
