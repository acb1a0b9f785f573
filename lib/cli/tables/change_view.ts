/**
 * How changes of a configuration look.
 *
 * @module
 */

import type { Difference } from "../../camera/config_diff.ts";
import type { Grid, View } from "../view.ts";
import type { ChangeResult } from "./access.ts";

/** Differences as a table. `before` and `after` are the two sides' names. */
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
    return differenceGrid(result.changes);
  },
  csv: (result) => differenceGrid(result.changes),
};

function side(difference: Difference, name: "before" | "after"): string | null {
  return name in difference ? JSON.stringify(difference[name]) : null;
}
