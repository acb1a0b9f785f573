/**
 * How much may wait unread before the device has to wait too.
 *
 * A session has one window for all its realms, so backpressure has three steps: a realm that is
 * alone may leave a little unread before the window closes; one among others may leave much, so that
 * they go on; and when that is used up, the one whose reader has stopped is closed.
 *
 * @module
 */

import type { Realm } from "./_realm.ts";

/** A reader that is behind and slower than this, in bytes a second, has stopped. */
const STOPPED_RATE = 16 * 1024;
/** For so long it is watched, in milliseconds. */
const STOPPED_TIME = 1_000;
/** A queue of this size, in bytes, is watched before memory is used up. */
const LONG_QUEUE = 256 * 1024;

/** Limits of a {@linkcode ReadBudget}, in bytes. */
export interface ReadLimits {
  /** Of a realm that is alone. */
  readonly alone: number;
  /** Of all realms together. */
  readonly shared: number;
}

/** Watches the queues of all realms of a session. */
export class ReadBudget {
  /** When to look again. */
  deadline = Infinity;
  /** Unread bytes of all realms. */
  held = 0;
  /** Bytes for which the window was not opened again. */
  #unconsumed = 0;
  readonly #limits: ReadLimits;
  readonly #realms = new Set<Realm>();

  constructor(limits: ReadLimits) {
    this.#limits = limits;
  }

  /** Bytes came from the device, for whatever realm or none. */
  delivered(bytes: number): void {
    this.#unconsumed += bytes;
  }

  /** Some of them went into a realm's queue. */
  queued(realm: Realm, bytes: number, now: number): void {
    this.held += bytes;
    this.#realms.add(realm);
    if (realm.behind !== undefined || realm.queued < LONG_QUEUE) return;
    realm.behind = { since: now, read: realm.bytesRead };
  }

  /** A reader took bytes of its queue. */
  taken(realm: Realm, bytes: number): void {
    if (!this.#realms.has(realm)) return;
    this.held -= bytes;
    if (realm.queued > 0) return;
    realm.behind = undefined;
    this.#realms.delete(realm);
  }

  /** A realm's queue is about to be dropped. */
  dropped(realm: Realm): void {
    if (this.#realms.delete(realm)) this.held -= realm.queued;
  }

  /**
   * How many bytes the window may open.
   *
   * @param open realms that are not closed
   * @param stop closes a realm whose reader has stopped
   */
  settle(now: number, open: number, stop: (realm: Realm) => void): number {
    const { alone, shared } = this.#limits;
    const isAlone = open <= 1 && !this.#hasLeftovers();
    this.deadline = Infinity;
    if (this.held > shared && !isAlone) this.#stopThose(now, stop);
    const limit = isAlone ? alone : shared;
    const keep = Math.min(this.#unconsumed, Math.max(0, this.held - limit));
    const consumed = this.#unconsumed - keep;
    this.#unconsumed = keep;
    return consumed;
  }

  /** Whether a closed realm is still to be read: that must not close the window to the others. */
  #hasLeftovers(): boolean {
    for (const { state } of this.#realms) if (state === "closed") return true;
    return false;
  }

  /** One of them has at least its share, however many there are. */
  #stopThose(now: number, stop: (realm: Realm) => void): void {
    const share = this.held / this.#realms.size;
    for (const realm of [...this.#realms]) {
      if (realm.queued < share) continue;
      realm.behind ??= { since: now, read: realm.bytesRead };
      const { since, read } = realm.behind;
      if (now >= since + STOPPED_TIME) { // as the deadline is written: fractions are rounded
        if ((realm.bytesRead - read) * 1_000 < (now - since) * STOPPED_RATE) {
          stop(realm);
          continue;
        }
        realm.behind = { since: now, read: realm.bytesRead };
      }
      this.deadline = Math.min(this.deadline, realm.behind.since + STOPPED_TIME);
    }
  }
}
