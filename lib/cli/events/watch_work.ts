/**
 * Listens to devices side by side.
 *
 * @module
 */

import type { EventRecord, WatchOptions } from "../../camera/mod.ts";
import type { Context } from "../context.ts";
import { serviceOf } from "../devices.ts";
import { watchEach, type WatchLimits } from "../watch_each.ts";
import type { EventPrinter } from "./printer.ts";

/**
 * Prints what the devices tell; see {@linkcode watchEach}. Only events count, not what concerns the
 * stream itself.
 *
 * @returns the exit code
 */
export function watchDevices(
  context: Context,
  options: WatchOptions,
  printer: EventPrinter,
  limits: WatchLimits,
): Promise<number> {
  return watchEach<EventRecord>(context, {
    open: (device, _target, timeout) => serviceOf(device, "events").watch({ ...options, timeout }),
    counts: ({ kind }) => kind !== "stream",
    print: (device, record) => printer.print(device, record),
  }, limits);
}
