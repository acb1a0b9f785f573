/**
 * What `dhip config set` does on one device.
 *
 * @module
 */

import { type Assignment, parseAssignment, parseConfigPath } from "../../camera/config_path.ts";
import { fillMasks, hasMask } from "../../camera/config_secrets.ts";
import { type ConfigPlan, planTables } from "../../camera/dahua_config.ts";
import { DhipError } from "../../errors.ts";
import type { Context, DeviceWork } from "../context.ts";
import { readJsonArgument } from "../json_argument.ts";
import { usageError } from "../usage.ts";
import { type ConfigAccess, serviceOf } from "../devices.ts";
import type { ChangeResult } from "./access.ts";
import { applyPlan } from "./apply_plan.ts";
import { prepareUndo } from "./undo.ts";

/** Options of `dhip config set`. */
export interface SetOptions {
  readonly table: string | undefined;
  readonly dryRun: boolean;
  readonly undo: string | undefined;
}

/**
 * Reads the changes and prepares the work.
 *
 * @throws {DhipError} `DHIP_USAGE`, `DHIP_FILE`
 * @throws {SyntaxError} for a change that cannot be read
 */
export async function setWork(
  context: Context,
  changes: readonly string[],
  options: SetOptions,
): Promise<DeviceWork<ChangeResult>> {
  const { signal } = context;
  if (options.undo !== undefined && !options.dryRun) await prepareUndo(context, options.undo);
  const plan = options.table === undefined
    ? planChanges(changes.map(parseAssignment), signal)
    : planTable(changes, await readJsonArgument(context, "--table", options.table), signal);
  return async (device, target) =>
    await applyPlan(context, device, target, await plan(serviceOf(device, "config")), options);
}

function planChanges(
  assignments: readonly Assignment[],
  signal: AbortSignal,
): (config: ConfigAccess) => Promise<ConfigPlan> {
  return (config) => config.plan(assignments, { signal });
}

/** A whole table. Masked secrets in it stay what the device has. */
function planTable(
  names: readonly string[],
  table: unknown,
  signal: AbortSignal,
): (config: ConfigAccess) => Promise<ConfigPlan> {
  const [name] = names;
  if (names.length !== 1 || parseConfigPath(name!).steps.length > 0) {
    throw usageError(
      "--table writes one whole table",
      "Name it: dhip config set TARGET NTP --table …",
    );
  }
  return async (config) => {
    const before = await config.get(name!, { signal });
    const after = fillMasks(table, before);
    if (hasMask(after)) {
      throw new DhipError("DHIP_USAGE", `${name} holds a masked secret that the device does not`, {
        hint: "Write the real value in its place.",
      });
    }
    return planTables([{ name: name!, before: before ?? null, after }]);
  };
}
