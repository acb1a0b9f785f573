/**
 * How long an answer takes: RFC 6298, in milliseconds.
 *
 * @module
 */

/** Retransmission timeout before there is a measurement: RFC 6298 section 2.1. */
const INITIAL_TIMEOUT = 1_000;
/** Shortest retransmission timeout: that of libjingle, above its delayed acknowledgement of 100 ms. */
const SHORTEST_TIMEOUT = 250;
/** Longest: a link that comes back is used again within this time. libjingle waits up to 60 s. */
const LONGEST_TIMEOUT = 8_000;
/** What a clock of whole milliseconds cannot tell apart. */
const GRANULARITY = 1;

/** Smoothed round-trip time and the retransmission timeout made of it. */
export class RoundTrip {
  #smoothed: number | undefined;
  #variation = 0;
  #timeout = INITIAL_TIMEOUT;
  #doublings = 0;

  /** Smoothed round-trip time; undefined before the first measurement. */
  get smoothed(): number | undefined {
    return this.#smoothed;
  }

  /** Retransmission timeout, backed off. */
  get timeout(): number {
    return Math.min(LONGEST_TIMEOUT, this.#timeout * 2 ** this.#doublings);
  }

  /**
   * Takes what an echo says of a segment that was sent several times. It may name a transmission
   * whose acknowledgement was lost: a link that became slow is learned in steps, and an unlucky one
   * isn't taken for slow at once.
   */
  measureAmbiguous(milliseconds: number): void {
    const limit = this.#smoothed === undefined ? INITIAL_TIMEOUT : 2 * this.#smoothed + 50;
    this.measure(Math.min(milliseconds, limit));
  }

  /** Takes the time of a segment that was sent once. */
  measure(milliseconds: number): void {
    if (this.#smoothed === undefined) {
      this.#smoothed = milliseconds;
      this.#variation = milliseconds / 2;
    } else if (milliseconds < this.#smoothed / 2) {
      // Losses make a round trip look long, but nothing makes it look short: come down fast.
      this.#smoothed = (this.#smoothed + milliseconds) / 2;
      this.#variation = Math.min(this.#variation, this.#smoothed / 2);
    } else {
      this.#variation += (Math.abs(this.#smoothed - milliseconds) - this.#variation) / 4;
      this.#smoothed += (milliseconds - this.#smoothed) / 8;
    }
    this.#timeout = Math.max(
      SHORTEST_TIMEOUT,
      this.#smoothed + Math.max(GRANULARITY, 4 * this.#variation),
    );
    this.#doublings = 0;
  }

  /** A timeout has passed: the next one is twice as long. */
  backOff(): void {
    if (this.timeout < LONGEST_TIMEOUT) this.#doublings++;
  }

  /** Something new was acknowledged: the link carries again. */
  progress(): void {
    this.#doublings = 0;
  }
}
