/**
 * The nonces that a device has given out.
 *
 * @module
 */

import type { Clock } from "../../net/clock.ts";
import type { Random } from "../prng.ts";

/** Nonces remembered; one more forgets the oldest, which is then stale. */
const MOST = 1000;

interface Nonce {
  readonly bornAt: number;
  lastCount: number;
}

/** What using a nonce comes to. */
export type NonceUse = "first" | "again" | "stale";

/** Nonces with their age and their highest count. */
export class NonceBook {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #lifetime: number;
  readonly #nonces = new Map<string, Nonce>();

  /** `lifetime` is in seconds. */
  constructor(clock: Clock, random: Random, lifetime: number) {
    this.#clock = clock;
    this.#random = random;
    this.#lifetime = lifetime * 1000;
  }

  /** A new nonce. */
  issue(): string {
    if (this.#nonces.size >= MOST) {
      for (const oldest of this.#nonces.keys()) {
        this.#nonces.delete(oldest);
        break;
      }
    }
    const nonce = this.#random.hex(32).toLowerCase();
    this.#nonces.set(nonce, { bornAt: this.#clock.now(), lastCount: 0 });
    return nonce;
  }

  /**
   * Uses a nonce; `count` has to rise each time. Without count (RFC 2069) a nonce may be used until
   * it is old. A count that does not rise is a replay: as good as stale, the client has to begin
   * anew.
   */
  use(text: string, count: number | undefined): NonceUse {
    const nonce = this.#nonces.get(text);
    if (nonce === undefined) return "stale";
    if (this.#clock.now() - nonce.bornAt > this.#lifetime) {
      this.#nonces.delete(text);
      return "stale";
    }
    const first = nonce.lastCount === 0;
    if (count !== undefined && count <= nonce.lastCount) return "stale";
    nonce.lastCount = count ?? 1;
    return first ? "first" : "again";
  }

  /** Forgets all. */
  clear(): void {
    this.#nonces.clear();
  }
}
