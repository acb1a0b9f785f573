/**
 * Options of the `set` commands.
 *
 * @module
 */

import { channelOrName } from "./values.ts";

/** Options that all of them have. */
export const SETTING_OPTIONS = {
  channel: {
    short: "c",
    value: "CHANNEL",
    type: channelOrName,
    default: 1,
    summary: "Channel by number, the first is 1, or by name",
  },
  dryRun: { short: "n", summary: "Show what would change and change nothing" },
} as const;
