/**
 * Prints records as they come, and hands them on.
 *
 * @module
 */

import type { CameraEvent, EventRecord } from "../../camera/mod.ts";
import type { Context } from "../context.ts";
import { csvLine } from "../csv.ts";
import { jsonText, plain } from "../text.ts";
import { EVENT_COLUMNS, eventLine, eventRow } from "./event_lines.ts";
import type { EventSink } from "./sink.ts";

/** Writes the records of all devices of a run. */
export interface EventPrinter {
  /**
   * Prints one record; resolves when the reader has taken it.
   *
   * @throws {OutputClosed} when nobody reads any more
   */
  print(device: string, record: EventRecord): Promise<void>;
}

/** What a printer writes to. */
type Surroundings = Pick<Context, "output" | "io">;

/**
 * The printer for the format in force. A stream has no end, so its JSON is one object a line.
 *
 * @param raw events as the device sent them
 */
export function eventPrinter(
  { output, io }: Surroundings,
  raw: boolean,
  sinks: readonly EventSink[],
): EventPrinter {
  let headed = false;
  const cell = (value: string | number | boolean | null) =>
    typeof value === "string" && io.stdout.isTerminal ? plain(value) : value;
  return {
    async print(device, record) {
      const shown = raw && record.kind !== "stream"
        ? { device, received: record.received, raw: record.raw }
        : { device, ...record };
      const json = jsonText(shown);
      if (output.format === "table") await output.text(eventLine(device, record));
      else if (output.format === "csv") {
        const head = headed ? "" : csvLine(EVENT_COLUMNS);
        headed = true;
        await output.text(head + csvLine(eventRow(device, record).map(cell)));
      } else await output.text(`${json}\n`);
      for (const sink of sinks) sink.offer(json);
    },
  };
}

/**
 * The printer for python-dhip's line: one indented document for each event, in the names of pushes,
 * and nothing else on standard output.
 */
export function pythonPrinter({ output, log }: Pick<Context, "output" | "log">): EventPrinter {
  return {
    async print(device, record) {
      if (record.kind === "stream") {
        log.notice(eventLine(device, record).trimEnd());
        return;
      }
      await output.json(pushForm(record));
    },
  };
}

/** `{Action, Code, Data, Index}`, whatever carried the event. */
function pushForm({ raw, code, action, channel }: CameraEvent): unknown {
  const sent = typeof raw === "object" && raw !== null ? raw as Record<string, unknown> : {};
  if ("Action" in sent) return sent;
  const field = (name: string) =>
    Object.entries(sent).find(([key]) => key.toLowerCase() === name)?.[1];
  const data = field("data");
  return {
    Action: field("action") ?? action[0]!.toUpperCase() + action.slice(1),
    Code: code,
    ...(data === undefined ? {} : { Data: data }),
    ...(channel === null ? {} : { Index: channel - 1 }),
  };
}
