/**
 * Waiting times between attempts.
 *
 * @module
 */

/** Shape of a back-off; every time is in milliseconds. */
export interface BackoffOptions {
  /** First wait before jitter. Default 500. */
  readonly base?: number;
  /** Longest wait before jitter. Default 15 000. */
  readonly cap?: number;
  /** Growth from one wait to the next. Default 2. */
  readonly factor?: number;
  /** Share of a wait that is random, 0 to 1. Default 0.5: a wait lies within 50-100 % of its size. */
  readonly jitter?: number;
  /** Injected randomness, 0 <= x < 1. Default `Math.random`. */
  readonly random?: () => number;
}

/**
 * Exponential back-off with jitter, without end. Jitter only shortens a wait, so `cap` is a
 * promise: many clients spread out, and none waits longer than `cap`.
 *
 * ```ts
 * import { backoff } from "@dhip/dhip";
 *
 * const waits = backoff({ base: 100, cap: 1000, jitter: 0 });
 * const first = [waits.next().value, waits.next().value, waits.next().value];
 * if (first.join() !== "100,200,400") throw new Error("unexpected");
 * ```
 *
 * @throws {RangeError} when an option is out of its range
 */
export function* backoff(options: BackoffOptions = {}): Generator<number, never, void> {
  const { base = 500, cap = 15_000, factor = 2, jitter = 0.5, random = Math.random } = options;
  if (!(base > 0) || !(cap >= base)) throw new RangeError("Back-off needs 0 < base <= cap");
  if (!(factor >= 1)) throw new RangeError("Back-off factor must be 1 or more");
  if (!(jitter >= 0 && jitter <= 1)) throw new RangeError("Back-off jitter must be within 0..1");
  for (let wait = base;; wait = Math.min(cap, wait * factor)) {
    yield wait * (1 - jitter * random());
  }
}
