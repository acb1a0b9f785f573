/**
 * Keeps a wrong password from locking an account: cameras lock after a handful of refused logins,
 * and twenty scripts with an old password make a handful in one second.
 *
 * The library asks a {@linkcode LoginGuard} before each login and tells it the outcome. The default
 * lives in memory; the command line supplies one that lives in files.
 *
 * @module
 */

import { randomBytes, scryptSync, timingSafeEqual } from "node:crypto";
import { AuthError } from "../errors.ts";
import { type Clock, systemClock } from "./clock.ts";
import { interrupted, withDeadline } from "./deadline.ts";

/** Whose login it is. */
export interface LoginIdentity {
  /** Device name as given by its dialer. */
  readonly host: string;
  /** User name. */
  readonly user: string;
  /** The password that is about to be used. Never stored as such. */
  readonly password: string;
}

/** One login attempt that the guard let through. Exactly one of the three must be called. */
export interface LoginAttempt {
  /** The device accepted the password. */
  accepted(): Promise<void>;
  /** The device refused it; `lockSeconds` when it told how long the account stays locked. */
  refused(outcome?: { readonly lockSeconds?: number | undefined }): Promise<void>;
  /** No verdict: the connection broke, or the refusal was not about the password. */
  undecided(): Promise<void>;
}

/** Admits login attempts. */
export interface LoginGuard {
  /**
   * Waits for its turn, then admits the attempt.
   *
   * @throws {AuthError} `DHIP_AUTH_GUARDED` when this password is known to be refused
   */
  enter(identity: LoginIdentity, signal?: AbortSignal): Promise<LoginAttempt>;
  /** Forgets that this password was refused: the device has just made it the right one. */
  forget(identity: LoginIdentity): Promise<void>;
}

/** What is remembered of a refused login. Holds no password: only scrypt(password, salt). */
export interface LockoutLatch {
  /** Random salt, 16 bytes. */
  readonly salt: Uint8Array;
  /** scrypt of the refused password, 32 bytes. */
  readonly hash: Uint8Array;
  /** Time of the refusal, in the guard's clock. */
  readonly since: number;
  /** Time at which the latch opens by itself, in the guard's clock. */
  readonly until: number;
}

/** How long a refusal is remembered when the device told no lock time, in milliseconds. */
export const LATCH_TIME = 30 * 60 * 1000;

/** Makes the latch for a password that was refused at `now`. */
export function closeLatch(
  password: string,
  now: number,
  lockSeconds?: number,
  salt: Uint8Array = randomBytes(16),
): LockoutLatch {
  const time = lockSeconds === undefined || lockSeconds <= 0 ? LATCH_TIME : lockSeconds * 1000;
  return { salt, hash: latchHash(password, salt), since: now, until: now + time };
}

/** True when the latch stands against this password at `now`. */
export function latchHolds(latch: LockoutLatch, password: string, now: number): boolean {
  return now < latch.until && timingSafeEqual(latch.hash, latchHash(password, latch.salt));
}

/** The error of an attempt that the latch holds back. `remedy` is one more thing to do about it. */
export function guarded(
  identity: LoginIdentity,
  { since, until }: Pick<LockoutLatch, "since" | "until">,
  now: number,
  remedy?: string,
): AuthError {
  const seconds = Math.ceil((until - now) / 1000);
  return new AuthError(
    "DHIP_AUTH_GUARDED",
    `Not tried: ${identity.host} refused this password for ${identity.user}, or had locked the ` +
      `account, and dhip holds it back for ${seconds} s more`,
    {
      host: identity.host,
      hint: `Give the right password, or wait${remedy ? `; ${remedy}` : ""}.`,
      heldSeconds: Math.max(0, Math.round((now - since) / 1000)),
    },
  );
}

function latchHash(password: string, salt: Uint8Array): Uint8Array {
  return scryptSync(password, salt, 32);
}

/** The default guard: remembers within one process, and lets one attempt per account run at a time. */
export class MemoryLoginGuard implements LoginGuard {
  readonly #clock: Clock;
  readonly #latches = new Map<string, LockoutLatch>();
  readonly #turns = new Map<string, Promise<void>>();

  /** Makes an empty guard. */
  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** See {@linkcode LoginGuard.enter}. */
  async enter(identity: LoginIdentity, signal?: AbortSignal): Promise<LoginAttempt> {
    const key = keyOf(identity);
    // One at a time, even with a password that once worked: it may have been changed on the device,
    // and then all that log in again at once would lock the account.
    const leave = await this.#takeTurn(key, identity.host, signal);
    const latch = this.#latches.get(key);
    if (latch !== undefined) {
      const now = this.#clock.now();
      if (now >= latch.until) {
        this.#latches.delete(key);
      } else if (latchHolds(latch, identity.password, now)) {
        leave();
        throw guarded(identity, latch, now);
      }
    }
    const end = (change: () => void): Promise<void> => {
      change();
      leave();
      return Promise.resolve();
    };
    return {
      accepted: () => end(() => void this.#latches.delete(key)),
      refused: (outcome) =>
        end(() => {
          const now = this.#clock.now();
          this.#latches.set(key, closeLatch(identity.password, now, outcome?.lockSeconds));
        }),
      undecided: () => end(() => {}),
    };
  }

  /** See {@linkcode LoginGuard.forget}. */
  forget(identity: LoginIdentity): Promise<void> {
    const key = keyOf(identity);
    const latch = this.#latches.get(key);
    const holds = latch !== undefined && latchHolds(latch, identity.password, this.#clock.now());
    if (holds) this.#latches.delete(key);
    return Promise.resolve();
  }

  async #takeTurn(key: string, host: string, signal?: AbortSignal): Promise<() => void> {
    if (signal?.aborted) throw interrupted(signal, "wait for another login", host);
    const before = this.#turns.get(key);
    const { promise, resolve } = Promise.withResolvers<void>();
    const mine = (before ?? Promise.resolve()).then(() => promise);
    this.#turns.set(key, mine);
    const leave = () => {
      resolve();
      if (this.#turns.get(key) === mine) this.#turns.delete(key);
    };
    if (before === undefined) return leave;
    try {
      await withDeadline(() => before, { what: "wait for another login", host, signal });
    } catch (error) {
      resolve(); // those behind wait for the one before
      throw error;
    }
    return leave;
  }
}

function keyOf({ user, host }: LoginIdentity): string {
  return `${user}\n${host}`;
}

/** The guard of the whole process: what one part of it learned holds for all. */
export const processLoginGuard: LoginGuard = new MemoryLoginGuard();
