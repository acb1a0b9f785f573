/**
 * How changes of a configuration look.
 *
 * @module
 */

import type { Difference } from "../../camera/config_diff.ts";
import type { Cell, Grid, View } from "../view.ts";
import { parseConfigPath } from "../../camera/config_path.ts";
import type { ChangeResult } from "./access.ts";

/** Differences for people: a table that one side does not have is not spelled out. */
export function differenceTable(
  differences: readonly Difference[],
  sides?: readonly [string, string],
): Grid {
  const grid = differenceGrid(differences, sides);
  const rows = grid.rows.map((row, index): readonly Cell[] => {
    const one = differences[index]!;
    const isTable = parseConfigPath(one.path).steps.length === 0;
    if (!isTable || ("before" in one && "after" in one)) return row;
    return row.map((cell, column) => column > 0 && cell !== null ? "(whole table)" : cell);
  });
  return { ...grid, rows, cut: grid.head };
}

/** Differences as a table, everything in it. `before` and `after` are the two sides' names. */
export function differenceGrid(
  differences: readonly Difference[],
  sides: readonly [string, string] = ["before", "after"],
): Grid {
  return {
    head: ["path", ...sides],
    rows: differences.map((one) => [one.path, side(one, "before"), side(one, "after")]),
  };
}

/** How a change looks: what changed, and for people a line about what became of it. */
export const changeView: View<ChangeResult> = {
  table(result) {
    if (result.changes.length === 0) return "Nothing to change.\n";
    return withKept(result, differenceTable(result.changes));
  },
  csv: (result) => withKept(result, differenceGrid(result.changes)),
};

/** Where the device did not keep a change: what it has instead. */
function withKept({ changes, notHeld }: ChangeResult, grid: Grid): Grid {
  if (notHeld.length === 0) return grid;
  const kept = new Map(notHeld.map((one) => [one.path, side(one, "after")]));
  const head = [...grid.head, "device has"];
  const rows = grid.rows.map((row, index): readonly Cell[] => {
    const { path } = changes[index]!;
    return [...row, kept.has(path) ? kept.get(path) ?? null : side(changes[index]!, "after")];
  });
  return { ...grid, head, rows, ...(grid.cut === undefined ? {} : { cut: head }) };
}

function side(difference: Difference, name: "before" | "after"): string | null {
  return name in difference ? JSON.stringify(difference[name]) : null;
}
