/**
 * Retransmission timeout and congestion window of the device's PseudoTcp: slow start and NewReno,
 * with the constants of libjingle.
 *
 * @module
 */

import { distance } from "../../p2p/segment.ts";

/** Milliseconds. */
const INITIAL_RTO = 1000;
const MIN_RTO = 250;
const MAX_RTO = 60_000;
/** Empty duplicate acknowledgements that mean a loss. */
const DUPLICATES = 3;

/** How much may be under way, and how long an acknowledgement may take. */
export class Congestion {
  readonly #mss: number;
  #window: number;
  #threshold: number;
  #duplicates = 0;
  #recover: number;
  #smoothed = 0;
  #variance = 0;
  #rto = INITIAL_RTO;

  /** `mss` is the largest segment, `threshold` where slow start ends, `sequence` the first byte. */
  constructor(mss: number, threshold: number, sequence: number) {
    this.#mss = mss;
    this.#window = 2 * mss;
    this.#threshold = Math.max(threshold, 2 * mss);
    this.#recover = sequence;
  }

  /** Milliseconds until a segment is sent again. */
  get rto(): number {
    return this.#rto;
  }

  /** Round-trip time, smoothed, ms; 0 before the first measurement. */
  get smoothed(): number {
    return this.#smoothed;
  }

  /** Bytes that may be under way, with those of limited transmit (RFC 3042). */
  get allowed(): number {
    const extra = this.#duplicates < DUPLICATES ? this.#duplicates * this.#mss : 0;
    return this.#window + extra;
  }

  /** Takes a measurement of the round-trip time (RFC 6298). */
  measure(sample: number): void {
    if (sample < 0) return;
    if (this.#smoothed === 0) {
      this.#smoothed = sample;
      this.#variance = sample / 2;
    } else {
      this.#variance = (3 * this.#variance + Math.abs(sample - this.#smoothed)) / 4;
      this.#smoothed = (7 * this.#smoothed + sample) / 8;
    }
    const rto = this.#smoothed + Math.max(1, 4 * this.#variance);
    this.#rto = Math.min(MAX_RTO, Math.max(MIN_RTO, rto));
  }

  /** Nothing was sent for longer than a timeout: what was known about the path is old. */
  idle(): void {
    this.#window = this.#mss;
  }

  /** A segment was not acknowledged in time. */
  timeout(inFlight: number, established: boolean): void {
    this.#threshold = Math.max(inFlight >> 1, 2 * this.#mss);
    this.#window = this.#mss;
    this.#rto = Math.min(established ? MAX_RTO : INITIAL_RTO, this.#rto * 2);
  }

  /** A probe of a shut window goes out. */
  backOff(): void {
    this.#rto = Math.min(MAX_RTO, this.#rto * 2);
  }

  /** Something new is acknowledged; true when the next segment is missing too. */
  acknowledged(gained: number, sequence: number, inFlight: number): boolean {
    if (this.#duplicates < DUPLICATES) {
      this.#duplicates = 0;
      this.#window += this.#window < this.#threshold
        ? this.#mss
        : Math.max(1, Math.floor(this.#mss * this.#mss / this.#window));
      return false;
    }
    if (distance(sequence, this.#recover) >= 0) {
      this.#window = Math.min(this.#threshold, inFlight + this.#mss);
      this.#duplicates = 0;
      return false;
    }
    this.#window += this.#mss - Math.min(gained, this.#window);
    return true;
  }

  /** An empty acknowledgement of nothing new; true when it means that a segment was lost. */
  repeated(inFlight: number, next: number): boolean {
    if (inFlight === 0) {
      this.#duplicates = 0;
      return false;
    }
    this.#duplicates++;
    if (this.#duplicates > DUPLICATES) this.#window += this.#mss;
    if (this.#duplicates !== DUPLICATES) return false;
    this.#recover = next;
    this.#threshold = Math.max(inFlight >> 1, 2 * this.#mss);
    this.#window = this.#threshold + DUPLICATES * this.#mss;
    return true;
  }
}
