/**
 * When to say that this side lives, and when the other one does no more.
 *
 * @module
 */

/** Longest wait for a sign of life before one is asked for, again and again, in milliseconds. */
const ASK_INTERVAL = 1_000;
/**
 * Questions that may stay without one. A device that starts anew forgets its tunnels: a dead one is
 * noticed 11 s after its last sign of life at the latest. Questions count, not time: a computer that
 * slept finds the answers after its timers.
 */
const QUESTIONS = 5;

/** Watches one session. */
export class Heartbeat {
  /** When {@linkcode beat} has something to do. */
  deadline = Infinity;
  readonly #interval: number;
  #sentAt = 0;
  #questions = 0;

  /** @param interval between two heartbeats, in milliseconds */
  constructor(interval: number) {
    this.#interval = interval;
  }

  /** The session is open. */
  start(now: number): void {
    this.#sentAt = now;
    this.deadline = now + this.#interval;
  }

  /**
   * Looks at what has come of the last heartbeat.
   *
   * @param heardAt when anything came from the peer
   * @returns whether a heartbeat is to be sent, a sign of life is to be asked for, nothing is to be
   *   done, or the peer is dead
   */
  beat(now: number, heardAt: number): "send" | "ask" | "wait" | "dead" {
    if (heardAt < this.#sentAt) {
      if (this.#questions === QUESTIONS) return "dead";
      this.#questions++;
      this.deadline = now + ASK_INTERVAL;
      return "ask";
    }
    this.#questions = 0;
    const nextAt = this.#sentAt + this.#interval;
    if (now < nextAt) {
      this.deadline = nextAt;
      return "wait";
    }
    this.#sentAt = now;
    this.deadline = now + Math.min(ASK_INTERVAL, this.#interval);
    return "send";
  }
}
