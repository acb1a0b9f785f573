/**
 * How a command's result looks when it is not JSON.
 *
 * @module
 */

import type { DhipError } from "../errors.ts";

/** The formats of results. */
export const FORMATS = ["table", "json", "ndjson", "csv"] as const;

/** A format. */
export type Format = typeof FORMATS[number];

/** One value of a table. */
export type Cell = string | number | boolean | null;

/** Rows under headings. */
export interface Grid {
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** A single row is better read as a list of its headings and values. */
  readonly record?: boolean;
  /**
   * Headings of columns whose long cells are cut where a line would not fit the terminal: what they
   * hold is shown by other formats.
   */
  readonly cut?: readonly string[];
}

/** How results of type T look. */
export interface View<T> {
  /** For people: a table, or a text of its own. `several`: with one row for each device. */
  table(result: T, several: boolean): Grid | string;
  /** For programs; by default the result itself. */
  json?(result: T): unknown;
  /** For spreadsheets; by default what `table` gives. */
  csv?(result: T): Grid;
  /** A target without a result, in the table of several; by default it is not in it. */
  failed?(error: DhipError): Grid;
}

/**
 * Any JSON value as a grid of paths and values: `table.General.Name`, `Door`. An empty list or
 * object has no places inside and is a value itself.
 */
export function pathGrid(value: unknown): Grid {
  const rows: Cell[][] = [];
  const walk = (path: string, node: unknown): void => {
    if (typeof node === "object" && node !== null && Object.keys(node).length === 0) {
      rows.push([path, Array.isArray(node) ? "[]" : "{}"]);
    } else if (typeof node !== "object" || node === null) {
      rows.push([path, node === undefined ? null : node as Cell]);
    } else if (Array.isArray(node)) {
      node.forEach((item, index) => walk(`${path}[${index}]`, item));
    } else {
      for (const [key, item] of Object.entries(node)) {
        walk(path === "" ? key : `${path}.${key}`, item);
      }
    }
  };
  walk("", value);
  return { head: ["path", "value"], rows };
}
