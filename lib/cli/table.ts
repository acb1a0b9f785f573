/**
 * Tables for a terminal. Loaded only when one is printed.
 *
 * @module
 */

import Table from "cli-table3";
import { plain } from "./text.ts";
import type { Cell, Grid } from "./view.ts";

const NO_LINES = Object.fromEntries(
  [
    ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left"],
    ["bottom-right", "left", "left-mid", "mid", "mid-mid", "right", "right-mid"],
  ].flat().map((name) => [name, ""]),
);

/** The grid as aligned text; headings in bold when `color` is set. */
export function tableText(grid: Grid, color: boolean): string {
  const { head, rows, record } = grid;
  const title = (text: string) => color ? `\x1b[1m${text}\x1b[22m` : text;
  const lines = record && rows.length === 1
    ? head.map((name, column) => [title(name), show(rows[0]![column])])
    : [head.map((name) => title(name.toUpperCase())), ...rows.map((row) => row.map(show))];
  const table = new Table({
    chars: { ...NO_LINES, middle: "  " },
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  table.push(...lines);
  const text = table.toString().split("\n").map((line) => line.trimEnd()).join("\n");
  return `${text}\n`;
}

function show(cell: Cell | undefined): string {
  return cell === null || cell === undefined || cell === "" ? "-" : plain(String(cell));
}
