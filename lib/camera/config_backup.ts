/**
 * Configurations in a file.
 *
 * @module
 */

import { fillMasks, hasMask, maskSecrets } from "./config_secrets.ts";
import type { SystemInfo } from "./system.ts";

/** A saved configuration. */
export interface ConfigBackup {
  /** Always `dhip-config`. */
  readonly format: "dhip-config";
  /** Version of the format. */
  readonly version: 1;
  /** When it was made, ISO 8601 UTC. */
  readonly made: string;
  /** The device that it was made of. */
  readonly device: {
    readonly host: string;
    readonly model: string | null;
    readonly serial: string | null;
    readonly firmware: string | null;
  };
  /** True when secrets were replaced by `********`. */
  readonly masked: boolean;
  /** Tables by name. */
  readonly tables: Readonly<Record<string, unknown>>;
}

/** Options of {@linkcode makeBackup}. */
export interface BackupOptions {
  /** Keeps passwords in clear text. Default false: they are masked. */
  readonly secrets?: boolean | undefined;
  /** When it was made. */
  readonly made: Date;
}

/** Makes a backup of tables that were read. */
export function makeBackup(
  host: string,
  info: Pick<SystemInfo, "model" | "serial" | "firmware">,
  tables: Readonly<Record<string, unknown>>,
  options: BackupOptions,
): ConfigBackup {
  const { model, serial, firmware } = info;
  return {
    format: "dhip-config",
    version: 1,
    made: options.made.toISOString(),
    device: { host, model, serial, firmware: firmware?.version ?? null },
    masked: options.secrets !== true,
    tables: options.secrets === true ? tables : maskSecrets(tables) as Record<string, unknown>,
  };
}

/**
 * Reads a backup file.
 *
 * @throws {SyntaxError} when the text is not a backup that this version reads
 */
export function parseBackup(text: string): ConfigBackup {
  let value: Partial<ConfigBackup> | null;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError("Not a configuration backup: not JSON", { cause: error });
  }
  if (value?.format !== "dhip-config") {
    throw new SyntaxError("Not a configuration backup: the format is not dhip-config");
  }
  if (value.version !== 1) {
    throw new SyntaxError(`A backup of version ${value.version}; this dhip reads version 1`);
  }
  if (typeof value.tables !== "object" || value.tables === null || Array.isArray(value.tables)) {
    throw new SyntaxError("Not a configuration backup: it holds no tables");
  }
  if (typeof value.masked !== "boolean") {
    throw new SyntaxError("Not a configuration backup: it does not say whether secrets are masked");
  }
  return value as ConfigBackup;
}

/**
 * The tables of a backup as they can be written: masked secrets become what the device has now.
 * Tables in which a masked secret has no counterpart are named in `skipped`.
 */
export function tablesToRestore(
  backup: ConfigBackup,
  present: Readonly<Record<string, unknown>>,
): { tables: Record<string, unknown>; skipped: string[] } {
  const tables: Record<string, unknown> = {};
  const skipped: string[] = [];
  for (const [name, table] of Object.entries(backup.tables)) {
    const filled = backup.masked ? fillMasks(table, present[name]) : table;
    if (backup.masked && hasMask(filled)) skipped.push(name);
    else tables[name] = filled;
  }
  return { tables, skipped };
}
