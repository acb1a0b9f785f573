/**
 * What the log says of the days before the device was simulated: the events of its recordings, a
 * login each day, the last start.
 *
 * @module
 */

import type { LogEntry } from "./log_book.ts";
import type { DeviceState } from "./state.ts";

const DAY = 86_400_000;

const pasts = new WeakMap<DeviceState, LogEntry[]>();

/** The entries, oldest first; made when they are first asked for. Their numbers are below 1. */
export function pastOf(state: DeviceState): LogEntry[] {
  let past = pasts.get(state);
  if (past === undefined) pasts.set(state, past = make(state));
  return past;
}

function make(state: DeviceState): LogEntry[] {
  const { bornAt, calendar, disk, options } = state;
  // Recordings are in local time.
  const shift = calendar.localOf(bornAt) - bornAt;
  const [from, to] = [bornAt + shift - 3 * DAY, bornAt + shift];
  const entries: Omit<LogEntry, "number">[] = [];
  const add = (local: number, type: string, detail: object, channel?: number, user = "System") =>
    entries.push({ time: local - shift, type, user, channel, detail });
  for (let channel = 0; channel < options.channels; channel++) {
    for (const { start, end, events, type, stream } of disk.between(channel, from, to)) {
      if (type !== "dav" || stream !== "Main") continue;
      for (const Code of events) {
        add(start, `Event.${Code}.Start`, { Action: "Start", Code, Index: channel }, channel);
        add(end, `Event.${Code}.Stop`, { Action: "Stop", Code, Index: channel }, channel);
      }
    }
  }
  add(from, "System.Start", {});
  for (let day = from; day < to; day += DAY) {
    const detail = { Address: "192.0.2.10", ClientType: "Web3.0" };
    add(day + 3_600_000, "Account.LogIn", detail, undefined, options.user);
    add(day + 3_900_000, "Account.LogOut", detail, undefined, options.user);
  }
  entries.sort((a, b) => a.time - b.time);
  return entries.map((entry, index) => ({ ...entry, number: index + 1 - entries.length }));
}
