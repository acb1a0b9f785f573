/**
 * The channel that an option names.
 *
 * @module
 */

import { type Device, serviceOf } from "./devices.ts";

/**
 * The number of a channel given by number or name (`channelOrName`). Only a name asks the device.
 *
 * @returns 1 is the first
 * @throws {RangeError} when there is no channel of that name, or several; it lists the names
 * @throws {DhipError} `DHIP_NOT_SUPPORTED`, and what reading the names brings
 */
export async function channelOf(
  device: Device,
  wanted: number | string,
  signal: AbortSignal,
): Promise<number> {
  if (typeof wanted === "number") return wanted;
  return await serviceOf(device, "channels").find(wanted, { signal });
}
