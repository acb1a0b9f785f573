/**
 * How recordings look.
 *
 * @module
 */

import type { Recording } from "../camera/mod.ts";
import { lengthText, sizeText, timeText } from "./amounts.ts";
import type { View } from "./view.ts";

/** Looks of recordings. */
export const recordingsView: View<readonly Recording[]> = {
  table(recordings) {
    if (recordings.length === 0) return "No recordings.\n";
    return {
      head: ["Channel", "Start", "End", "Length", "Size", "Why", "Stream", "Path"],
      rows: recordings.map((one) => [
        one.channel,
        timeText(one.start),
        timeText(one.end),
        lengthText(one.duration),
        sizeText(one.bytes),
        [...one.flags, ...one.events].join(" "),
        one.stream,
        one.path,
      ]),
    };
  },
  csv(recordings) {
    return {
      head: [
        ...["channel", "start", "end", "duration_seconds", "bytes", "type", "stream", "flags"],
        ...["events", "disk", "path"],
      ],
      rows: recordings.map((one) => [
        one.channel,
        timeText(one.start),
        timeText(one.end),
        one.duration,
        one.bytes,
        one.type,
        one.stream,
        one.flags.join(" "),
        one.events.join(" "),
        one.disk,
        one.path,
      ]),
    };
  },
};
