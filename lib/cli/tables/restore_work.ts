/**
 * What `dhip config restore` does on one device.
 *
 * @module
 */

import { tablesToRestore } from "../../camera/config_backup.ts";
import { planTables } from "../../camera/dahua_config.ts";
import { DhipError } from "../../errors.ts";
import type { Context, DeviceWork } from "../context.ts";
import { confirm, requireAnswers } from "../confirm.ts";
import { serviceOf } from "../devices.ts";
import type { ChangeResult } from "./access.ts";
import { applyPlan } from "./apply_plan.ts";
import { readBackup, requireTables } from "./diff_work.ts";
import { maskDifference } from "./masked.ts";
import { otherDevice } from "./other_device.ts";
import { prepareUndo } from "./undo.ts";

/** Options of `dhip config restore`. */
export interface RestoreOptions {
  readonly table: readonly string[];
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly otherDevice: boolean;
  readonly undo: string | undefined;
}

/** Places shown before the question; the rest is counted. */
const SHOWN = 40;

/**
 * Reads the backup and prepares the work.
 *
 * @throws {DhipError} `DHIP_USAGE` when nobody can be asked, `DHIP_FILE`
 * @throws {SyntaxError} when the file is no backup
 */
export async function restoreWork(
  context: Context,
  file: string,
  options: RestoreOptions,
): Promise<DeviceWork<ChangeResult>> {
  const { io, log, signal } = context;
  const asks = !options.yes && !options.dryRun;
  if (asks) requireAnswers(context, "Restoring", "Look at it with --dry-run, then give --yes.");
  if (options.undo !== undefined && !options.dryRun) await prepareUndo(context, options.undo);
  const backup = await readBackup(context, file);
  requireTables(options.table, [backup.tables], "The backup has no");
  return async (device, target) => {
    const config = serviceOf(device, "config");
    const other = otherDevice(backup, await device.system.info({ signal }));
    if (other !== undefined) log.notice(`${target.name}: ${other.text}`);
    if (other?.otherModel && options.yes && !options.dryRun && !options.otherDevice) {
      throw new DhipError("DHIP_USAGE", "The backup is of another model", {
        host: device.host,
        hint: "Look at it with --dry-run, then give --other-device too.",
      });
    }
    const present = await config.all({ signal });
    const { tables, skipped } = tablesToRestore(backup, present);
    const chosen = Object.entries(tables).filter(([name]) =>
      options.table.length === 0 || options.table.includes(name)
    );
    const lacking = chosen.filter(([name]) => !(name in present)).map(([name]) => name);
    for (const name of lacking) log.notice(`${target.name}: the device has no table ${name}`);
    for (const name of skipped) {
      log.notice(`${target.name}: ${name} is left out, its secrets are masked in the backup`);
    }
    const plan = planTables(
      chosen.filter(([name]) => name in present)
        .map(([name, after]) => ({ name, before: present[name], after })),
    );
    if (asks && plan.differences.length > 0) {
      for (const { path, before, after } of plan.differences.slice(0, SHOWN).map(maskDifference)) {
        io.stderr.write(`  ${path}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}\n`);
      }
      const more = plan.differences.length - SHOWN;
      if (more > 0) io.stderr.write(`  and ${more} more\n`);
      const which = other === undefined ? "" : ` (another device: ${other.text})`;
      await confirm(io, `Write ${plan.tables.length} tables to ${device.host}${which}?`, device);
    }
    const result = await applyPlan(context, device, target, plan, options);
    return { ...result, skipped: [...skipped, ...lacking] };
  };
}
