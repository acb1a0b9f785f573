/**
 * Tables with an element for each channel. Some devices with one channel leave the list around its
 * element out.
 *
 * @module
 */

import { wireChannel } from "./channel.ts";
import type { PathStep } from "./config_path.ts";

/** The elements of a table, by channel from 0. Anything but a list or an object has none. */
export function channelRows(table: unknown): readonly unknown[] {
  if (Array.isArray(table)) return table;
  return typeof table === "object" && table !== null ? [table] : [];
}

/** A channel's element of a table. */
export interface ChannelPlace {
  /** The element. */
  readonly row: unknown;
  /** The way to it in the table. */
  readonly steps: readonly PathStep[];
}

/**
 * Finds a channel in a table.
 *
 * @param name of the table
 * @param channel 1 is the first
 * @throws {RangeError} for a channel that the table does not have; it tells the ones that there are
 */
export function channelPlace(name: string, table: unknown, channel: number): ChannelPlace {
  const rows = channelRows(table);
  const index = wireChannel(channel);
  if (index < rows.length) {
    return { row: rows[index], steps: Array.isArray(table) ? [index] : [] };
  }
  const known = rows.length > 1
    ? `channels 1 to ${rows.length}`
    : ["none", "channel 1 only"][rows.length];
  throw new RangeError(`There is no channel ${channel}; the device has ${known} (${name})`);
}
