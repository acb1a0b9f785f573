/**
 * What `dhip config diff` and `dhip config compare` do.
 *
 * @module
 */

import { type ConfigBackup, parseBackup, tablesToRestore } from "../../camera/config_backup.ts";
import { type Difference, diffTables } from "../../camera/config_diff.ts";
import { DhipError } from "../../errors.ts";
import type { Context, DeviceWork } from "../context.ts";
import { plain } from "../text.ts";
import { nearest, usageError } from "../usage.ts";
import { readUserFile } from "../user_file.ts";
import { serviceOf } from "../devices.ts";
import { maskDifference } from "./masked.ts";

/** Reads a backup file that the user named. */
export async function readBackup({ io }: Pick<Context, "io">, file: string): Promise<ConfigBackup> {
  return parseBackup(await readUserFile(io, file, "The backup"));
}

/** Prepares the comparison of a backup with devices. */
export async function diffWork(
  context: Context,
  file: string,
  only: readonly string[],
): Promise<DeviceWork<Difference[]>> {
  const backup = await readBackup(context, file);
  const { signal } = context;
  return async (device) => compare(backup, await serviceOf(device, "config").all({ signal }), only);
}

/**
 * Differences between a backup and other tables; secrets masked on one side do not count.
 *
 * @throws {DhipError} `DHIP_USAGE` for a name that neither side has: a mistyped one would look like
 *   no difference
 */
export function compare(
  backup: ConfigBackup,
  other: Readonly<Record<string, unknown>>,
  only: readonly string[] = [],
): Difference[] {
  requireTables(only, [backup.tables, other], "Neither side has");
  const { tables } = tablesToRestore(backup, other);
  const names = only.length > 0
    ? only
    : [...new Set([...Object.keys(backup.tables), ...Object.keys(other)])];
  return names.flatMap((name) =>
    diffTables(name, tables[name] ?? backup.tables[name], other[name]).map(maskDifference)
  );
}

/**
 * Makes sure that each name is a table of one of the sides.
 *
 * @param lacking beginning of the message: "Neither side has"
 * @throws {DhipError} `DHIP_USAGE`
 */
export function requireTables(
  names: readonly string[],
  sides: readonly Readonly<Record<string, unknown>>[],
  lacking: string,
): void {
  for (const name of names) {
    if (sides.some((side) => Object.hasOwn(side, name))) continue;
    const near = nearest(name, sides.flatMap((side) => Object.keys(side)));
    throw usageError(
      `${lacking} a table ${plain(name)}`,
      near === undefined ? "Names of tables are case-sensitive." : `Did you mean ${near}?`,
    );
  }
}

/** The error of a comparison that found something. */
export function differentError(differences: readonly Difference[]): DhipError | undefined {
  if (differences.length === 0) return undefined;
  const places = differences.length === 1 ? "1 place" : `${differences.length} places`;
  return new DhipError("DHIP_DIFFERENT", `They differ in ${places}`);
}
