/**
 * Streams that end or fall silent before their time.
 *
 * @module
 */

import type { FaultBoard } from "../fault_board.ts";

/** What becomes of a stream. */
export interface Doom {
  /** Bytes that are still sent. */
  readonly after: number;
  /** True: it stays open without a word; false: its connection ends. */
  readonly silent: boolean;
}

/** What the active faults have in store for a stream that begins now; undefined: nothing. */
export function doomOf(faults: FaultBoard, service: "http" | "rtsp"): Doom | undefined {
  for (const name of ["cut-stream", "silent-media"] as const) {
    const meant = faults.peek(name)?.text("service");
    if (meant === undefined || (meant !== "" && meant !== service)) continue;
    const after = faults.strike(name)?.number("after");
    if (after !== undefined) return { after, silent: name === "silent-media" };
  }
  return undefined;
}
