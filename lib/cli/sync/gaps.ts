/**
 * Times within a period that nothing was recorded of.
 *
 * @module
 */

import type { RemoteFile } from "../../camera/mod.ts";
import type { Period } from "../period.ts";

/** A time without a recording. */
export interface Gap extends Period {
  /** 1 is the first. */
  readonly channel: number;
}

/** Recordings follow each other within a second or two. */
const SHORTEST = 3;

/** The gaps of each of the channels. */
export function gapsOf(
  recordings: readonly RemoteFile[],
  channels: readonly number[],
  { from, to }: Period,
): Gap[] {
  const { compare } = Temporal.PlainDateTime;
  return channels.flatMap((channel) => {
    const own = recordings
      .filter((one) => one.channel === channel && one.start && one.end)
      .sort((a, b) => compare(a.start!, b.start!));
    const gaps: Gap[] = [];
    let at = from;
    const look = (next: Temporal.PlainDateTime) => {
      if (at.until(next).total("seconds") >= SHORTEST) gaps.push({ channel, from: at, to: next });
    };
    for (const { start, end } of own) {
      look(start!);
      if (compare(end!, at) > 0) at = end!;
    }
    look(to);
    return gaps;
  });
}
