/**
 * How entries of a device's log look.
 *
 * @module
 */

import type { LogEntry } from "../camera/mod.ts";
import { timeText } from "./amounts.ts";
import type { View } from "./view.ts";

/** Looks of a log. */
export const logsView: View<readonly LogEntry[]> = {
  table(entries) {
    if (entries.length === 0) return "No entries.\n";
    return {
      // Of an event the type names the code too.
      head: ["Time", "Type", "Channel", "User", "Address", "Detail"],
      rows: entries.map((one) => [
        timeText(one.time),
        one.type ?? one.code,
        ...[one.channel, one.user, one.address, detailText(one)],
      ]),
      cut: ["Type", "Detail"],
    };
  },
  csv: (entries) => ({
    head: ["Time", "Type", "Code", "Channel", "User", "Address", "Detail"],
    rows: entries.map((one) => [
      timeText(one.time),
      ...[one.type, one.code, one.channel, one.user, one.address, detailText(one)],
    ]),
  }),
};

/** An entry in which nothing could be read is shown as it came. */
function detailText({ time, type, detail, fields }: LogEntry): string | null {
  return detail ?? (time === null && type === null ? JSON.stringify(fields) : null);
}
