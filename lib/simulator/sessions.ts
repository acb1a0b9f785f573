/**
 * The session table. Expiry is judged when a session is looked at; no timer runs.
 *
 * @module
 */

import type { Clock } from "../net/clock.ts";
import type { Account } from "./accounts.ts";
import type { Random } from "./prng.ts";

/** A session on the wire: 1 to 2^32 - 1, or 32 hexadecimal digits of newer web servers. */
export type SessionKey = number | string;

/** Transport a session lives on; on any other it is unknown. */
export type SessionService = "dhip" | "rpc2";

/** An open session. */
export interface Session {
  /** As on the wire. */
  readonly key: SessionKey;
  /** Transport it was opened over. */
  readonly service: SessionService;
  /** Position in the device's list of active users, 1-based. */
  readonly id: number;
  /** Whose session it is. */
  readonly account: Account;
  /** Address the login came from. */
  readonly address: string;
  /** What the client called itself. */
  readonly clientType: string;
  /** Device local time of the login. */
  readonly loginTime: string;
  /** Time of the last request, by the device's clock. */
  lastSeen: number;
  /** Calls served. */
  calls: number;
}

/** Everything but what the table itself decides. */
export type NewSession = Pick<
  Session,
  "service" | "account" | "address" | "clientType" | "loginTime"
>;

/** The sessions of one device, whatever their transport: they share its slots. */
export class SessionTable {
  readonly #open = new Map<SessionKey, Session>();
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #slots: number;
  readonly #lifetime: number;
  readonly #onEnd: ((session: Session) => void)[] = [];
  #nextId = 1;
  /** Slots held by requests that need no session. */
  #held = 0;

  /** `lifetime` is in seconds without any request. */
  constructor(clock: Clock, random: Random, slots: number, lifetime: number) {
    this.#clock = clock;
    this.#random = random;
    this.#slots = slots;
    this.#lifetime = lifetime * 1000;
  }

  /** `listener` hears of every session that ends from now on. */
  onEnd(listener: (session: Session) => void): void {
    this.#onEnd.push(listener);
  }

  /** A key that no session has. */
  freeKey(kind: "number" | "hex"): SessionKey {
    for (;;) {
      const key = kind === "number" ? this.#random.uint32() : this.#random.hex(32).toLowerCase();
      if (key !== 0 && !this.#open.has(key)) return key;
    }
  }

  /** True when no slot is free. */
  get full(): boolean {
    if (this.#open.size + this.#held >= this.#slots) this.#dropExpired();
    return this.#open.size + this.#held >= this.#slots;
  }

  /** Takes a slot for a request that needs no session; false when none is free. */
  hold(): boolean {
    if (this.full) return false;
    this.#held++;
    return true;
  }

  /** Gives a slot back that {@linkcode hold} took. */
  release(): void {
    this.#held--;
  }

  /** Opens a session under `key`. */
  open(key: SessionKey, login: NewSession): Session {
    const session = {
      ...login,
      key,
      id: this.#nextId++,
      lastSeen: this.#clock.now(),
      calls: 0,
    };
    this.#open.set(key, session);
    return session;
  }

  /** The session of a request, which thereby stays alive; undefined when unknown or expired. */
  touch(key: SessionKey, service: SessionService, now: number): Session | undefined {
    const session = this.#open.get(key);
    if (session === undefined || session.service !== service) return undefined;
    if (now - session.lastSeen > this.#lifetime) {
      this.end(session);
      return undefined;
    }
    session.lastSeen = now;
    session.calls++;
    return session;
  }

  /** The session with this key, whatever its transport and age. */
  find(key: SessionKey): Session | undefined {
    return this.#open.get(key);
  }

  /** True when the session is open and not expired. */
  alive(session: Session): boolean {
    if (this.#open.get(session.key) !== session) return false;
    if (this.#clock.now() - session.lastSeen <= this.#lifetime) return true;
    this.end(session);
    return false;
  }

  /** Milliseconds until the session expires when nobody uses it; 0 when it has ended. */
  timeLeft(session: Session): number {
    if (!this.alive(session)) return 0;
    return session.lastSeen + this.#lifetime - this.#clock.now();
  }

  /** Ends a session. */
  end(session: Session): void {
    if (!this.#open.delete(session.key)) return;
    for (const listener of this.#onEnd) listener(session);
  }

  /** Forgets all sessions. */
  clear(): void {
    for (const session of [...this.#open.values()]) this.end(session);
  }

  /** The sessions that are alive. */
  list(): Session[] {
    this.#dropExpired();
    return [...this.#open.values()];
  }

  #dropExpired(): void {
    for (const session of [...this.#open.values()]) this.alive(session);
  }
}
