/**
 * A login guard that all processes of a user share.
 *
 * One file per device and user: they do not wait for each other, and a damaged one costs the
 * memory of one login only. `NAME.json` holds what is remembered, `NAME.turn` is locked by whoever
 * logs in, `NAME.waiting` tells that one that others wait.
 *
 * @module
 */

import { createHash, randomBytes, scrypt } from "node:crypto";
import { join } from "node:path";
import { DhipError } from "../../errors.ts";
import { interrupted, sleep } from "../../net/deadline.ts";
import {
  guarded,
  type LoginAttempt,
  type LoginGuard,
  type LoginIdentity,
} from "../../net/login_guard.ts";
import type { RememberedRefusal } from "../remembered.ts";
import { type HeldLock, LockSeeker } from "./file_lock.ts";
import { JsonFile } from "./json_file.ts";
import {
  hasProof,
  type LoginRecord,
  readRecord,
  standing,
  withoutRefusal,
  withProof,
  withRefusal,
} from "./login_record.ts";

/** What {@linkcode FileLoginGuard} needs. */
export interface FileLoginGuardOptions {
  /** Folder of the files; it exists. */
  readonly folder: string;
  /** File that is locked while a record changes. */
  readonly lock: string;
  /** Wall-clock time in milliseconds since 1970: it is that of all processes. */
  readonly now: () => number;
  /** Hears of a damaged file. */
  readonly onProblem: (text: string) => void;
  /** Longest wait for the login of another process, in milliseconds. Default 60 000. */
  readonly patience?: number;
}

/** The guard. */
export class FileLoginGuard implements LoginGuard {
  readonly #options: FileLoginGuardOptions;

  /** Uses the files of a folder. */
  constructor(options: FileLoginGuardOptions) {
    this.#options = options;
  }

  /**
   * See {@linkcode LoginGuard.enter}.
   *
   * @throws {DhipError} `DHIP_TIMEOUT` when another process logs in for too long
   */
  async enter(identity: LoginIdentity, signal?: AbortSignal): Promise<LoginAttempt> {
    const login = this.#loginOf(identity);
    using seeker = new LockSeeker(login.turnPath);
    const { patience = 60_000 } = this.#options;
    const end = performance.now() + patience;
    for (let tries = 0;; tries++) {
      if (signal?.aborted) throw interrupted(signal, "wait for another login", identity.host);
      const turn = await seeker.tryTake();
      try {
        const side = await login.judge(turn === undefined);
        if (turn !== undefined || side === "proven") return login.attempt(turn);
      } catch (error) {
        turn?.release();
        throw error;
      }
      if (tries === 0) await login.wait();
      if (performance.now() >= end) throw busy(identity, patience);
      await sleep(20 + Math.random() * 60, signal);
    }
  }

  /** See {@linkcode LoginGuard.forget}. */
  async forget(identity: LoginIdentity): Promise<void> {
    await this.#loginOf(identity).forget();
  }

