/**
 * How the channels of a device look.
 *
 * @module
 */

import type { ChannelInfo, ChannelList, ChannelStream } from "../camera/mod.ts";
import { envelopeOf } from "./failure.ts";
import type { View } from "./view.ts";

/** Looks of a {@linkcode ChannelList}. */
export const channelsView: View<ChannelList> = {
  json: ({ channels, problems }) => ({
    channels,
    problems: problems.map(({ source, error }) => ({ source, error: envelopeOf(error) })),
  }),
  table: ({ channels }) => ({
    head: ["Channel", "Name", "Model", "Address", "State", "Main stream", "Sub-streams"],
    rows: channels.map((one) => [
      one.channel,
      one.name,
      one.model,
      one.address,
      stateOf(one),
      one.main === null ? null : streamText(one.main),
      one.sub.filter(({ enabled }) => enabled !== false).map(streamText).join(", ") || null,
    ]),
  }),
  csv: ({ channels }) => ({
    head: [
      ...["channel", "name", "source", "enabled", "model", "address", "online"],
      ...STREAMS.flatMap((stream) => FIELDS.map((field) => `${stream}_${UNITS[field] ?? field}`)),
    ],
    rows: channels.map((one) => [
      ...[one.channel, one.name, one.source, one.enabled, one.model, one.address, one.online],
      ...[one.main, one.sub[0], one.sub[1]].flatMap((stream) =>
        FIELDS.map((field) => stream?.[field] ?? null)
      ),
    ]),
  }),
};

const STREAMS = ["main", "sub1", "sub2"];
const FIELDS = ["enabled", "codec", "width", "height", "fps", "bitrate"] as const;
const UNITS: Readonly<Record<string, string>> = { bitrate: "bitrate_kbps" };

function stateOf({ enabled, online }: ChannelInfo): string | null {
  if (enabled === false) return "off";
  return online === null ? null : online ? "online" : "offline";
}

/** `H.265 2688x1520 25 fps`, as far as it is known. */
function streamText({ codec, width, height, fps }: ChannelStream): string {
  const size = width === null || height === null ? null : `${width}x${height}`;
  const rate = fps === null ? null : `${fps} fps`;
  return [codec, size, rate].filter((part) => part !== null).join(" ");
}
