/**
 * The connect message of PseudoTcp, and its timestamps.
 *
 * @module
 */

import { CTL_CONNECT, OPTION_WINDOW_SCALE } from "./segment.ts";

/** Body of a SYN: it tells by how many bits our windows are shifted. */
export function connectMessage(windowScale: number): Uint8Array {
  return Uint8Array.of(CTL_CONNECT, OPTION_WINDOW_SCALE, 1, windowScale);
}

/** 31 bits of a millisecond clock, never 0: that means "none". */
export function stamp(now: number): number {
  return (Math.floor(now) % 0x80000000) || 1;
}

/** The window scale of a connect message; 0 when it tells none. */
export function scaleOf(body: Uint8Array): number {
  for (let at = 1; at < body.length;) {
    const kind = body[at]!;
    if (kind === 0) break; // end of options
    if (kind === 1) { // padding
      at++;
      continue;
    }
    const length = body[at + 1] ?? 0;
    if (kind === OPTION_WINDOW_SCALE && length === 1 && at + 2 < body.length) {
      return Math.min(14, body[at + 2]!);
    }
    at += 2 + length;
  }
  return 0;
}
