/**
 * What the commands about overlays do on one device.
 *
 * @module
 */

import type { Overlay, OverlayChange } from "../../camera/mod.ts";
import { channelOf } from "../channel_option.ts";
import type { Context } from "../context.ts";
import { serviceOf } from "../devices.ts";
import { notHeldError } from "../tables/access.ts";
import { applyChange } from "../tables/apply_plan.ts";
import { changeView } from "../tables/change_view.ts";
import { usageError } from "../usage.ts";
import type { View } from "../view.ts";

/** Where. */
export interface Where {
  readonly channel: number | string | undefined;
  readonly dryRun: boolean;
}

/** Undefined when neither is given. */
export function visibility(show: boolean, hide: boolean): boolean | undefined {
  if (show && hide) throw usageError("--show and --hide exclude each other");
  return show || hide ? show : undefined;
}

/**
 * Changes what is drawn, and says what changed.
 *
 * @param change the change; or a function of what is there now
 */
export async function changeOverlay(
  context: Context,
  { channel = 1, dryRun }: Where,
  change: OverlayChange | ((present: Overlay) => OverlayChange),
): Promise<number> {
  const { signal } = context;
  return await context.each(async (device, target) => {
    const overlay = serviceOf(device, "overlay");
    const number = await channelOf(device, channel, signal);
    const wanted = typeof change === "function"
      ? change(await overlay.read(number, { signal }))
      : change;
    const planned = await overlay.plan(number, wanted, { signal });
    return await applyChange(context, target, planned, dryRun);
  }, { view: changeView, verdict: ({ notHeld }) => notHeldError("", notHeld) });
}

/** Shows what is drawn. */
export async function showOverlay<T>(
  context: Context,
  { channel = 1, dryRun }: Where,
  part: (overlay: Overlay) => T,
  view: View<T>,
): Promise<number> {
  if (dryRun) throw usageError("--dry-run is for a change", "Say what to change.");
  const { signal } = context;
  return await context.each(async (device) => {
    const number = await channelOf(device, channel, signal);
    return part(await serviceOf(device, "overlay").read(number, { signal }));
  }, { view });
}