  /** See `State.unlock`. */
  async unlock(host: string, user?: string): Promise<RememberedRefusal[]> {
    const found: RememberedRefusal[] = [];
    for await (const { name } of Deno.readDir(this.#options.folder)) {
      if (!name.endsWith(".json")) continue;
      const file = this.#file(name.slice(0, -".json".length));
      const record = await file.read();
      if (record?.host !== host || (user !== undefined && record.user !== user)) continue;
      await file.update((current) => {
        for (const { since, until } of standing(current, this.#options.now())) {
          found.push({ host, user: record.user, since, until });
        }
        return undefined;
      });
    }
    return found.sort((a, b) => a.since - b.since);
  }

  #loginOf(identity: LoginIdentity): GuardedLogin {
    const { host, user } = identity;
    const name = fileName(host, user);
    const path = join(this.#options.folder, name);
    return new GuardedLogin(identity, path, this.#file(name), this.#options.now);
  }

  #file(name: string): JsonFile<LoginRecord> {
    const { folder, lock, onProblem } = this.#options;
    const onDamaged = (path: string) => onProblem(`${path} is damaged and counts as empty`);
    return new JsonFile({ path: join(folder, `${name}.json`), lock, read: readRecord, onDamaged });
  }
}

/** One login that wants to be let through. */
class GuardedLogin {
  readonly turnPath: string;
  readonly #waitingPath: string;
  readonly #identity: LoginIdentity;
  readonly #file: JsonFile<LoginRecord>;
  readonly #now: () => number;
  readonly #hashes = new Map<string, Promise<string>>();

  constructor(
    identity: LoginIdentity,
    path: string,
    file: JsonFile<LoginRecord>,
    now: () => number,
  ) {
    this.turnPath = `${path}.turn`;
    this.#waitingPath = `${path}.waiting`;
    this.#identity = identity;
    this.#file = file;
    this.#now = now;
  }

  /**
   * What the record says of the password. It is hashed only when there is something to compare.
   *
   * @throws {AuthError} `DHIP_AUTH_GUARDED`
   */
  async judge(othersLogIn: boolean): Promise<"proven" | "unknown"> {
    const record = await this.#file.read();
    const refusals = standing(record, this.#now());
    const proof = othersLogIn && hasProof(record, this.#now()) ? record?.proven : undefined;
    if (record === undefined || (refusals.length === 0 && proof === undefined)) return "unknown";
    const hash = await this.#hash(record.salt);
    const refusal = refusals.find((refusal) => refusal.hash === hash);
    if (refusal !== undefined) throw guarded(this.#identity, refusal, this.#now(), UNLOCK);
    return proof?.hash === hash ? "proven" : "unknown";
  }

  /** Forgets that the password was refused, and that another one was right. */
  async forget(): Promise<void> {
    if (await this.#file.read() === undefined) return;
    await this.#update((record, hash) => withoutRefusal(record, hash));
  }

  /** Tells the one whose turn it is that somebody waits. */
  async wait(): Promise<void> {
    await Deno.writeTextFile(this.#waitingPath, "", { mode: 0o600 });
  }

  /** The attempt, with its turn or beside others. */
  attempt(turn: HeldLock | undefined): LoginAttempt {
    const end = async (work: () => Promise<void>) => {
      try {
        await work();
      } finally {
        turn?.release();
      }
    };
    return {
      accepted: () => end(() => this.#accepted(turn !== undefined)),
      refused: (outcome) => end(() => this.#refused(outcome?.lockSeconds)),
      undecided: () => end(() => Promise.resolve()),
    };
  }

  /** Nothing is written for the usual login, for which nobody waits. */
  async #accepted(hadTurn: boolean): Promise<void> {
    if (!hadTurn || !await isThere(this.#waitingPath)) return;
    await this.#update((record, hash) => withProof(record, hash, this.#now()));
    await Deno.remove(this.#waitingPath).catch(() => {});
  }

  #refused(lockSeconds: number | undefined): Promise<void> {
    return this.#update((record, hash) => withRefusal(record, hash, this.#now(), lockSeconds));
  }

  /** Hashing takes its time, so it is done before the file is locked. */
  async #update(change: (record: LoginRecord, hash: string) => LoginRecord): Promise<void> {
    const { host, user } = this.#identity;
    const salt = (await this.#file.read())?.salt ?? randomBytes(16).toString("hex");
    const hash = await this.#hash(salt);
    await this.#file.update((record) =>
      // Another salt means that somebody unlocked in between: what was known is gone.
      change(record?.salt === salt ? record : { host, user, salt, refused: [] }, hash)
    );
  }

  #hash(salt: string): Promise<string> {
    const known = this.#hashes.get(salt);
    if (known !== undefined) return known;
    const hash = new Promise<string>((resolve, reject) => {
      // Not scryptSync: other devices' work goes on meanwhile.
      scrypt(this.#identity.password, Uint8Array.fromHex(salt), 32, (error, key) => {
        if (error) reject(error);
        else resolve(new Uint8Array(key).toHex());
      });
    });
    this.#hashes.set(salt, hash);
    return hash;
  }
}

const UNLOCK = "dhip unlock TARGET lets it be tried again";

function busy({ host, user }: LoginIdentity, patience: number): DhipError {
  return new DhipError(
    "DHIP_TIMEOUT",
    `Another process has been logging in as ${user} for ${Math.round(patience / 1000)} s`,
    { host, hint: "Logins with a password that is not yet known to work go one after another." },
  );
}

/** A name that people recognise, and a hash that tells apart what looks alike. */
function fileName(host: string, user: string): string {
  const readable = `${host}_${user}`.replace(/[^\w.-]+/g, "_").slice(0, 80);
  const hash = createHash("sha256").update(JSON.stringify([host, user])).digest("hex");
  return `${readable}-${hash.slice(0, 8)}`;
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
