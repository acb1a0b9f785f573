/**
 * When to attach, to give an attachment up, to replace it: a state machine without I/O.
 *
 * @module
 */

import { backoff } from "../../net/backoff.ts";

/**
 * What the owner of a {@linkcode Reattach} has to do now. `silent`: the attachment is dead, say
 * `lost`. `renew`: make another one while this one still delivers. `release`: let the older go.
 */
export type ReattachAction = "wait" | "attach" | "silent" | "renew" | "release" | "probe";

/** Longest wait between attempts: with a stuck one in between, a device waits less than 15 s. */
const LONGEST_WAIT = 4_000;
/** An attachment that lived for less does not count as success: its device is not pestered. */
const PROVEN = 10_000;
/** How long two attachments deliver side by side. */
export const OVERLAP = 2_000;
/** After a device announced its restart: how often and how long it is asked for a sign of life. */
const PROBE_PERIOD = 3_000;
const PROBE_TIME = 90_000;

/** What the machine has to know of an attachment. */
export interface Vitals {
  /** Longest silence of a living one. */
  readonly silence: number;
  /** Time after which it is replaced. */
  readonly maxAge: number;
}

/** Decides over one stream. All times in milliseconds of one clock. */
export class Reattach {
  #phase: "detached" | "attaching" | "attached" | "renewing" | "overlapping" = "detached";
  #waits: Generator<number, never, void>;
  readonly #random: () => number;
  #attemptAt: number;
  #attachedAt = 0;
  #heardAt = 0;
  #vitals: Vitals = { silence: Infinity, maxAge: Infinity };
  #releaseAt = 0;
  #probeAt = Infinity;
  #probeUntil = 0;

  /** Starts detached; the first attempt is due at once. */
  constructor(now: number, random: () => number = Math.random) {
    this.#random = random;
    this.#waits = this.#newWaits();
    this.#attemptAt = now;
  }

  /** The time at which to call {@linkcode poll} next. */
  get deadline(): number {
    if (this.#phase === "detached") return this.#attemptAt;
    if (this.#phase === "attaching") return Infinity;
    const due = {
      attached: this.#attachedAt + this.#vitals.maxAge,
      renewing: Infinity,
      overlapping: this.#releaseAt,
    };
    return Math.min(this.#silentAt, this.#probeAt, due[this.#phase]);
  }

  /** Decides at `now`. */
  poll(now: number): ReattachAction {
    if (now < this.deadline) return "wait";
    if (this.#phase === "detached") {
      this.#phase = "attaching";
      return "attach";
    }
    if (now >= this.#silentAt) return "silent";
    if (now >= this.#probeAt) {
      this.#probeAt = now + PROBE_PERIOD > this.#probeUntil ? Infinity : now + PROBE_PERIOD;
      return "probe";
    }
    if (this.#phase === "overlapping") {
      this.#phase = "attached";
      return "release";
    }
    this.#phase = "renewing";
    return "renew";
  }

  /** An attempt succeeded. */
  attached(now: number, vitals: Vitals): void {
    this.#phase = this.#phase === "renewing" ? "overlapping" : "attached";
    this.#vitals = vitals;
    this.#attachedAt = this.#heardAt = now;
    this.#probeAt = Infinity;
  }

  /**
   * An attempt failed. After one that was to renew, its owner gives the old attachment up, and the
   * next attempt is due at once.
   */
  failed(now: number): void {
    const renewing = this.#phase === "renewing";
    this.#phase = "detached";
    this.#attemptAt = renewing ? now : now + this.#waits.next().value;
  }

  /** Instead of a renewal the attachment was let go; the next attempt is due at once. */
  replaced(now: number): void {
    this.#phase = "detached";
    this.#attemptAt = now;
  }

  /** Asks about the older attachment again at `at`. */
  keepUntil(at: number): void {
    this.#phase = "overlapping";
    this.#releaseAt = at;
  }

  /** The device was heard. */
  heard(at: number): void {
    this.#heardAt = Math.max(this.#heardAt, at);
  }

  /** The attachment is gone. An attempt to renew it goes on as the attempt to attach. */
  lost(now: number): void {
    this.#probeAt = Infinity;
    if (this.#phase === "renewing") {
      this.#phase = "attaching";
      return;
    }
    this.#phase = "detached";
    if (now - this.#attachedAt >= PROVEN) {
      this.#waits = this.#newWaits();
      this.#attemptAt = now;
    } else this.#attemptAt = now + this.#waits.next().value;
  }

  /** The device says that it is about to restart: from now on it is asked for signs of life. */
  restarting(now: number): void {
    this.#probeAt = now + PROBE_PERIOD;
    this.#probeUntil = now + PROBE_TIME;
  }

  get #silentAt(): number {
    return this.#heardAt + this.#vitals.silence;
  }

  #newWaits(): Generator<number, never, void> {
    return backoff({ base: 500, cap: LONGEST_WAIT, random: this.#random });
  }
}
