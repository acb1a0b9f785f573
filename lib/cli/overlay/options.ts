/**
 * Options that commands about overlays share.
 *
 * @module
 */

import { OVERLAY_MAX, type OverlayRect } from "../../camera/overlay.ts";
import { CHANNEL_SPEC } from "../channel_spec.ts";
import type { OptionSpecs } from "../option_spec.ts";
import type { ValueType } from "../values.ts";

/** A place: `LEFT,TOP`. */
export const position: ValueType<{ readonly left: number; readonly top: number }> = {
  parse(text) {
    const [left, top] = numbers(text, 2, "LEFT,TOP");
    return { left: left!, top: top! };
  },
};

/** A place and a size: `LEFT,TOP,RIGHT,BOTTOM`. */
export const rect: ValueType<OverlayRect> = {
  parse(text) {
    const [left, top, right, bottom] = numbers(text, 4, "LEFT,TOP,RIGHT,BOTTOM");
    return { left: left!, top: top!, right: right!, bottom: bottom! };
  },
};

function numbers(text: string, count: number, form: string): number[] {
  const values = text.split(",").map((part) => /^\s*\d{1,4}\s*$/.test(part) ? Number(part) : NaN);
  if (values.length === count && values.every((value) => value <= OVERLAY_MAX)) return values;
  throw new SyntaxError(`${form} within 0..${OVERLAY_MAX}, whatever the size of the picture`);
}

/** Which channel, and whether to write. */
export const CHANGE = {
  channel: { ...CHANNEL_SPEC, otherwise: "1" },
  dryRun: { short: "n", summary: "Show what would change and change nothing" },
} as const satisfies OptionSpecs;

/** Shows or hides. */
export const VISIBLE = {
  show: { summary: "Draw it" },
  hide: { summary: "Do not draw it" },
} as const satisfies OptionSpecs;
