/**
 * Attempts within a deadline.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { backoff, type BackoffOptions } from "./backoff.ts";
import { systemClock } from "./clock.ts";
import { type DeadlineOptions, sleep, withDeadline } from "./deadline.ts";

/** Options of {@linkcode retryWithin}. */
export interface RetryOptions extends DeadlineOptions {
  /** Limit for all attempts together, in milliseconds. */
  readonly timeout: number;
  /** Waiting times. Default: 0.5 s growing to 5 s, half of it random. */
  readonly waits?: BackoffOptions | undefined;
  /** Hears of a failure that is followed by another attempt after `wait` milliseconds. */
  readonly onRetry?: ((error: DhipError, wait: number) => void) | undefined;
}

/**
 * Repeats work until it succeeds, fails for good (an error that is not `retryable`), or the time is
 * over. Then it fails with the last failure of its own; `DHIP_TIMEOUT` only when there was none.
 *
 * @throws {DhipError} the work's failure; `DHIP_TIMEOUT`, `DHIP_INTERRUPTED`
 */
export async function retryWithin<T>(
  work: (signal: AbortSignal) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const { timeout, signal, waits, onRetry, clock = systemClock } = options;
  const end = clock.now() + timeout;
  const pauses = backoff({ base: 500, cap: 5_000, ...waits });
  let last: DhipError | undefined;
  for (;;) {
    const left = end - clock.now();
    try {
      return await withDeadline(work, { ...options, timeout: Math.max(1, left) });
    } catch (error) {
      if (!(error instanceof DhipError) || !error.retryable) throw error;
      // The time was over before this attempt had a chance: what the others met says more.
      const failure = clock.now() >= end ? last ?? error : error;
      const wait = pauses.next().value;
      if (clock.now() + wait >= end) throw failure;
      last = failure;
      onRetry?.(failure, wait);
      await sleep(wait, signal, clock);
    }
  }
}
