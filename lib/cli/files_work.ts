/**
 * What `dhip files` does on one device.
 *
 * @module
 */

import type { Recording, RecordingFilter, RecordingSearchOptions } from "../camera/mod.ts";
import { sizeText } from "./amounts.ts";
import { channelOf } from "./channel_option.ts";
import type { Context, DeviceWork } from "./context.ts";
import { type Device, serviceOf } from "./devices.ts";
import { collect, type Listing, tellMissing } from "./listing.ts";
import { periodOf, type PeriodValues } from "./period.ts";

/** Options of `dhip files`. */
export interface FilesOptions extends PeriodValues, Omit<RecordingFilter, "from" | "to"> {
  readonly channel: readonly (number | string)[];
  readonly offset: number | undefined;
  readonly limit: number | undefined;
}

/** Looks for recordings. */
export function filesWork(context: Context, options: FilesOptions): DeviceWork<Listing<Recording>> {
  const { io, log, signal } = context;
  return async (device, { name }) => {
    const { from, to } = await periodOf(device, options, signal);
    const channels = await channelsOf(device, options.channel, signal);
    let counted = 0;
    let bytes = 0;
    const search: RecordingSearchOptions = {
      offset: options.offset,
      limit: options.limit,
      signal,
      onCount(count, channel) {
        counted += count;
        log.step(`${name}: the device counts ${count} on channel ${channel}`);
      },
    };
    const { types, flags, events, stream, order, redundant, folders } = options;
    const what = { types, flags, events, stream, order, redundant, folders };
    let seen = 0;
    const shows = context.output.format !== "ndjson"; // its lines may go to the same terminal
    const listing = await collect(
      context,
      serviceOf(device, "recordings").find({ from, to, channels, ...what }, search),
      (recording) => {
        bytes += recording.bytes ?? 0;
        seen++;
        if (shows && seen % 50 === 0) {
          log.bar(() => `${name}: ${seen} of ${Math.max(counted, seen)} recordings`);
        }
      },
    );
    log.bar(() => "");
    const isAll = options.limit === undefined && options.offset === undefined;
    if (isAll) tellMissing(context, name, "recordings", counted, listing.count);
    if (io.stderr.isTerminal) {
      const { count } = listing;
      log.notice(`${name}: ${count} recording${count === 1 ? "" : "s"}, ${sizeText(bytes)}`);
    }
    return listing;
  };
}

/** The channels that are named, or all that the device has. */
export async function channelsOf(
  device: Device,
  named: readonly (number | string)[],
  signal: AbortSignal,
): Promise<number[]> {
  if (named.length === 0) {
    const { channels } = await serviceOf(device, "channels").list({ signal });
    const used = channels.filter(({ enabled }) => enabled !== false);
    return used.length === 0 ? [1] : used.map(({ channel }) => channel);
  }
  const channels: number[] = [];
  for (const one of named) channels.push(await channelOf(device, one, signal));
  return [...new Set(channels)];
}
