/**
 * What the faults do to one write.
 *
 * @module
 */

import type { DeviceState } from "./state.ts";

/** The bytes of one write in the pieces that the active faults make of them. */
export function* piecesOf(bytes: Uint8Array, state: DeviceState): Generator<Uint8Array> {
  const { faults, random } = state;
  if (faults.strike("one-byte") !== undefined) {
    for (let i = 0; i < bytes.length; i++) yield bytes.subarray(i, i + 1);
    return;
  }
  const split = faults.strike("split-frames");
  const pieces = split === undefined ? 1 : random.integer(2, split.number("pieces"));
  const cuts = Array.from({ length: pieces - 1 }, () => random.integer(0, bytes.length));
  let start = 0;
  for (const cut of [...cuts.sort((a, b) => a - b), bytes.length]) {
    if (cut > start) yield bytes.subarray(start, cut);
    start = cut;
  }
}
