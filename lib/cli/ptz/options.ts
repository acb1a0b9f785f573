/**
 * Options and arguments that PTZ commands share.
 *
 * @module
 */

import { CHANNEL_SPEC } from "../channel_spec.ts";
import type { ArgumentSpec, OptionSpecs } from "../option_spec.ts";
import { decimal, duration, integer } from "../values.ts";

/** Which camera of the device. */
export const CHANNEL = {
  channel: { ...CHANNEL_SPEC, default: 1 },
} as const satisfies OptionSpecs;

/** How fast. */
export const SPEED = {
  speed: { value: "N", type: integer(1, 8), default: 4, summary: "Speed, 1 to 8" },
} as const satisfies OptionSpecs;

/** How long, of movements that the command itself ends. The value is in milliseconds. */
export const DURATION = {
  duration: {
    value: "TIME",
    type: duration,
    default: 500,
    otherwise: "0.5 s",
    summary: "How long it moves, in seconds or with a unit",
  },
} as const satisfies OptionSpecs;

/** Waiting for the end of movements that the camera ends. */
export const VERIFY = {
  verify: { summary: "Wait until the camera stands still, and tell where; exit 7 when elsewhere" },
  within: {
    value: "TIME",
    type: duration,
    default: 60_000,
    otherwise: "60 s",
    summary: "Longest wait of --verify, in seconds or with a unit",
  },
} as const satisfies OptionSpecs;

/** How near is near enough. */
export const TOLERANCE = {
  tolerance: {
    value: "DEGREES",
    type: decimal(0.01, 180),
    default: 1,
    summary: "Difference that --verify allows",
  },
} as const satisfies OptionSpecs;

/** The number or the name of something that the camera remembers. */
export function numberOrName(what: string): ArgumentSpec {
  return { value: "NUMBER|NAME", summary: `The ${what}: its number, or its name on the camera` };
}

/** A number that the camera remembers something under. */
export const NUMBER = integer(1, 999);
