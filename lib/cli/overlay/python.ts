/**
 * `title` of python-dhip.
 *
 * @module
 */

import { notHeldError } from "../tables/access.ts";
import type { Context } from "../context.ts";
import { serviceOf } from "../devices.ts";
import { pythonRepr, pythonView } from "../python_shapes.ts";

/**
 * Prints the titles as a list of texts, or sets one and says so on standard error.
 *
 * @param channel 1 is the first; what is said counts from 0, as python-dhip does
 */
export async function pythonTitle(
  context: Context,
  text: string | undefined,
  channel: number,
): Promise<number> {
  const { signal, log } = context;
  if (text === undefined) {
    return await context.each(async (device) => {
      const titles = await serviceOf(device, "overlay").titles({ signal });
      return titles.map((title) => title ?? "");
    }, { view: pythonView });
  }
  return await context.each(async (device) => {
    const planned = await serviceOf(device, "overlay").plan(channel, { title: { text } }, {
      signal,
    });
    const { notHeld } = await planned.apply({ signal });
    const error = notHeldError(device.host, notHeld);
    if (error !== undefined) throw error;
    log.notice(`[+] set channel ${channel - 1} title -> ${pythonRepr(text)}`);
    return undefined;
  }, { view: pythonView });
}
