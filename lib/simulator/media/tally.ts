/**
 * How many bytes a stretch of time has in DHAV, without making them.
 *
 * @module
 */

import { dhavSize } from "./dhav.ts";
import { type ProgramInfo, sizesBetween } from "./program.ts";
import { FRAME_RATE } from "./source.ts";

/** Seconds after which sizes repeat: pictures 10, frames of AAC 16, everything else 4. */
const ROUND = 80;

const rounds = new Map<string, Float64Array>();

/** Bytes of all seconds of a round before the one with that index. */
function roundOf(info: ProgramInfo): Float64Array {
  const key = `${info.video.name} ${info.sound}`;
  let sums = rounds.get(key);
  if (sums === undefined) {
    sums = new Float64Array(ROUND + 1);
    for (let second = 0; second < ROUND; second++) {
      let bytes = 0;
      for (const each of sizesBetween(info, second * 1000, (second + 1) * 1000)) {
        bytes += dhavSize(each.kind, each.key, info.sound, each.size);
      }
      sums[second + 1] = sums[second]! + bytes;
    }
    rounds.set(key, sums);
  }
  return sums;
}

/** Bytes from one time to another; both in milliseconds, whole seconds. */
export function tally(info: ProgramInfo, from: number, to: number): number {
  const sums = roundOf(info);
  const upTo = (time: number) => {
    const seconds = time / 1000;
    return Math.floor(seconds / ROUND) * sums[ROUND]! + sums[seconds % ROUND]!;
  };
  return upTo(to) - upTo(from);
}

/** Pictures from one time to another. */
export function picturesBetween(from: number, to: number): number {
  return (to - from) / 1000 * FRAME_RATE;
}
