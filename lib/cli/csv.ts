/**
 * CSV after RFC 4180, safe to open in a spreadsheet.
 *
 * @module
 */

import type { Cell, Grid } from "./view.ts";

/** The grid with its headings. Lines end with CR LF, as section 2 of the RFC wants. */
export function csvText(grid: Grid): string {
  return [grid.head, ...grid.rows].map(csvLine).join("");
}

/** One line of it. */
export function csvLine(row: readonly Cell[]): string {
  return `${row.map(field).join(",")}\r\n`;
}

function field(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell !== "string") return String(cell);
  // A spreadsheet would run a device name that starts like a formula (CWE-1236).
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
