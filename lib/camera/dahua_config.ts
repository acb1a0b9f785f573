/**
 * The configuration of a Dahua device: tables that are read, changed, verified, saved and restored.
 *
 * @module
 */

import { unwrap } from "../dhip/envelope.ts";
import type { JsonObject } from "../dhip/frame.ts";
import type { Requester } from "../dhip/rpc.ts";
import { DhipError } from "../errors.ts";
import type { CallOptions } from "../net/stream.ts";
import { type Difference, diffTables } from "./config_diff.ts";
import {
  assign,
  type Assignment,
  formatConfigPath,
  parseConfigPath,
  type PathStep,
  replaceAt,
} from "./config_path.ts";
import {
  type ConfigLink,
  type ConfigStream,
  type ConfigWatchOptions,
  watchTables,
} from "./config_watch.ts";

/** What a device said to a change. */
export interface SetOutcome {
  /** What it wants next, for example `NeedReboot`. */
  readonly options: readonly string[];
}

/** A change worked out against the device, not yet made. */
export interface ConfigPlan {
  /** Tables to write: name, value now, value wanted. */
  readonly tables: readonly {
    readonly name: string;
    readonly before: unknown;
    readonly after: unknown;
  }[];
  /** All places that will change. Empty: the device has it already. */
  readonly differences: readonly Difference[];
}

/** What came of a change. */
export interface ChangeOutcome extends SetOutcome {
  /** Places that the device accepted and then did not keep: wanted value, value it has. */
  readonly notHeld: readonly Difference[];
}

/** A refusal that means "there is no such table". Observed by rroller/dahua and DahuaBridge. */
const ABSENT = new Set([268959743, 285278249]);

/** Reads and changes configuration tables. Table values are the device's own JSON. */
export class DahuaConfig {
  readonly #rpc: Requester;
  readonly #link: ConfigLink | undefined;

  /** Works over the given session; only with a link can tables be watched. */
  constructor(rpc: Requester, link?: ConfigLink) {
    this.#rpc = rpc;
    this.#link = link;
  }

  /**
   * Reads a table: an object, or a list with one element per channel. Undefined when the device
   * does not have it. Large tables come in fragments; the time limit counts from the last one.
   *
   * @throws {DhipError} as `RpcSession.call`
   */
  async get(name: string, options?: CallOptions): Promise<unknown> {
    try {
      const payload = await this.#call("configManager.getConfig", { name }, options);
      const table = (payload as JsonObject | null)?.table;
      return isEmpty(table) ? undefined : table;
    } catch (error) {
      if (error instanceof DhipError && ABSENT.has(error.deviceCode ?? 0)) return undefined;
      throw error;
    }
  }

  /** All tables by name. */
  async all(options?: CallOptions): Promise<Record<string, unknown>> {
    const payload = await this.#call("configManager.getConfig", { name: "All" }, options);
    const table = (payload as JsonObject | null)?.table;
    if (typeof table === "object" && table !== null && !Array.isArray(table)) {
      return table as Record<string, unknown>;
    }
    throw new DhipError("DHIP_NOT_SUPPORTED", "The device does not list all of its tables", {
      host: this.#rpc.host,
      method: "configManager.getConfig",
      hint: "Name the tables that you want.",
    });
  }

  /** Names of all tables, sorted. */
  async names(options?: CallOptions): Promise<string[]> {
    try {
      const names = await this.members("", options);
      if (names.length > 0) return names.sort();
    } catch (error) {
      if (!(error instanceof DhipError) || error.deviceCode === undefined) throw error;
    }
    return Object.keys(await this.all(options)).sort(); // not every firmware lists names
  }

  /** Names of a table's members (`configManager.getMemberNames`). */
  async members(name: string, options?: CallOptions): Promise<string[]> {
    const payload = await this.#call("configManager.getMemberNames", { name }, options);
    const object = payload as JsonObject | null;
    const list = object?.names ?? object?.members ?? payload;
    return Array.isArray(list) ? list.filter((item) => typeof item === "string") : [];
  }

