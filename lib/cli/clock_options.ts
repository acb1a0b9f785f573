/**
 * Options that commands about clocks share.
 *
 * @module
 */

import type { OptionSpecs } from "./option_spec.ts";
import { timeZone } from "./values.ts";

/** In which zone the wall clock of a device is understood. */
export const ZONE = {
  zone: {
    value: "ZONE",
    type: timeZone,
    otherwise: "that of the device's settings",
    summary: "Zone of the device's clock: Europe/Berlin, +02:00, or local for this computer's",
  },
} as const satisfies OptionSpecs;
