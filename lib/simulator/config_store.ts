/**
 * The configuration of a device: factory tables and what clients made of them.
 *
 * @module
 */

import { needsReboot, ruled } from "./config_rules.ts";
import { type ConfigTable, factoryTables, type TableFacts } from "./config_tables.ts";

/** What writing a table comes to. `unknown`: no such table; `shape`: list for object or reverse. */
export type WriteResult = "done" | "reboot" | "unknown" | "shape" | "refused";

/** Tables by name. Values handed out must not be changed. */
export class ConfigStore {
  readonly #facts: TableFacts;
  readonly #tables: Map<string, ConfigTable>;
  /** Tables that hold until they are restored or the power goes. */
  readonly #temporary = new Map<string, ConfigTable>();
  #rebootNeeded = false;
  readonly #changed: (name: string) => void;
  #snapshot: ReadonlyMap<string, ConfigTable> | undefined;

  /** Makes the factory configuration; `changed` hears of every table that has become another. */
  constructor(facts: TableFacts, changed: (name: string) => void) {
    this.#facts = facts;
    this.#changed = changed;
    this.#tables = factoryTables(facts);
  }

  /** Names of all tables, sorted. */
  names(): string[] {
    return [...this.#tables.keys()].sort();
  }

  /** A table; undefined when the device has none of that name. */
  get(name: string): ConfigTable | undefined {
    return this.#temporary.get(name) ?? this.#tables.get(name);
  }

  /** All tables in one object. */
  all(): Record<string, ConfigTable> {
    return Object.fromEntries([...this.#tables, ...this.#temporary]);
  }

  /** The factory state of a table. */
  factory(name: string): ConfigTable | undefined {
    return factoryTables(this.#facts).get(name);
  }

  /**
   * Replaces a table, for good or until {@linkcode ConfigStore.giveBack}. With `pretend` everything
   * is judged and nothing is changed.
   */
  write(
    name: string,
    table: unknown,
    options: { readonly temporary?: boolean; readonly pretend?: boolean } = {},
  ): WriteResult {
    const present = this.get(name);
    if (present === undefined) return "unknown";
    if (typeof table !== "object" || table === null) return "shape";
    if (Array.isArray(table) !== Array.isArray(present)) return "shape";
    const taken = ruled(name, table as ConfigTable, present);
    if (taken === undefined) return "refused";
    if (options.pretend !== true) {
      if (options.temporary === true) this.#temporary.set(name, taken);
      else {
        this.#temporary.delete(name);
        this.#tables.set(name, taken);
        this.#rebootNeeded ||= needsReboot(name);
      }
      this.#changed(name);
    }
    return needsReboot(name) && options.temporary !== true ? "reboot" : "done";
  }

  /** Ends a temporary table; false when there is none. */
  giveBack(name: string): boolean {
    if (!this.#temporary.delete(name)) return false;
    this.#changed(name);
    return true;
  }

  /** Forgets a table until it is restored; false when there is none. */
  remove(name: string): boolean {
    if (this.get(name) === undefined) return false;
    this.#temporary.delete(name);
    this.#tables.delete(name);
    this.#changed(name);
    return true;
  }

  /** Puts tables back into their factory state; all when no name is given. */
  restore(names: readonly string[]): void {
    for (const [name, table] of factoryTables(this.#facts)) {
      if (names.length > 0 && !names.includes(name)) continue;
      this.#temporary.delete(name);
      this.#tables.set(name, table);
      this.#changed(name);
    }
  }

  /** True when a change waits for a restart. */
  get rebootNeeded(): boolean {
    return this.#rebootNeeded;
  }

  /** Forgets what a device forgets without power. */
  powerCycle(): void {
    for (const name of [...this.#temporary.keys()]) this.giveBack(name);
    this.#rebootNeeded = false;
  }

  /** Keeps the present tables for {@linkcode ConfigStore.stale}, or ends that. */
  remember(on: boolean): void {
    this.#snapshot = on ? new Map(Object.entries(this.all())) : undefined;
  }

  /** A table as it was when {@linkcode ConfigStore.remember} began, otherwise as it is. */
  stale(name: string): ConfigTable | undefined {
    return this.#snapshot === undefined ? this.get(name) : this.#snapshot.get(name);
  }

  /** The machine name as configured now. */
  machineName(): string {
    const general = this.get("General");
    const name = general !== undefined && !Array.isArray(general) ? general.MachineName : undefined;
    return typeof name === "string" ? name : this.#facts.name;
  }

  /** Gives the channels Chinese names whose GBK bytes end in a backslash. */
  nameInChinese(): void {
    const titles = Array.from(
      { length: this.#facts.channels },
      (_, channel) => ({ Name: `通道${channel + 1}乗` }),
    );
    this.#tables.set("ChannelTitle", titles);
  }
}
