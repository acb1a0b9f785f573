/**
 * The configuration of a device: factory tables and what clients made of them.
 *
 * @module
 */

import { type ConfigTable, factoryTables, type TableFacts } from "./config_tables.ts";

/** Tables by name. Values handed out must not be changed. */
export class ConfigStore {
  readonly #facts: TableFacts;
  readonly #tables: Map<string, ConfigTable>;

  /** Makes the factory configuration. */
  constructor(facts: TableFacts) {
    this.#facts = facts;
    this.#tables = factoryTables(facts);
  }

  /** Names of all tables, sorted. */
  names(): string[] {
    return [...this.#tables.keys()].sort();
  }

  /** A table; undefined when the device has none of that name. */
  get(name: string): ConfigTable | undefined {
    return this.#tables.get(name);
  }

  /** All tables in one object. */
  all(): Record<string, ConfigTable> {
    return Object.fromEntries(this.#tables);
  }

  /** The factory state of a table. */
  factory(name: string): ConfigTable | undefined {
    return factoryTables(this.#facts).get(name);
  }

  /** True when `table` may stand in place of the present one: list for list, object for object. */
  fits(name: string, table: unknown): table is ConfigTable {
    const present = this.#tables.get(name);
    return present !== undefined && typeof table === "object" && table !== null &&
      Array.isArray(table) === Array.isArray(present);
  }

  /** Replaces a table. */
  set(name: string, table: ConfigTable): void {
    this.#tables.set(name, table);
  }

  /** Puts tables back into their factory state; all when no name is given. */
  restore(names: readonly string[]): void {
    for (const [name, table] of factoryTables(this.#facts)) {
      if (names.length === 0 || names.includes(name)) this.#tables.set(name, table);
    }
  }

  /** The machine name as configured now. */
  machineName(): string {
    const general = this.#tables.get("General");
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
