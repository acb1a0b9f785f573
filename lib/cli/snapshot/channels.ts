/**
 * Which channels pictures are taken of.
 *
 * @module
 */

import { channelOf } from "../channel_option.ts";
import { type Device, serviceOf } from "../devices.ts";
import { channel as number, type ValueType } from "../values.ts";

/** Channels as the user names them. */
export interface ChannelChoice {
  /** Every channel of the device. */
  readonly all: boolean;
  /** 1 is the first; in the order of the line, each once. */
  readonly numbers: readonly number[];
  /** Names on the device. */
  readonly names: readonly string[];
}

/** The first channel. */
export const FIRST: ChannelChoice = { all: false, numbers: [1], names: [] };

/** Most channels of a range; the largest recorders have 512. */
const MOST = 1024;

/** A list of numbers, ranges and names, or `all`. */
export const channelChoice: ValueType<ChannelChoice> = {
  parse(text) {
    if (text.trim() === "all") return { all: true, numbers: [], names: [] };
    const numbers = new Set<number>();
    const names = new Set<string>();
    for (const part of text.split(",").map((part) => part.trim())) {
      const range = /^(\d{1,5})-(\d{1,5})$/.exec(part);
      if (range !== null) {
        const [low, high] = [number.parse(range[1]!), number.parse(range[2]!)];
        if (high < low || high - low >= MOST) throw new SyntaxError(WANTED);
        for (let channel = low; channel <= high; channel++) numbers.add(channel);
      } else if (/^[+-]?\d+$/.test(part)) numbers.add(number.parse(part));
      else if (part === "" || part === "all") throw new SyntaxError(WANTED);
      else names.add(part);
    }
    return { all: false, numbers: [...numbers], names: [...names] };
  },
};

const WANTED = "all, or a list of channels and their names, such as 1,3-5,Gate";

/** True when more than one picture may come. */
export function isSeveral({ all, numbers, names }: ChannelChoice): boolean {
  return all || numbers.length + names.length > 1;
}

/**
 * The numbers of the channels. The device is only asked for names and for all.
 *
 * @returns each once; 1 is the first
 * @throws {RangeError} when there is no channel of a name
 */
export async function channelsOf(
  device: Device,
  { all, numbers, names }: ChannelChoice,
  signal: AbortSignal,
): Promise<number[]> {
  if (all) {
    const { channels } = await serviceOf(device, "channels").list({ signal });
    // A slot of a recorder that is switched off has no picture.
    return channels.filter(({ enabled }) => enabled !== false).map(({ channel }) => channel);
  }
  const found = new Set(numbers);
  for (const name of names) found.add(await channelOf(device, name, signal));
  return [...found];
}
