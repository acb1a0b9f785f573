/**
 * Realms on their way to being open: one BIND at a time, because overlapping ones were seen to be
 * unreliable (observed by blackjid/dahua-p2p).
 *
 * @module
 */

import type { Realm } from "./_realm.ts";

/** After this silence about a BIND the next one may go all the same, in milliseconds. */
const NEXT_AFTER = 1_000;

/** Those that wait for their turn, and those that wait for an answer. */
export class BindQueue {
  readonly #timeout: number;
  readonly #waiting: Realm[] = [];
  /** In the order of their BINDs. */
  readonly #sent: { readonly realm: Realm; readonly at: number }[] = [];
  /** No other BIND before this. */
  #nextAt = -Infinity;

  /** @param timeout longest wait for an answer, in milliseconds */
  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  /**
   * When the wait for an answer ends. It does not while nothing at all comes from the device, which
   * is not about a port: the session is over, or will go on.
   *
   * @param heardAt when anything came from the device
   */
  deadline(heardAt: number): number {
    const first = this.#sent[0];
    const isAlive = first !== undefined && heardAt >= first.at + this.#timeout / 2;
    return isAlive ? first.at + this.#timeout : Infinity;
  }

  /** When {@linkcode next} has a realm. */
  get nextAt(): number {
    return this.#waiting.length === 0 ? Infinity : this.#nextAt;
  }

  /** Adds a realm. */
  add(realm: Realm): void {
    this.#waiting.push(realm);
  }

  /** The realm whose BIND is to be sent now, if any. */
  next(now: number): Realm | undefined {
    if (this.#waiting.length === 0 || now < this.#nextAt) return undefined;
    const realm = this.#waiting.shift()!;
    this.#sent.push({ realm, at: now });
    this.#nextAt = now + NEXT_AFTER;
    return realm;
  }

  /** A realm that has its answer, or wants none any more; true when its BIND was sent. */
  remove(realm: Realm): boolean {
    const waiting = this.#waiting.indexOf(realm);
    if (waiting >= 0) {
      this.#waiting.splice(waiting, 1);
      return false;
    }
    const sent = this.#sent.findIndex((entry) => entry.realm === realm);
    if (sent >= 0) {
      if (sent === this.#sent.length - 1) this.#nextAt = -Infinity;
      this.#sent.splice(sent, 1);
    }
    return true;
  }

  /** A realm that has waited too long for its answer, see {@linkcode deadline}; it is removed. */
  expired(now: number, heardAt: number): Realm | undefined {
    if (now < this.deadline(heardAt)) return undefined;
    const { realm } = this.#sent[0]!;
    this.remove(realm);
    return realm;
  }
}
