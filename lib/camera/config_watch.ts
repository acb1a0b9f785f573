/**
 * Changes of configuration tables as they happen: pushed by the device where it can, else found by
 * reading.
 *
 * @module
 */

import type { Push, PushStream } from "../dhip/push_stream.ts";
import type { RpcSession } from "../dhip/session.ts";
import { AuthError, DhipError } from "../errors.ts";
import { backoff } from "../net/backoff.ts";
import type { Clock } from "../net/clock.ts";
import { interrupted, sleep } from "../net/deadline.ts";
import type { CallOptions } from "../net/stream.ts";
import { type AttachedTable, attachTable, detachTables } from "./_config_attachment.ts";
import { object, text } from "./_fields.ts";
import { type Difference, diffTables } from "./config_diff.ts";

/** A table that has become another. */
export interface ConfigChange {
  /** When it was noticed, by this computer's clock: ISO 8601 in UTC. */
  readonly time: string;
  /** Name of the table. */
  readonly name: string;
  /** The table as it is now; null when the device does not have it any more. */
  readonly table: unknown;
  /** All places that differ from the table before; at least one. */
  readonly changes: readonly Difference[];
}

/** How tables are watched. */
export interface ConfigWatchOptions extends CallOptions {
  /**
   * Time between two looks in milliseconds where the device does not push, at least 100. Default
   * 10 000.
   */
  readonly every?: number | undefined;
  /** Gets what a user should know: changes are not pushed; the link was lost, or is back. */
  readonly onNotice?: ((message: string) => void) | undefined;
}

/** Changes in their order, until it is closed. */
export interface ConfigStream
  extends AsyncIterableIterator<ConfigChange, void, void>, AsyncDisposable {
  /** Ends the stream; resolves when the device was told. */
  close(): Promise<void>;
}

/** A link to a device on which tables can be watched. */
export interface ConfigLink {
  /** Time. */
  readonly clock: Clock;
  /** See `DahuaLink.session`: opened again when it was lost. */
  session(options?: CallOptions): Promise<RpcSession>;
}

/** What a watch needs of a device. */
export interface ConfigSource extends ConfigLink {
  /** `host:port`, for errors. */
  readonly host: string;
  /** Milliseconds since 1970. */
  wall(): number;
  /** See `DahuaConfig.get`. */
  read(name: string, options?: CallOptions): Promise<unknown>;
}

const PUSH = "client.notifyConfigChange";
/** Pushes kept for a slow reader, whole tables each; when more come, the tables are read. */
const MOST_PUSHES = 100;
/** Longest wait between attempts, and how long a link lives to count as one, in milliseconds. */
const LONGEST_WAIT = 5_000;
const PROVEN = 10_000;

/**
 * Watches tables; see `DahuaConfig.watch`.
 *
 * @throws {RangeError} without a name, for an empty one, or when `every` is too short
 */
export function watchTables(
  source: ConfigSource,
  names: readonly string[],
  options: ConfigWatchOptions = {},
): ConfigStream {
  const { every = 10_000, signal } = options;
  if (names.length === 0 || names.includes("")) throw new RangeError("Name the tables to watch");
  if (!(every >= 100)) throw new RangeError("Tables are read every 100 ms at most");
  const leaving = new AbortController();
  const either = signal === undefined ? leaving.signal : AbortSignal.any([leaving.signal, signal]);
  const watch = new Watch(source, new Set(names), { ...options, every, signal: either });
  const changes = watch.run(leaving.signal);
  const close = async () => {
    leaving.abort();
    await changes.return();
  };
  return Object.assign(changes, { close, [Symbol.asyncDispose]: close });
}

/** Options with what is always there. */
interface ResolvedOptions extends ConfigWatchOptions {
  readonly every: number;
  readonly signal: AbortSignal;
}

/** One watch over all links that it lives through. */
class Watch {
  readonly #source: ConfigSource;
  readonly #names: ReadonlySet<string>;
  readonly #options: ResolvedOptions;
  /** The tables as they were last seen; empty before the first look. */
  readonly #seen = new Map<string, unknown>();
  /** Pushes that came while a table was read: they may be older than what was read. */
  readonly #doubtful = new WeakSet<Push>();
  #reading = 0;
  #toldPolling = false;
  #lost = false;

  constructor(source: ConfigSource, names: ReadonlySet<string>, options: ResolvedOptions) {
    this.#source = source;
    this.#names = names;
    this.#options = options;
  }

