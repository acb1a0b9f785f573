/**
 * The option `--channel`, which is the same in all commands.
 *
 * @module
 */

import { channelOrName } from "./values.ts";

/** One channel; commands add a default, or `many`. */
export const CHANNEL_SPEC = {
  short: "c",
  value: "CHANNEL",
  type: channelOrName,
  summary: "Channel by number, the first is 1, or by name",
} as const;
