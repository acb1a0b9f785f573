/**
 * The file that takes a change back.
 *
 * @module
 */

import { makeBackup } from "../../camera/config_backup.ts";
import type { ConfigPlan } from "../../camera/dahua_config.ts";
import type { Context } from "../context.ts";
import { targetPath } from "../target_path.ts";
import type { NamedTarget } from "../targets.ts";
import { writeUserFile } from "../user_file.ts";

/**
 * Writes the tables that a plan changes, as they are now, to a file that `dhip config restore`
 * takes. It holds secrets in clear text, since masked ones could not be written back; so only its
 * owner can read it. It is complete on disk before the device hears of the change.
 */
export async function writeUndo(
  { io, log }: Context,
  path: string,
  target: NamedTarget,
  host: string,
  plan: ConfigPlan,
): Promise<void> {
  const file = targetPath(path, target);
  const tables = Object.fromEntries(plan.tables.map(({ name, before }) => [name, before]));
  const nobody = { model: null, serial: null, firmware: null };
  const backup = makeBackup(host, nobody, tables, { secrets: true, made: new Date(io.now()) });
  const text = `${JSON.stringify(backup, null, 2)}\n`;
  await writeUserFile(io, file, text, 0o600);
  log.step(`${target.name}: wrote ${file}`);
}