  /** Goes on over lost links until `leaving`, an interruption, or a failure for good. */
  async *run(leaving: AbortSignal): AsyncGenerator<ConfigChange, void, void> {
    const { clock } = this.#source;
    const { signal } = this.#options;
    const newWaits = () => backoff({ base: 500, cap: LONGEST_WAIT });
    let waits = newWaits();
    for (;;) {
      const startedAt = clock.now();
      try {
        yield* this.#overOneLink();
      } catch (error) {
        if (leaving.aborted) return;
        if (signal.aborted) throw interrupted(signal, "watch the configuration");
        if (this.#isFinal(error)) throw error;
        this.#tellLost(error as DhipError);
        if (clock.now() - startedAt >= PROVEN) waits = newWaits();
      }
      if (leaving.aborted) return;
      await sleep(waits.next().value, signal, clock).catch((error) => {
        if (!leaving.aborted) throw error;
      });
      if (leaving.aborted) return;
    }
  }

  /** Changes while one session lives; ends by a failure. */
  async *#overOneLink(): AsyncGenerator<ConfigChange, void, void> {
    const { signal, timeout, every } = this.#options;
    const session = await this.#source.session({ signal, timeout });
    const overDhip = session.transport === "dhip";
    try {
      if (overDhip) yield* this.#pushed(session);
      for (;;) {
        yield* this.#look(this.#names);
        this.#tellPolling(overDhip ? "the device does not push them" : "not pushed over HTTP");
        await sleep(every, signal, this.#source.clock);
      }
    } catch (error) {
      // The session was, and the link may not be: the next attempt finds out.
      if (error instanceof DhipError && error.code === "DHIP_CLOSED") throw closedHere(session);
      throw error;
    }
  }

  /** Ends when the device does not push changes. */
  async *#pushed(session: RpcSession): AsyncGenerator<ConfigChange, void, void> {
    const { signal, timeout } = this.#options;
    const pushes = session.subscribe({
      limit: MOST_PUSHES,
      filter: (push) => {
        if (push.method !== PUSH || !this.#concerns(push)) return false;
        if (this.#reading > 0) this.#doubtful.add(push);
        return true;
      },
    });
    const end = () => pushes.end();
    signal.addEventListener("abort", end, { once: true });
    const attached: AttachedTable[] = [];
    try {
      for (const name of this.#names) {
        const one = await attachTable(session, name, { signal, timeout });
        if (one === undefined) return;
        attached.push(one);
      }
      yield* this.#look(this.#names); // what changed before the attachment, or while there was none
      yield* this.#take(pushes);
      throw closedHere(session);
    } finally {
      signal.removeEventListener("abort", end);
      pushes.end();
      await detachTables(session, attached);
    }
  }

  async *#take(pushes: PushStream): AsyncGenerator<ConfigChange, void, void> {
    for await (const push of pushes) {
      const { name, table } = object(push.params);
      const known = text(name);
      if (push.dropped > 0 || known === null) yield* this.#look(this.#names);
      else if (this.#doubtful.has(push) || !sameKind(table, this.#seen.get(known))) {
        yield* this.#look([known]);
      } else yield* this.#compare(known, table);
    }
  }

  /** False for pushes of tables that others watch in the same session. */
  #concerns({ params }: Push): boolean {
    const name = text(object(params).name);
    return name === null || this.#names.has(name);
  }

  /** Reads tables and tells what has changed since they were last seen. */
  async *#look(names: Iterable<string>): AsyncGenerator<ConfigChange, void, void> {
    const { signal, timeout } = this.#options;
    for (const name of names) {
      this.#reading++;
      let table: unknown;
      try {
        table = await this.#source.read(name, { signal, timeout });
      } finally {
        this.#reading--;
      }
      if (table === undefined && !this.#seen.has(name)) throw this.#noTable(name);
      yield* this.#compare(name, table);
    }
    this.#tellBack();
  }

  *#compare(name: string, table: unknown): Generator<ConfigChange, void, void> {
    const isFirst = !this.#seen.has(name);
    const before = this.#seen.get(name);
    this.#seen.set(name, table);
    if (isFirst) return;
    const changes = diffTables(name, before, table);
    if (changes.length === 0) return;
    yield {
      time: new Date(this.#source.wall()).toISOString(),
      name,
      table: table ?? null,
      changes,
    };
  }

  /** True for what trying again cannot mend, or must not try. */
  #isFinal(error: unknown): boolean {
    if (!(error instanceof DhipError)) return true;
    if (error instanceof AuthError) return !error.retryable;
    if (["DHIP_CLOSED", "DHIP_TLS_UNTRUSTED", "DHIP_INTERNAL"].includes(error.code)) return true;
    // A device that is starting gives all kinds of answers, so what worked once is tried again.
    return !error.retryable && this.#seen.size < this.#names.size;
  }

  #noTable(name: string): DhipError {
    return new DhipError("DHIP_NOT_SUPPORTED", `The device has no table ${name}`, {
      host: this.#source.host,
      hint: "List the tables: dhip config names TARGET",
    });
  }

  #tellPolling(why: string): void {
    if (this.#toldPolling) return;
    this.#toldPolling = true;
    const seconds = this.#options.every / 1000;
    this.#options.onNotice?.(`Changes are looked for every ${seconds} s: ${why}`);
  }

  #tellLost({ message }: DhipError): void {
    if (!this.#lost) this.#options.onNotice?.(`${message}; it is tried again`);
    this.#lost = true;
  }

  #tellBack(): void {
    if (this.#lost) this.#options.onNotice?.("The tables are watched again");
    this.#lost = false;
  }
}

/** False for a push that brings none or a part of a table: it says only that it has changed. */
function sameKind(table: unknown, before: unknown): boolean {
  if (Array.isArray(table)) return Array.isArray(before) && table.length === before.length;
  return typeof table === "object" && table !== null && !Array.isArray(before);
}

function closedHere({ host }: RpcSession): DhipError {
  return new DhipError("DHIP_CONNECTION_LOST", "The session was closed by this program", { host });
}
