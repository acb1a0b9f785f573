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
  /** Calls `callback` once after `delay` milliseconds. */
  timer(callback: () => void, delay: number): Timer;
}

/** The computer's own monotonic clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  timer(callback, delay) {
    const id = setTimeout(callback, delay);
    return { cancel: () => clearTimeout(id) };
  },
};
