/**
 * When the rounds of a repeated command are due.
 *
 * @module
 */

import { type Clock, systemClock } from "../../net/clock.ts";
import { sleep } from "../../net/deadline.ts";

/** Options of {@linkcode rounds}. */
export interface RoundOptions {
  /** Milliseconds from one round to the next. */
  readonly every: number;
  /** How many; without end by default. */
  readonly count?: number | undefined;
  /** The wall clock, in milliseconds since 1970. */
  readonly now: () => number;
  /** Timers. */
  readonly clock?: Clock | undefined;
  /** Ends the rounds, without an error. */
  readonly signal: AbortSignal;
  /** Hears when the next round is due. */
  readonly onWait?: ((due: number) => void) | undefined;
  /** Hears of rounds that were left out because the one before took too long. */
  readonly onSkipped?: ((rounds: number) => void) | undefined;
}

/** Longest time without a look at the wall clock, which may be set while we wait. */
const LOOK = 30_000;

/**
 * Yields the time at which each round is due: the multiples of the interval since 1970, so that
 * nothing drifts and several hosts agree. The consumer's work counts: a round that is missed
 * meanwhile is left out, never made up for.
 */
export async function* rounds(options: RoundOptions): AsyncGenerator<number, void> {
  const { every, count = Infinity, now, clock = systemClock } = options;
  const { signal, onWait, onSkipped } = options;
  const next = () => Math.ceil(now() / every) * every;
  const skipped = (time: number) => onSkipped?.(Math.round(time / every));
  let last: number | undefined;
  for (let round = 0; round < count; round++) {
    let due = next();
    if (last !== undefined) {
      // The same round twice when the clock was set back a little; by more, all begins anew.
      if (due <= last && due > last - every) due = last + every;
      if (due > last + every) skipped(due - last - every);
    }
    onWait?.(due);
    for (let left = due - now(); left > 0 || left <= -every; left = due - now()) {
      if (left > 2 * every || left <= -every) { // the clock was set, or the computer slept
        if (left < 0) skipped(next() - due);
        due = next();
      }
      try {
        await sleep(Math.min(LOOK, Math.max(1, due - now())), signal, clock);
      } catch {
        return;
      }
    }
    if (signal.aborted) return;
    last = due;
    yield due;
  }
}
