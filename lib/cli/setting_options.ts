/**
 * Options of the `set` commands.
 *
 * @module
 */

import { CHANNEL_SPEC } from "./channel_spec.ts";

/** Options that all of them have. */
export const SETTING_OPTIONS = {
  channel: { ...CHANNEL_SPEC, default: 1 },
  dryRun: { short: "n", summary: "Show what would change and change nothing" },
} as const;
