/**
 * What is remembered about the logins of one user on one device. Pure.
 *
 * @module
 */

import { LATCH_TIME } from "../../net/login_guard.ts";

/** A password that was refused. */
export interface Refusal {
  /** scrypt of the password with the record's salt, hex. */
  readonly hash: string;
  /** When it was refused, in milliseconds since 1970. */
  readonly since: number;
  /** Until when it is not tried again. */
  readonly until: number;
}

/** Logins of one user on one device. */
export interface LoginRecord {
  readonly host: string;
  readonly user: string;
  /** Salt of all hashes here, hex: however many there are, a password is hashed once. */
  readonly salt: string;
  /** The newest last. Several, because jobs with different old passwords may alternate. */
  readonly refused: readonly Refusal[];
  /** A password that was accepted, and when. */
  readonly proven?: { readonly hash: string; readonly at: number } | undefined;
}

/**
 * How long an accepted password may be used side by side, in milliseconds. It is short: twenty jobs
 * with the password of yesterday must not all believe in it today.
 */
const PROOF_TIME = 10_000;

/** Passwords that are remembered as refused. */
const MAX_REFUSED = 16;
/** No device locks for longer; a latch of years would be somebody's joke. In milliseconds. */
const MAX_LATCH_TIME = 24 * 60 * 60 * 1000;

/** The refusals that still count. After a jump of the clock back, none lasts longer than it may. */
export function standing(record: LoginRecord | undefined, now: number): Refusal[] {
  return (record?.refused ?? []).filter(({ until }) =>
    now < until && until - now <= MAX_LATCH_TIME
  );
}

/** True when the record has something to say about passwords, so that hashing one is worth it. */
export function hasProof(record: LoginRecord | undefined, now: number): boolean {
  const age = record?.proven === undefined ? Infinity : now - record.proven.at;
  return age >= 0 && age < PROOF_TIME;
}

/** The record after a refusal. */
export function withRefusal(
  record: LoginRecord,
  hash: string,
  now: number,
  lockSeconds?: number,
): LoginRecord {
  const time = lockSeconds !== undefined && lockSeconds > 0 ? lockSeconds * 1000 : LATCH_TIME;
  const until = now + Math.min(time, MAX_LATCH_TIME);
  const others = standing(record, now).filter((refusal) => refusal.hash !== hash);
  const refused = [...others, { hash, since: now, until }].slice(-MAX_REFUSED);
  return { ...record, refused, proven: undefined };
}

/** The record after an accepted login. Other passwords stay refused. */
export function withProof(record: LoginRecord, hash: string, now: number): LoginRecord {
  const refused = standing(record, now).filter((refusal) => refusal.hash !== hash);
  return { ...record, refused, proven: { hash, at: now } };
}

/** The record after the device made this the right password: it and no other is believed in. */
export function withoutRefusal(record: LoginRecord, hash: string): LoginRecord {
  const refused = record.refused.filter((refusal) => refusal.hash !== hash);
  return { ...record, refused, proven: undefined };
}

/** Reads a record from a file; undefined when it is none. */
export function readRecord(value: unknown): LoginRecord | undefined {
  const { host, user, salt, refused, proven } = (value ?? {}) as Record<string, unknown>;
  if (typeof host !== "string" || typeof user !== "string" || !isHex(salt)) return undefined;
  if (!Array.isArray(refused) || !refused.every(isRefusal)) return undefined;
  const { hash, at } = (proven ?? {}) as Record<string, unknown>;
  if (proven === undefined) return { host, user, salt, refused };
  if (!isHex(hash) || typeof at !== "number") return undefined;
  return { host, user, salt, refused, proven: { hash, at } };
}

function isRefusal(value: unknown): value is Refusal {
  const { hash, since, until } = (value ?? {}) as Record<string, unknown>;
  return isHex(hash) && typeof since === "number" && typeof until === "number";
}

function isHex(value: unknown): value is string {
  return typeof value === "string" && /^(?:[0-9a-f]{2})+$/.test(value);
}
