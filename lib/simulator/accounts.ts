/**
 * Accounts of the device and their locks.
 *
 * @module
 */

import type { Clock } from "../net/clock.ts";
import type { SimulatedUser } from "./options.ts";

/** An account with its state. */
export interface Account {
  /** Number of the account, 1-based. */
  readonly id: number;
  /** User name. */
  readonly name: string;
  /** Password in clear; it never leaves the room. */
  password: string;
  /** Group name. */
  group: string;
  /** Remark. */
  memo: string;
  /** Rights of its own; undefined: those of its group. */
  rights: readonly string[] | undefined;
  /** May several sessions use it at once. */
  sharable: boolean;
}

/** Refused logins of one account. */
interface Strikes {
  count: number;
  lockedUntil: number;
}

/** What the device tells about the lock of an account. */
export interface LockInfo {
  /** Seconds until the lock ends, 0 when there is none. */
  readonly remainLockSecond: number;
  /** Refusals left before the account is locked. */
  readonly remainLoginTimes: number;
}

/** All accounts of a device. */
export class Accounts {
  readonly #accounts = new Map<string, Account>();
  readonly #strikes = new Map<string, Strikes>();
  readonly #clock: Clock;
  readonly #lockAfter: number;
  readonly #lockMs: number;
  #nextId = 1;
  #everyoneLockedUntil = 0;

  /** Makes the accounts; `lockSeconds` is the duration of a lock. */
  constructor(
    users: readonly SimulatedUser[],
    clock: Clock,
    lockAfter: number,
    lockSeconds: number,
  ) {
    this.#clock = clock;
    this.#lockAfter = lockAfter;
    this.#lockMs = lockSeconds * 1000;
    for (const user of users) {
      this.add({ name: user.name, password: user.password, group: user.group ?? "admin" });
    }
  }

  /** The accounts in the order of their numbers. */
  list(): Account[] {
    return [...this.#accounts.values()];
  }

  /** The account of that name. */
  find(name: string): Account | undefined {
    return this.#accounts.get(name);
  }

  /** Adds an account, replacing one of the same name. */
  add(user: { name: string; password: string; group: string; memo?: string }): Account {
    const account: Account = {
      id: this.#nextId++,
      name: user.name,
      password: user.password,
      group: user.group,
      memo: user.memo ?? `${user.name}'s account`,
      rights: undefined,
      sharable: true,
    };
    this.#accounts.set(user.name, account);
    return account;
  }

  /** Removes an account. */
  remove(name: string): void {
    this.#accounts.delete(name);
    this.#strikes.delete(name);
  }

  /** Counts a refused login and says what is left. */
  strike(name: string): LockInfo {
    const strikes = this.#strikesOf(name);
    strikes.count++;
    if (strikes.count >= this.#lockAfter) {
      strikes.lockedUntil = this.#clock.now() + this.#lockMs;
      strikes.count = 0;
      return { remainLockSecond: this.#lockMs / 1000, remainLoginTimes: 0 };
    }
    return { remainLockSecond: 0, remainLoginTimes: this.#lockAfter - strikes.count };
  }

  /** Forgets the refusals after a successful login. */
  forgive(name: string): void {
    this.#strikes.delete(this.#key(name));
  }

  /** The lock of an account, or undefined when it is free. */
  lock(name: string): LockInfo | undefined {
    const own = this.#strikes.get(this.#key(name))?.lockedUntil ?? 0;
    const left = Math.max(own, this.#everyoneLockedUntil) - this.#clock.now();
    if (left <= 0) return undefined;
    return { remainLockSecond: Math.ceil(left / 1000), remainLoginTimes: 0 };
  }

  /** Locks every account for `seconds`. */
  lockEveryone(seconds: number): void {
    this.#everyoneLockedUntil = this.#clock.now() + seconds * 1000;
  }

  /** Ends the locks and forgets the refusals of all accounts. */
  unlockEveryone(): void {
    this.#everyoneLockedUntil = 0;
    this.#strikes.clear();
  }

  /** Unknown names share one record: a device that keeps one for each could be filled up. */
  #key(name: string): string {
    return this.#accounts.has(name) ? name : "";
  }

  #strikesOf(name: string): Strikes {
    const key = this.#key(name);
    let strikes = this.#strikes.get(key);
    if (strikes === undefined) {
      strikes = { count: 0, lockedUntil: 0 };
      this.#strikes.set(key, strikes);
    }
    return strikes;
  }
}
