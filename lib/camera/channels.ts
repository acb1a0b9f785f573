/**
 * The channels of a device: one picture each.
 *
 * @module
 */

import type { DhipError } from "../errors.ts";
import type { CallOptions } from "../net/stream.ts";

/** One encoded picture of a channel. What the device does not tell is null. */
export interface ChannelStream {
  /** False: the device does not encode it now. */
  readonly enabled: boolean | null;
  /** Codec as the device spells it: `H.264`, `H.265`, `H.264H`, `MJPG`, … */
  readonly codec: string | null;
  /** Pixels. */
  readonly width: number | null;
  /** Pixels. */
  readonly height: number | null;
  /** Frames per second; below 1 for slower ones. */
  readonly fps: number | null;
  /** Kilobits per second; with a variable rate the most. */
  readonly bitrate: number | null;
}

/** One channel. What the device does not tell is null. */
export interface ChannelInfo {
  /** Number; 1 is the first. */
  readonly channel: number;
  /** Title, as it stands in the picture. A `|` in it is a line break. */
  readonly name: string | null;
  /** `own`: a sensor or input of the device itself; `remote`: a camera that a recorder fetches. */
  readonly source: "own" | "remote" | null;
  /** False: the slot of a recorder is switched off or empty. */
  readonly enabled: boolean | null;
  /** Model of the camera. */
  readonly model: string | null;
  /** Address of a remote camera, without a port; of an own one that of the device. */
  readonly address: string | null;
  /** True: the picture is there. A remote camera that the recorder cannot reach is false. */
  readonly online: boolean | null;
  /** The main stream. */
  readonly main: ChannelStream | null;
  /** Sub-streams, the first one first. */
  readonly sub: readonly ChannelStream[];
}

/** All channels of a device. */
export interface ChannelList {
  /** In the order of their numbers, without gaps. */
  readonly channels: readonly ChannelInfo[];
  /** What could not be read and why. What a kind of device never has is no problem. */
  readonly problems: readonly { readonly source: string; readonly error: DhipError }[];
}

/** Tells the channels of a device. */
export interface ChannelsService {
  /**
   * All channels, with what every source of the device tells about them.
   *
   * @throws {DhipError} when the link or the session is gone, or the device refuses every source
   */
  list(options?: CallOptions): Promise<ChannelList>;
  /**
   * The number of a channel that is given by number or name. For a number the device is not asked.
   *
   * @returns 1 is the first
   * @throws {RangeError} see {@linkcode findChannel}
   * @throws {DhipError} as {@linkcode ChannelsService.list}
   */
  find(wanted: number | string, options?: CallOptions): Promise<number>;
}

/** Channels named in an error; a recorder may have hundreds. */
const NAMED = 20;

/**
 * The channel that somebody means by a number (`3`) or a name (`Gate`). Case does not count, unless
 * names differ by nothing else; nor do spaces around a name.
 *
 * ```ts
 * import { findChannel } from "@dhip/dhip";
 *
 * const channels = [{ channel: 1, name: "Gate" }, { channel: 2, name: "Yard" }];
 * if (findChannel(channels, "yard") !== 2) throw new Error("unexpected");
 * ```
 *
 * @returns 1 is the first
 * @throws {RangeError} for no such channel and for several of that name; it lists what there is
 */
export function findChannel(
  channels: readonly Pick<ChannelInfo, "channel" | "name">[],
  wanted: number | string,
): number {
  const text = String(wanted).trim();
  if (/^\d+$/.test(text)) {
    if (channels.some(({ channel }) => channel === Number(text))) return Number(text);
    throw new RangeError(`There is no channel ${text}; ${listed(channels)}`);
  }
  const same = (fold: (text: string) => string) =>
    channels.filter(({ name }) => name !== null && fold(name.trim()) === fold(text));
  const folded = same((text) => text.normalize().toLowerCase());
  const [only, ...more] = folded.length > 1 ? same((text) => text) : folded;
  if (only !== undefined && more.length === 0) return only.channel;
  const shown = JSON.stringify(text.slice(0, 100));
  if (folded.length === 0) {
    throw new RangeError(`No channel is named ${shown}; ${listed(channels)}`);
  }
  const numbers = folded.map(({ channel }) => channel).join(", ");
  throw new RangeError(`Several channels are named ${shown}: give the number, one of ${numbers}`);
}

function listed(channels: readonly Pick<ChannelInfo, "channel" | "name">[]): string {
  if (channels.length === 0) return "the device tells none";
  const shown = channels.slice(0, NAMED).map(({ channel, name }) =>
    name === null ? `${channel}` : `${channel} ${JSON.stringify(name)}`
  );
  const more = channels.length - shown.length;
  return `there is ${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
