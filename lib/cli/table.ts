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

/** What stands between columns. */
const GAP = "  ";
/** Cells are not cut shorter than this, however narrow the terminal is. */
const SHORTEST = 8;

/**
 * The grid as aligned text; headings in bold when `color` is set. Cells of `grid.cut` are cut where
 * a line would be longer than `width`.
 */
export function tableText(grid: Grid, color: boolean, width = Infinity): string {
  const { head, rows, record } = grid;
  const title = (text: string) => color ? `\x1b[1m${text}\x1b[22m` : text;
  const lines = record && rows.length === 1
    ? head.map((name, column) => [title(name), show(rows[0]![column])])
    : [
      head.map((name) => title(name.toUpperCase())),
      ...cutToWidth(grid, rows.map((row) => row.map(show)), width),
    ];
  const table = new Table({
    chars: { ...NO_LINES, middle: GAP },
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  table.push(...lines);
  const text = table.toString().split("\n").map((line) => line.trimEnd()).join("\n");
  return `${text}\n`;
}

/** Cuts the longest of the columns that may be cut, all to one width, so that a line fits. */
function cutToWidth(
  { head, cut = [] }: Grid,
  rows: readonly string[][],
  width: number,
): string[][] {
  const longest = head.map((name, column) =>
    rows.reduce((most, row) => Math.max(most, row[column]!.length), name.length)
  );
  const isCut = head.map((name) => cut.includes(name));
  const room = width - GAP.length * (longest.length - 1);
  let limit = Math.max(0, ...longest);
  const needed = () =>
    longest.reduce(
      (sum, length, column) => sum + (isCut[column] ? Math.min(length, limit) : length),
      0,
    );
  while (limit > SHORTEST && needed() > room) limit--;
  return rows.map((row) =>
    row.map((cell, column) =>
      !isCut[column] || cell.length <= limit
        ? cell
        : `${cell.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, "")}…`
    )
  );
}

function show(cell: Cell | undefined): string {
  return cell === null || cell === undefined || cell === "" ? "-" : plain(String(cell));
}
