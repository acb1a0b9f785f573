/**
 * Time limits and interruption around a promise.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { CallOptions } from "./stream.ts";

/** What {@linkcode withDeadline} needs to know. */
export interface DeadlineOptions extends CallOptions {
  /** What is being done, for the message: "connect to 192.0.2.7:5000". */
  readonly what: string;
  /** Host for the error. */
  readonly host?: string | undefined;
  /** Injected time; the system's by default. */
  readonly clock?: Clock | undefined;
}

/** The error of an aborted call. An abort reason that is a `DhipError` is passed on as it is. */
export function interrupted(signal: AbortSignal, what: string, host?: string): DhipError {
  if (signal.reason instanceof DhipError) return signal.reason;
  return new DhipError("DHIP_INTERRUPTED", `Interrupted: ${what}`, { host });
}

/**
 * Runs `work` under a time limit and an abort signal. The signal that `work` gets aborts in
 * either case, so that it can give back what it holds.
 *
 * @throws {DhipError} `DHIP_TIMEOUT` after `timeout` ms, `DHIP_INTERRUPTED` on abort
 */
export async function withDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  options: DeadlineOptions,
): Promise<T> {
  const { signal, timeout, what, host, clock = systemClock } = options;
  if (signal?.aborted) throw interrupted(signal, what, host);
  const controller = new AbortController();
  const { promise: broken, reject } = Promise.withResolvers<never>();
  broken.catch(() => {}); // lost races must not count as unhandled
  const stop = (error: DhipError) => {
    reject(error);
    controller.abort(error);
  };
  const onAbort = () => stop(interrupted(signal!, what, host));
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = timeout === undefined ? undefined : clock.timer(
    () => stop(new DhipError("DHIP_TIMEOUT", `No answer within ${timeout} ms: ${what}`, { host })),
    timeout,
  );
  try {
    return await Promise.race([work(controller.signal), broken]);
  } finally {
    timer?.cancel();
    signal?.removeEventListener("abort", onAbort);
  }
}

/** Resolves after `delay` milliseconds, or rejects with `DHIP_INTERRUPTED` on abort. */
export function sleep(delay: number, signal?: AbortSignal, clock = systemClock): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(interrupted(signal, "wait"));
    const onAbort = () => {
      timer.cancel();
      reject(interrupted(signal!, "wait"));
    };
    const timer = clock.timer(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, delay);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
