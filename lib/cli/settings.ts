/**
 * What the `set` commands share: without a value they show, with one they change.
 *
 * @module
 */

import type { PlannedChange } from "../camera/planned_change.ts";
import type { CallOptions } from "../net/stream.ts";
import { channelOf } from "./channel_option.ts";
import type { Context } from "./context.ts";
import type { Device } from "./devices.ts";
import { applyChange } from "./tables/apply_plan.ts";
import { changeView } from "./tables/change_view.ts";
import { notHeldError } from "./tables/access.ts";
import { usageError } from "./usage.ts";
import type { View } from "./view.ts";

/** A setting of a channel. */
export interface Setting<T> {
  /** Reads it. */
  read(device: Device, channel: number, signal: AbortSignal): Promise<T>;
  /** Works out a change; undefined when the line names no new value. */
  readonly plan:
    | ((device: Device, channel: number, options: CallOptions) => Promise<PlannedChange>)
    | undefined;
  /** How it looks. */
  readonly view: View<T>;
}

/** Values of the options that all of them have. */
export interface SettingValues {
  readonly channel: number | string;
  readonly dryRun: boolean;
}

/** Shows or changes a setting on every target. */
export async function settingCommand<T>(
  context: Context,
  { channel, dryRun }: SettingValues,
  { read, plan, view }: Setting<T>,
): Promise<number> {
  const { signal } = context;
  if (plan === undefined) {
    if (dryRun) throw usageError("--dry-run goes with a new value");
    return await context.each(
      async (device) => await read(device, await channelOf(device, channel, signal), signal),
      { view },
    );
  }
  return await context.each(async (device, target) => {
    const number = await channelOf(device, channel, signal);
    return await applyChange(context, target, await plan(device, number, { signal }), dryRun);
  }, { view: changeView, verdict: ({ notHeld }) => notHeldError("", notHeld) });
}

/** A setting that is on or off. */
export function switchView(name: string): View<{ readonly on: boolean | null }> {
  return {
    table: ({ on }) => ({
      head: [name],
      rows: [[on === null ? "unknown" : on ? "on" : "off"]],
      record: true,
    }),
  };
}
