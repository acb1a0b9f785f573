/**
 * Prints changes of configuration tables as they come.
 *
 * @module
 */

import type { ConfigChange } from "../../camera/config_watch.ts";
import { maskSecrets } from "../../camera/config_secrets.ts";
import type { Context } from "../context.ts";
import { csvLine } from "../csv.ts";
import { jsonText, plain } from "../text.ts";
import { wallTime } from "../wall_time.ts";
import { differenceGrid, differenceTable } from "./change_view.ts";
import { maskDifference } from "./masked.ts";

/** Longest value in a line for people, in characters. */
const LONGEST = 60;

/**
 * The printer for the format in force; passwords are masked. A stream has no end, so its JSON is one
 * object a line, and one for each change; lines for people and CSV have one for each place.
 */
export function changePrinter(
  { output, io }: Pick<Context, "output" | "io">,
): (device: string, change: ConfigChange) => Promise<void> {
  let headed = false;
  return async (device, change) => {
    const { time, name } = change;
    const changes = change.changes.map(maskDifference);
    if (output.format === "table") {
      const lines = differenceTable(changes).rows.map(([path, before, after]) =>
        `${wallTime(time)}  ${plain(device)}  ${plain(`${path}`)}  ${value(before)} -> ${
          value(after)
        }\n`
      );
      await output.text(lines.join(""));
    } else if (output.format === "csv") {
      const { head, rows } = differenceGrid(changes);
      const heading = headed ? "" : csvLine(["device", "time", ...head]);
      headed = true;
      const shown = rows.map((row) => csvLine([device, time, ...row].map(cell)));
      await output.text(heading + shown.join(""));
    } else {
      const table = maskSecrets(change.table);
      await output.text(`${jsonText({ device, time, name, changes, table })}\n`);
    }
  };

  function cell<T>(content: T): T | string {
    return typeof content === "string" && io.stdout.isTerminal ? plain(content) : content;
  }
}

/** A value as JSON, not too long; a place that one side lacks is a dash. */
function value(json: unknown): string {
  if (typeof json !== "string") return "-";
  const shown = plain(json);
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST - 1)}…` : shown;
}
