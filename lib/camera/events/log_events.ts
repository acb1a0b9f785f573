/**
 * Events from a device's log, to fill gaps.
 *
 * @module
 */

import type { CallOptions } from "../../net/stream.ts";
import type { ClockService } from "../clock.ts";
import { actionOf } from "./normalise.ts";
import type { EventLog, LoggedEvent } from "./stream.ts";

/** Most entries for one gap. */
const MOST = 1_000;

/** What is taken of an entry of the log. */
export interface LogEntryOfEvent {
  /** By the device's wall clock. */
  readonly time: Temporal.PlainDateTime | null;
  /** Code of the event; null for other entries. */
  readonly code: string | null;
  /** Whether it began, ended or happened. */
  readonly action: string | null;
  /** 1 is the first. */
  readonly channel: number | null;
  /** The entry as the device sent it. */
  readonly fields: unknown;
}

/** A log that can be searched by the device's wall clock. */
export interface LogOfEvents {
  /** Finds the entries of a time. */
  find(
    filter: { readonly from: Temporal.PlainDateTime; readonly to: Temporal.PlainDateTime },
    options?: CallOptions & { readonly limit?: number | undefined },
  ): AsyncIterable<LogEntryOfEvent>;
}

/** Reads events from the log. The device's clock says what it calls a moment of this computer's. */
export function eventLog(logs: LogOfEvents, clock: Pick<ClockService, "read">): EventLog {
  return async (from, to, options) => {
    const { time } = await clock.read(options);
    const now = Date.now();
    const wallAt = (moment: Date, roundingMode: "floor" | "ceil") =>
      time.subtract({ milliseconds: now - moment.getTime() })
        .round({ smallestUnit: "second", roundingMode });
    const filter = { from: wallAt(from, "floor"), to: wallAt(to, "ceil") };
    const events: LoggedEvent[] = [];
    for await (const entry of logs.find(filter, { ...options, limit: MOST })) {
      const { code, action, channel, fields } = entry;
      if (code === null || action === null) continue;
      const at = entry.time?.toString() ?? null;
      events.push({ time: at, channel, code, action: actionOf(action), raw: fields });
    }
    return events;
  };
}
