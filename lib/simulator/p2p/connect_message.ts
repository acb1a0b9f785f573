/**
 * Connect messages of PseudoTcp: the body of a SYN.
 *
 * @module
 */

import { CTL_CONNECT, OPTION_WINDOW_SCALE } from "../../p2p/segment.ts";

/** A connect message with the one option that devices send. */
export function connectMessage(scale: number): Uint8Array {
  return Uint8Array.of(CTL_CONNECT, OPTION_WINDOW_SCALE, 1, scale);
}

/** The window scale of a connect message; undefined without the option. */
export function scaleOf(body: Uint8Array): number | undefined {
  for (let at = 1; at < body.length;) {
    const kind = body[at++]!;
    if (kind === 0) break;
    if (kind === 1) continue;
    const length = body[at++] ?? 0;
    if (kind === OPTION_WINDOW_SCALE && length === 1) return Math.min(14, body[at] ?? 0);
    at += length;
  }
  return undefined;
}