  /** A table as it was when it left the factory (`configManager.getDefault`). */
  async defaults(name: string, options?: CallOptions): Promise<unknown> {
    const payload = await this.#call("configManager.getDefault", { name }, options);
    return (payload as JsonObject | null)?.table;
  }

  /**
   * Writes a whole table and does not look what became of it; see {@linkcode apply}.
   *
   * @throws {DhipError} the device's refusal
   */
  async set(name: string, table: unknown, options?: CallOptions): Promise<SetOutcome> {
    const params = { name, table, options: [] };
    const payload = await this.#call("configManager.setConfig", params, options);
    if (payload === false) {
      throw new DhipError("DHIP_DEVICE_REFUSED", `The device did not accept ${name}`, {
        host: this.#rpc.host,
        method: "configManager.setConfig",
      });
    }
    const list = (payload as JsonObject | null)?.options;
    return { options: Array.isArray(list) ? list.filter((item) => typeof item === "string") : [] };
  }

  /**
   * Works out what some assignments change, against what the device has now.
   *
   * @throws {RangeError} for a place that its table does not have
   * @throws {DhipError} `DHIP_NOT_SUPPORTED` when the device lacks the table
   */
  async plan(changes: readonly Assignment[], options?: CallOptions): Promise<ConfigPlan> {
    const names = [...new Set(changes.map(({ path }) => path.table))];
    const present = await Promise.all(names.map((name) => this.#require(name, options)));
    return planTables(names.map((name, index) => {
      const before = present[index];
      const own = changes.filter(({ path }) => path.table === name);
      return { name, before, after: own.reduce<unknown>(assign, before) };
    }));
  }

  /**
   * Makes a planned change, then reads every table back: devices say yes to values that they do not
   * keep (unknown codecs, for example). What others changed in the same table since the plan was
   * made is kept.
   *
   * @throws {DhipError} the device's refusal, or `DHIP_CONFLICT` when others changed the same places
   *   meanwhile; tables written before it stay written
   */
  async apply(plan: ConfigPlan, options?: CallOptions): Promise<ChangeOutcome> {
    const wishes = new Set<string>();
    const notHeld: Difference[] = [];
    for (const { name, before, after } of plan.tables) {
      const differences = diffTables(name, before, after);
      if (differences.length === 0) continue;
      const table = rebase(name, { before, after }, await this.get(name, options), this.#rpc.host);
      for (const wish of (await this.set(name, table, options)).options) wishes.add(wish);
      const present = await this.get(name, options);
      const places = new Set(differences.map(({ path }) => path));
      // Only what was to change: clocks and counters in a table move on their own.
      notHeld.push(...diffTables(name, table, present).filter(({ path }) => touches(places, path)));
    }
    return { options: [...wishes], notHeld };
  }

  /**
   * Watches tables: tells every change that anybody makes, with the table as it is then and the
   * places that differ from the table before. Over DHIP the device pushes changes
   * (`configManager.attach`, protocol reference; not seen on a device); where it refuses that, and
   * over HTTP, the tables are read every `every` milliseconds. A lost link is replaced for ever, and
   * what has changed meanwhile is told as one change.
   *
   * ```ts
   * import { DahuaCamera } from "@dhip/dhip";
   * import { Simulator } from "@dhip/dhip/simulator";
   *
   * await using simulator = await Simulator.start({ password: "secret" });
   * const { host, dhipPort } = simulator.devices[0]!;
   * await using camera = await DahuaCamera.connect(`${host}:${dhipPort}`, { password: "secret" });
   *
   * await using stream = camera.config.watch(["NTP", "Encode"], {
   *   signal: AbortSignal.timeout(300), // for this example
   *   onNotice: console.log,
   * });
   * try {
   *   for await (const { time, changes } of stream) {
   *     for (const { path, before, after } of changes) console.log(time, path, before, after);
   *   }
   * } catch (error) {
   *   console.log("the end:", error); // DHIP_INTERRUPTED
   * }
   * ```
   *
   * Reading throws `DHIP_NOT_SUPPORTED` for a table that the device lacks, the refusal of a login,
   * and `DHIP_INTERRUPTED` after `signal`. `timeout` is the limit of one call.
   *
   * @throws {RangeError} without a name, for an empty one, or when `every` is too short
   * @throws {DhipError} `DHIP_NOT_SUPPORTED` when this was made without a link
   */
  watch(names: readonly string[], options?: ConfigWatchOptions): ConfigStream {
    const link = this.#link;
    const { host } = this.#rpc;
    if (link === undefined) {
      throw new DhipError("DHIP_NOT_SUPPORTED", "Tables are watched over a link only", { host });
    }
    return watchTables(
      {
        host,
        clock: link.clock,
        wall: () => Date.now(),
        session: (call) => link.session(call),
        read: (name, call) => this.get(name, call),
      },
      names,
      options,
    );
  }

  async #require(name: string, options?: CallOptions): Promise<unknown> {
    const table = await this.get(name, options);
    if (table !== undefined) return table;
    throw new DhipError("DHIP_NOT_SUPPORTED", `The device has no table ${name}`, {
      host: this.#rpc.host,
      method: "configManager.getConfig",
      hint: "List the tables: dhip config names TARGET",
    });
  }

  async #call(method: string, params: JsonObject, options?: CallOptions): Promise<unknown> {
    const reply = await this.#rpc.request(method, params, options);
    return unwrap(reply.envelope, method, this.#rpc.host);
  }
}

/** A plan from tables as they are and as they shall be. */
export function planTables(tables: ConfigPlan["tables"]): ConfigPlan {
  const differences = tables.flatMap(({ name, before, after }) => diffTables(name, before, after));
  return { tables, differences };
}

/** The table to write: the wanted one, or what it changes made in the table as it is by now. */
function rebase(
  name: string,
  { before, after }: { readonly before: unknown; readonly after: unknown },
  present: unknown,
  host: string,
): unknown {
  const meanwhile = diffTables(name, before, present);
  const wanted = diffTables(name, before, after);
  const places = new Set(wanted.map(({ path }) => path));
  const collision = meanwhile.find(({ path }) => touches(places, path));
  const mergeable = wanted.every((one) => "before" in one && "after" in one);
  if (collision !== undefined || (meanwhile.length > 0 && !mergeable)) {
    const where = (collision ?? meanwhile[0]!).path;
    throw new DhipError("DHIP_CONFLICT", `${where} was changed by somebody else meanwhile`, {
      host,
      hint: "Nothing was written to this table; look at it and try again.",
    });
  }
  const table = meanwhile.length === 0 ? after : wanted.reduce<unknown>(
    (value, { path, after }) => replaceAt(value, parseConfigPath(path).steps, after),
    present,
  );
  const damaged = findUnsafeInteger(table, []);
  if (damaged !== undefined) {
    const where = formatConfigPath({ table: name, steps: damaged });
    throw new DhipError("DHIP_NOT_SUPPORTED", `${where} is too large a number to be written back`, {
      host,
      hint: "dhip reads numbers up to 2^53 exactly; change this table with the vendor's tool.",
    });
  }
  return table;
}

function findUnsafeInteger(value: unknown, steps: PathStep[]): PathStep[] | undefined {
  if (typeof value === "number") {
    return Number.isInteger(value) && !Number.isSafeInteger(value) ? steps : undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const step = Array.isArray(value) ? Number(key) : key;
    const found = findUnsafeInteger(item, [...steps, step]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** True for a place that lies at, in, or around one of the places. */
function touches(places: ReadonlySet<string>, path: string): boolean {
  return [...places].some((place) => within(path, place) || within(place, path));
}

function within(inner: string, outer: string): boolean {
  return inner.startsWith(outer) && /^($|[.[])/.test(inner.slice(outer.length));
}

/** Some firmwares answer success with nothing for a table that they do not have. */
function isEmpty(table: unknown): boolean {
  if (table === undefined || table === null) return true;
  return typeof table === "object" && !Array.isArray(table) && Object.keys(table).length === 0;
}
