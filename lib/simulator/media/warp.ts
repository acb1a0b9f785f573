/**
 * What faults do to the times of a stream and to what stands between its frames.
 *
 * @module
 */

import type { FaultBoard } from "../fault_board.ts";
import { Random } from "../prng.ts";
import type { DhavTime } from "./dhav.ts";

/** Values of the counter of milliseconds. */
const COUNTER = 65_536;

/** Faults of one stream, as they were when it began. */
export interface Warp {
  /** What a frame taken at `time` says about it, in a stream that began at `start`; both in ms. */
  time(time: number, start: number): DhavTime;
  /** Milliseconds by which such a frame is dated too late. */
  shift(time: number, start: number): number;
  /** Writes garbage instead of a frame; false when there is none. */
  garbage(into: Uint8Array, at: number, size: number, number: number): boolean;
}

/** A stream without faults. */
export const STRAIGHT: Warp = {
  time: (time) => ({ date: time, counter: time % COUNTER }),
  shift: () => 0,
  garbage: () => false,
};

/** What the active faults do to a stream that begins now. */
export function warpOf(faults: FaultBoard): Warp {
  if (faults.none) return STRAIGHT;
  const wrap = faults.strike("timestamp-wrap")?.number("after");
  const jump = faults.strike("timestamp-jump");
  const noise = faults.peek("dhav-garbage");
  const shift = (time: number, start: number) =>
    jump !== undefined && time - start >= jump.number("after") ? jump.number("ms") : 0;
  return {
    shift,
    time: (time, start) => {
      const date = time + shift(time, start);
      const counter = wrap === undefined ? date : date - start + COUNTER - wrap;
      return { date, counter: ((counter % COUNTER) + COUNTER) % COUNTER };
    },
    garbage: (into, at, size, number) => {
      if (noise === undefined) return false;
      faults.count("dhav-garbage");
      // The same each time: what is read again has to agree.
      into.set(new Random(number).bytes(size), at);
      // Half of it looks like the beginning of a frame.
      if (number % 2 === 0) into.set([0x44, 0x48, 0x41, 0x56, 0xfd], at + 4);
      return true;
    },
  };
}
