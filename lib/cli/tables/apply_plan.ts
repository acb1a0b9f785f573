/**
 * Makes a planned change on one device: shown first, undo file second, then written and verified.
 *
 * @module
 */

import type { ConfigPlan } from "../../camera/dahua_config.ts";
import type { PlannedChange } from "../../camera/planned_change.ts";
import type { Context } from "../context.ts";
import type { NamedTarget } from "../targets.ts";
import { type Device, serviceOf } from "../devices.ts";
import type { ChangeResult } from "./access.ts";
import { maskDifference } from "./masked.ts";
import { writeUndo } from "./undo.ts";

/** How a change is made. */
export interface ApplyOptions {
  /** Only shows what would change. */
  readonly dryRun: boolean;
  /** File for taking the change back. */
  readonly undo: string | undefined;
}

/** Makes a change of configuration tables, or only works it out. */
export async function applyPlan(
  context: Context,
  device: Device,
  target: NamedTarget,
  plan: ConfigPlan,
  { dryRun, undo }: ApplyOptions,
): Promise<ChangeResult> {
  const change: PlannedChange = {
    differences: plan.differences,
    async apply(options) {
      if (undo !== undefined) await writeUndo(context, undo, target, device, plan);
      return await serviceOf(device, "config").apply(plan, options);
    },
  };
  return await applyChange(context, target, change, dryRun);
}

/** Makes any planned change, or only works it out. */
export async function applyChange(
  context: Pick<Context, "log" | "signal">,
  target: NamedTarget,
  change: PlannedChange,
  dryRun: boolean,
): Promise<ChangeResult> {
  const changes = change.differences.map(maskDifference);
  const { log, signal } = context;
  if (changes.length === 0 || dryRun) {
    return { changes, applied: false, notHeld: [], deviceWants: [] };
  }
  for (const { path, before, after } of changes) {
    log.step(`${target.name}: ${path}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`);
  }
  const outcome = await change.apply({ signal });
  for (const wish of outcome.options) log.notice(`${target.name}: the device says ${wish}`);
  return {
    changes,
    applied: true,
    notHeld: outcome.notHeld.map(maskDifference),
    deviceWants: outcome.options,
  };
}
