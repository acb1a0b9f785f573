/**
 * Options of the commands that move a lens.
 *
 * @module
 */

import type { OptionSpecs } from "./option_spec.ts";
import { CHANNEL, VERIFY } from "./ptz/options.ts";

/** Which lens, and waiting for it. */
export const LENS_OPTIONS = {
  verify: { summary: "Wait until the lens rests, and tell where; exit 7 when elsewhere" },
  within: VERIFY.within,
  ...CHANNEL,
} as const satisfies OptionSpecs;
