/**
 * When to send a keep-alive, and when a silent link is dead: a state machine without I/O.
 *
 * The device ends a session that stays quiet for its `keepAliveInterval`. A link that lost its
 * other end (power cut, NAT entry gone) gives no error at all, so the verdict comes from silence:
 * nothing received since a keep-alive, and nothing after a second one sent at once. That takes two
 * heartbeats at the most.
 *
 * @module
 */

/** What the owner of a {@linkcode KeepAlive} has to do now. */
export type KeepAliveAction = "wait" | "send" | "dead";

/** Time from one keep-alive to the next, for the interval that the device named; both in ms. */
export function keepAlivePeriod(interval: number): number {
  // Real clients send 2-5 s before the end; short intervals keep a quarter as their margin.
  return interval - Math.min(5_000, interval / 4);
}

/** Decides over one session. All times in milliseconds of one clock. */
export class KeepAlive {
  /** How long the device keeps a quiet session. */
  readonly interval: number;
  /** Time from one keep-alive to the next. */
  readonly period: number;
  /** How long one keep-alive may stay unanswered. */
  readonly patience: number;
  #next: number;
  #sentAt: number | undefined;
  #repeated = false;

  /** Starts for a session whose login was accepted at `now`. */
  constructor(interval: number, now: number) {
    this.interval = interval;
    this.period = keepAlivePeriod(interval);
    this.patience = Math.min(10_000, this.period / 2);
    this.#next = now + this.period;
  }

  /** The time at which to call {@linkcode poll} next. */
  get deadline(): number {
    return this.#next;
  }

  /** Decides at `now`; `heardAt` is when the last byte of the device arrived. */
  poll(now: number, heardAt: number): KeepAliveAction {
    if (now < this.#next) return "wait";
    const silent = this.#sentAt !== undefined && heardAt < this.#sentAt;
    if (silent && this.#repeated) return "dead";
    if (this.#sentAt !== undefined && !silent) {
      // The link lives; the rest of the period passes before the next keep-alive.
      const next = this.#sentAt + this.period;
      this.#sentAt = undefined;
      this.#repeated = false;
      if (now < next) {
        this.#next = next;
        return "wait";
      }
    }
    this.#repeated = silent;
    this.#sentAt = now;
    this.#next = now + this.patience;
    return "send";
  }
}
