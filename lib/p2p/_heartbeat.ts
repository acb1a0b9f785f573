/**
 * When to say that this side lives, and when the other one does no more.
 *
 * @module
 */

/** Heartbeats that may stay without any sign of life. */
const UNANSWERED = 2;
/**
 * Time for such a sign, in milliseconds. A device that starts anew forgets its tunnels: a dead one
 * is noticed 11 s after its last sign of life at the latest.
 */
const ANSWER_TIME = 3_000;

/** Watches one session. */
export class Heartbeat {
  /** When {@linkcode beat} has something to do. */
  deadline = Infinity;
  readonly #interval: number;
  #sentAt = 0;
  #unanswered = 0;

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
   * @returns whether one is to be sent, nothing is to be done, or the peer is dead
   */
  beat(now: number, heardAt: number): "send" | "wait" | "dead" {
    const isAnswered = heardAt >= this.#sentAt;
    this.#unanswered = isAnswered ? 0 : this.#unanswered + 1;
    if (this.#unanswered >= UNANSWERED) return "dead";
    const nextAt = this.#sentAt + this.#interval;
    if (isAnswered && now < nextAt) {
      this.deadline = nextAt;
      return "wait";
    }
    this.#sentAt = now;
    this.deadline = now + Math.min(ANSWER_TIME, this.#interval);
    return isAnswered ? "send" : "wait"; // the last one is still being sent again and again
  }
}
