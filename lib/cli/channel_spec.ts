/**
 * The option `--channel`, which is the same in all commands.
 *
 * @module
 */

import { channelOrName } from "./values.ts";

/** One channel; commands add what they take without it. */
export const CHANNEL_SPEC = {
  short: "c",
  value: "CHANNEL",
  type: channelOrName,
  summary: "Channel by number, the first is 1, or by name",
} as const;

/** Any number of channels; all when none is named. */
export const CHANNELS_SPEC = {
  ...CHANNEL_SPEC,
  many: true,
  summary: `${CHANNEL_SPEC.summary}; may be repeated`,
  otherwise: "all",
} as const;
