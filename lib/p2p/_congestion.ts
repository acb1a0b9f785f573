/**
 * How much may be on the way: NewReno (RFC 5681, RFC 6582), counted in bytes (RFC 3465).
 *
 * @module
 */

/** The size that windows are counted in: DATA of 1 280 bytes with its inner header. */
export const SEGMENT_SIZE = 1_292;
/** Window at the start, in segments: RFC 6928. */
const INITIAL_SEGMENTS = 10;
/** Largest window; that of the peer is 64 KiB unless it scales. */
const LARGEST_WINDOW = 1 << 20;

/** The congestion window and what happens to it. */
export class Congestion {
  #window = INITIAL_SEGMENTS * SEGMENT_SIZE;
  #threshold = Infinity;
  #ackedInAvoidance = 0;

  /** Bytes that may be on the way. */
  get window(): number {
    return this.#window;
  }

  /** New bytes were acknowledged outside of a recovery. `limited`: the window was in use. */
  acknowledged(bytes: number, limited: boolean): void {
    if (!limited) return; // RFC 7661: what was not used says nothing about the link
    if (this.#window < this.#threshold) {
      this.#grow(Math.min(bytes, 2 * SEGMENT_SIZE));
      return;
    }
    this.#ackedInAvoidance += bytes;
    if (this.#ackedInAvoidance < this.#window) return;
    this.#ackedInAvoidance -= this.#window;
    this.#grow(SEGMENT_SIZE);
  }

  /** Three duplicate acknowledgements: half of the flight, and what has left the network. */
  enterRecovery(flight: number): void {
    this.#halve(flight);
    this.#window = this.#threshold + 3 * SEGMENT_SIZE;
  }

  /** Another segment has left the network in a recovery. */
  inflate(): void {
    this.#grow(SEGMENT_SIZE);
  }

  /** An acknowledgement in a recovery that does not end it. */
  partial(bytes: number): void {
    this.#window = Math.max(SEGMENT_SIZE, this.#window - bytes + SEGMENT_SIZE);
  }

  /**
   * The recovery is over: half of what was on the way before it (RFC 6582, section 3.2, step 3,
   * option 2). The burst that follows is at most half of the peer's window of 64 KiB.
   */
  leaveRecovery(): void {
    this.#window = this.#threshold;
    this.#ackedInAvoidance = 0;
  }

  /** A retransmission timeout: start again, slowly. */
  timeout(flight: number): void {
    this.#halve(flight);
    this.#window = SEGMENT_SIZE;
  }

  #halve(flight: number): void {
    this.#threshold = Math.max(flight / 2, 2 * SEGMENT_SIZE);
    this.#ackedInAvoidance = 0;
  }

  #grow(bytes: number): void {
    this.#window = Math.min(LARGEST_WINDOW, this.#window + bytes);
  }
}
