/**
 * What `dhip overlay title` shows.
 *
 * @module
 */

import { channelOf } from "../channel_option.ts";
import type { Context } from "../context.ts";
import { serviceOf } from "../devices.ts";
import { usageError } from "../usage.ts";
import type { Where } from "./change.ts";
import { titlesView } from "./views.ts";

/** Shows the titles of all channels, or of one. */
export async function showTitles(
  context: Context,
  { channel, dryRun }: Where,
): Promise<number> {
  if (dryRun) throw usageError("--dry-run is for a change", "Give the new title.");
  const { signal } = context;
  return await context.each(async (device) => {
    const number = channel === undefined ? undefined : await channelOf(device, channel, signal);
    const titles = (await serviceOf(device, "overlay").titles({ signal }))
      .map((title, index) => ({ channel: index + 1, title }));
    if (number === undefined) return titles;
    const chosen = titles.filter((one) => one.channel === number);
    if (chosen.length > 0) return chosen;
    throw usageError(`There is no channel ${number}; the device has 1 to ${titles.length}`);
  }, { view: titlesView });
}
