/**
 * Time as an argument, so that reliability is tested on virtual time.
 *
 * @module
 */

/** A timer that can be taken back. */
export interface Timer {
  /** Takes the timer back; harmless after it fired. */
  cancel(): void;
}

/** A source of monotonic time and timers. */
export interface Clock {
  /** Milliseconds since an arbitrary start; never goes back. */
  now(): number;
  /** Calls `callback` once after `delay` milliseconds; never when that is `Infinity`. */
  timer(callback: () => void, delay: number): Timer;
}

/** The longest delay that setTimeout knows; a longer one wraps round and fires at once. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** The computer's own monotonic clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  timer(callback, delay) {
    if (delay === Infinity) return { cancel: () => {} };
    let id: ReturnType<typeof setTimeout>;
    const wait = (rest: number) => {
      id = rest > LONGEST_DELAY
        ? setTimeout(() => wait(rest - LONGEST_DELAY), LONGEST_DELAY)
        : setTimeout(callback, rest);
    };
    wait(delay);
    return { cancel: () => clearTimeout(id) };
  },
};
