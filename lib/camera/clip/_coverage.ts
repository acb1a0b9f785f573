/** Which part of a wanted time there are pictures of. */

import type { Period } from "./period.ts";

/** A stretch in seconds since the start of the wanted time. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Shorter holes at the edges are none: recordings begin and end with whole seconds. */
const EDGE = 1;

/**
 * What is missing.
 *
 * @param length seconds that are wanted
 * @param pictures from the first to the end of the last one; undefined when there is none
 * @param gaps without pictures in between
 */
export function holesOf(
  length: number,
  pictures: Stretch | undefined,
  gaps: readonly Stretch[],
): Stretch[] {
  if (pictures === undefined) return [{ from: 0, to: length }];
  const holes: Stretch[] = [];
  if (pictures.from > EDGE) holes.push({ from: 0, to: pictures.from });
  for (const { from, to } of gaps) {
    const hole = { from: Math.max(0, from), to: Math.min(length, to) };
    if (hole.to > hole.from) holes.push(hole);
  }
  if (pictures.to < length - EDGE) holes.push({ from: pictures.to, to: length });
  return holes;
}

/** What is left of the wanted time without its holes. */
export function coveredOf(length: number, holes: readonly Stretch[]): Stretch[] {
  const covered: Stretch[] = [];
  let at = 0;
  for (const { from, to } of holes) {
    if (from > at) covered.push({ from: at, to: from });
    at = Math.max(at, to);
  }
  if (at < length) covered.push({ from: at, to: length });
  return covered;
}

/** Stretches by the device's clock. */
export function periods(start: Temporal.PlainDateTime, stretches: readonly Stretch[]): Period[] {
  const at = (seconds: number) => start.add({ milliseconds: Math.round(seconds * 1000) });
  return stretches.map(({ from, to }) => ({ from: at(from), to: at(to) }));
}
