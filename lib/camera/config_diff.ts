/**
 * Differences between two configurations.
 *
 * @module
 */

import { formatConfigPath, type PathStep } from "./config_path.ts";

/** One place where two tables differ. */
export interface Difference {
  /** Place, for example `NTP.Enable`. */
  readonly path: string;
  /** Value on the first side; absent when the place exists only on the second. */
  readonly before?: unknown;
  /** Value on the second side; absent when the place exists only on the first. */
  readonly after?: unknown;
}

/**
 * All places where two versions of a table differ, in the order of the table. Lists of different
 * lengths differ element by element; the order of members does not count.
 */
export function diffTables(table: string, before: unknown, after: unknown): Difference[] {
  const found: Difference[] = [];
  const walk = (a: unknown, b: unknown, steps: PathStep[]): void => {
    if (Object.is(a, b)) return;
    const keys = keysOf(a, b);
    if (keys === undefined) {
      const path = formatConfigPath({ table, steps });
      found.push({
        path,
        ...(a === undefined ? {} : { before: a }),
        ...(b === undefined ? {} : { after: b }),
      });
      return;
    }
    for (const key of keys) {
      walk((a as Record<PathStep, unknown>)[key], (b as Record<PathStep, unknown>)[key], [
        ...steps,
        key,
      ]);
    }
  };
  walk(before, after, []);
  return found;
}

/** The steps into two values that can be compared member by member, or undefined. */
function keysOf(a: unknown, b: unknown): PathStep[] | undefined {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return undefined;
  if (Array.isArray(a) !== Array.isArray(b)) return undefined;
  if (Array.isArray(a) && Array.isArray(b)) {
    return Array.from({ length: Math.max(a.length, b.length) }, (_, index) => index);
  }
  return [...new Set([...Object.keys(a), ...Object.keys(b)])];
}
