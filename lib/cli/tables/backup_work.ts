/**
 * What `dhip config backup` does on one device.
 *
 * @module
 */

import { type ConfigBackup, makeBackup } from "../../camera/config_backup.ts";
import { DhipError } from "../../errors.ts";
import type { Context, DeviceWork } from "../context.ts";
import { requireOwnPath, targetPath } from "../target_path.ts";
import { writeUserFile } from "../user_file.ts";
import { serviceOf } from "../devices.ts";

/** Options of `dhip config backup`. */
export interface BackupCommandOptions {
  readonly secrets: boolean;
  readonly table: readonly string[];
}

/** What is told of a backup in a file. */
export interface BackupResult {
  /** The file. */
  readonly file: string;
  /** How many tables it holds. */
  readonly tables: number;
  /** Whether secrets are masked. */
  readonly masked: boolean;
}

/**
 * Prepares the work.
 *
 * @throws {DhipError} `DHIP_USAGE` when several devices would write to one file
 */
export function backupWork(
  context: Context,
  path: string,
  { secrets, table: names }: BackupCommandOptions,
): DeviceWork<BackupResult | ConfigBackup> {
  const { io, signal, targets } = context;
  if (path !== "-") requireOwnPath("FILE", path, targets.length);
  return async (device, target) => {
    const config = serviceOf(device, "config");
    const tables = names.length === 0 ? await config.all({ signal }) : Object.fromEntries(
      await Promise.all(names.map(async (name) => {
        const table = await config.get(name, { signal });
        if (table !== undefined) return [name, table] as const;
        throw new DhipError("DHIP_NOT_SUPPORTED", `The device has no table ${name}`, {
          host: device.host,
        });
      })),
    );
    const info = await device.system.info({ signal });
    const backup = makeBackup(device.host, info, tables, { secrets, made: new Date(io.now()) });
    if (path === "-") return backup;
    const file = targetPath(path, target);
    const text = `${JSON.stringify(backup, null, 2)}\n`;
    await writeUserFile(io, file, text, 0o600);
    return { file, tables: Object.keys(tables).length, masked: backup.masked };
  };
}
