/**
 * The file that takes a change back.
 *
 * @module
 */

import { makeBackup } from "../../camera/config_backup.ts";
import type { ConfigPlan } from "../../camera/dahua_config.ts";
import { DhipError } from "../../errors.ts";
import type { Context } from "../context.ts";
import type { Device } from "../devices.ts";
import type { CliIo } from "../io.ts";
import { requireOwnPath, targetPath } from "../target_path.ts";
import type { NamedTarget } from "../targets.ts";
import { usageError } from "../usage.ts";
import { writeUserFile } from "../user_file.ts";

/**
 * Makes sure that no undo file is overwritten: an earlier one may be the only way back.
 *
 * @throws {DhipError} `DHIP_USAGE`, `DHIP_FILE`
 */
export async function prepareUndo(
  { io, targets }: Pick<Context, "io" | "targets">,
  path: string,
): Promise<void> {
  requireOwnPath("--undo", path, targets.length);
  const files = targets.map((target) => targetPath(path, target));
  const twice = files.find((file, index) => files.indexOf(file) < index);
  if (twice !== undefined) {
    throw usageError(`--undo gives two targets one file: ${twice}`, "Try {name} or {host} in it.");
  }
  for (const file of files) await requireAbsent(io, file);
}

async function requireAbsent(io: CliIo, file: string): Promise<void> {
  // What cannot be looked at cannot be written either, and that fails before the device hears.
  const isThere = await io.files.mode(file).then(() => true, () => false);
  if (!isThere) return;
  throw new DhipError("DHIP_FILE", `The undo file ${file} is there already`, {
    hint: "It may be the only way back from an earlier change. Give --undo another name.",
  });
}

/**
 * Writes the tables that a plan changes, as they are now, to a file that `dhip config restore`
 * takes. It holds secrets in clear text, since masked ones could not be written back; so only its
 * owner can read it. It is complete on disk before the device hears of the change.
 */
export async function writeUndo(
  { io, log, signal }: Context,
  path: string,
  target: NamedTarget,
  device: Device,
  plan: ConfigPlan,
): Promise<void> {
  const file = targetPath(path, target);
  const tables = Object.fromEntries(plan.tables.map(({ name, before }) => [name, before]));
  const info = await device.system.info({ signal }); // lets restore notice another device
  const made = new Date(io.now());
  const backup = makeBackup(device.host, info, tables, { secrets: true, made });
  const text = `${JSON.stringify(backup, null, 2)}\n`;
  await requireAbsent(io, file); // again: another run may have written it in the meantime
  await writeUserFile(io, file, text, 0o600);
  log.step(`${target.name}: wrote ${file}`);
}
