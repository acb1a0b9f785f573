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
    return { ...grid(entries), cut: true };
  },
  csv: grid,
};

function grid(entries: readonly LogEntry[]) {
  return {
    head: ["Time", "Type", "Code", "Channel", "User", "Address", "Detail"],
    rows: entries.map((one) => [
      timeText(one.time),
      one.type,
      one.code,
      one.channel,
      one.user,
      one.address,
      one.detail ?? unknownText(one),
    ]),
  };
}

/** An entry in which nothing could be read is shown as it came. */
function unknownText({ time, type, fields }: LogEntry): string | null {
  return time === null && type === null ? JSON.stringify(fields) : null;
}
