/**
 * Things that a device keeps for us until they are given back.
 *
 * @module
 */

import type { Clock } from "../net/clock.ts";
import { withDeadline } from "../net/deadline.ts";
import type { CallOptions } from "../net/stream.ts";

/** Time that giving something back may take, in milliseconds. */
export const RELEASE_TIMEOUT = 3_000;

/** What {@linkcode acquire} needs to know. */
export interface AcquireOptions extends CallOptions {
  /** What is being done, for the message. */
  readonly what: string;
  readonly host: string;
  readonly clock: Clock;
}

/**
 * Waits for something that the device makes. A caller who gives up meanwhile must not leave it
 * behind: it is given back when it comes after all.
 */
export async function acquire<T>(
  making: Promise<T>,
  release: (made: T) => Promise<void>,
  options: AcquireOptions,
): Promise<T> {
  let taken = false;
  try {
    const made = await withDeadline(() => making, options);
    taken = true;
    return made;
  } finally {
    if (!taken) making.then(release).catch(() => {});
  }
}
