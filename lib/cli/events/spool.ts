/**
 * A queue on disk that several processes fill and empty: one file for each entry.
 *
 * Entries appear by rename and are claimed by rename, as in a mail directory, so that neither a
 * crash nor a second process loses or doubles one.
 *
 * @module
 */

import { join } from "node:path";

/** An entry that is being worked on by this process alone. */
export interface Claim {
  /** Name that stays the same over all attempts and processes. */
  readonly id: string;
  readonly body: string;
  /** Removes the entry: it is dealt with. */
  done(): Promise<void>;
  /** Puts the entry back at its place. */
  release(): Promise<void>;
}

/** What is claimed or unfinished for so long is that of a process that died, in milliseconds. */
const ABANDONED = 5 * 60_000;
const ENTRY = /^(\d{15}-\d{6}-[\w-]{36})\.json$/;
const UNFINISHED = /^(\d{15}-\d{6}-[\w-]{36})\.json\.part$/;
const CLAIMED = /^(\d{15}-\d{6}-[\w-]{36})\.json\.claimed$/;

/** The queue in a folder. */
export class Spool {
  readonly #folder: string;
  readonly #limit: number;
  readonly #now: () => number;
  #count = 0;
  #added = 0;
  #claimed = 0;
  /** Names known to wait, oldest first. */
  #known: string[] = [];

  /** Names the folder; see {@linkcode Spool.open}. */
  private constructor(folder: string, limit: number, now: () => number) {
    this.#folder = folder;
    this.#limit = limit;
    this.#now = now;
  }

  /** Opens the queue in a folder, which is made for its owner alone. */
  static async open(folder: string, limit: number, now: () => number): Promise<Spool> {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    const spool = new Spool(folder, limit, now);
    await spool.#look();
    return spool;
  }

  /** Entries that wait, as far as this process knows. */
  get length(): number {
    return this.#known.length;
  }

  /** Adds an entry. Resolves to the number of old ones that had to go for it. */
  async add(body: string): Promise<number> {
    const time = String(this.#now()).padStart(15, "0");
    const number = String(this.#added++ % 1_000_000).padStart(6, "0");
    const name = `${time}-${number}-${crypto.randomUUID()}.json`;
    const part = join(this.#folder, `${name}.part`);
    await Deno.writeTextFile(part, body, { createNew: true, mode: 0o600 });
    await Deno.rename(part, join(this.#folder, name));
    this.#known.push(name);
    let dropped = 0;
    while (this.#known.length > 0 && this.#known.length + this.#claimed > this.#limit) {
      dropped += await this.#remove(this.#known.shift()!) ? 1 : 0;
    }
    return dropped;
  }

  /** Claims the oldest entry; undefined when there is none. */
  async claim(): Promise<Claim | undefined> {
    // Now and then others' entries are looked for: those of a process that ended, mostly.
    if (this.#known.length === 0 || ++this.#count % 1000 === 0) await this.#look();
    for (;;) {
      const name = this.#known.shift();
      if (name === undefined) return undefined;
      const waiting = join(this.#folder, name);
      const claimed = `${waiting}.claimed`;
      try {
        await Deno.rename(waiting, claimed);
        const time = new Date(this.#now());
        await Deno.utime(claimed, time, time); // the claim is as old as this, not the entry
        const body = await Deno.readTextFile(claimed);
        this.#claimed++;
        return {
          id: ENTRY.exec(name)![1]!,
          body,
          done: async () => {
            this.#claimed--;
            await this.#remove(`${name}.claimed`);
          },
          release: async () => {
            this.#claimed--;
            await Deno.rename(claimed, waiting);
            this.#known.unshift(name);
          },
        };
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error; // another process was quicker
      }
    }
  }

  async #look(): Promise<void> {
    const names: string[] = [];
    for await (const { name } of Deno.readDir(this.#folder)) {
      if (ENTRY.test(name)) names.push(name);
      else if (CLAIMED.test(name) && await this.#isAbandoned(name)) {
        const entry = name.slice(0, -".claimed".length);
        await Deno.rename(join(this.#folder, name), join(this.#folder, entry)).catch(() => {});
        names.push(entry);
      } else if (UNFINISHED.test(name) && await this.#isAbandoned(name)) await this.#remove(name);
    }
    // What was added meanwhile may be missing in the listing.
    this.#known = [...new Set([...names, ...this.#known])].sort();
  }

  async #isAbandoned(name: string): Promise<boolean> {
    const info = await Deno.stat(join(this.#folder, name)).catch(() => undefined);
    return info?.mtime != null && this.#now() - info.mtime.getTime() > ABANDONED;
  }

  async #remove(name: string): Promise<boolean> {
    try {
      await Deno.remove(join(this.#folder, name));
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }
}
