/**
 * What a config file says, after it was read and checked.
 *
 * @module
 */

import type { Target } from "../../net/target.ts";

/** Where a password is kept. */
export type PasswordSource =
  /** Printed by a program. A list is run as it is, a text by the shell. */
  | { readonly kind: "command"; readonly command: string | readonly string[] }
  /** First line of a file; its path starts at `folder` unless it is absolute. */
  | { readonly kind: "file"; readonly path: string; readonly folder: string }
  /** In the config file itself. */
  | { readonly kind: "text"; readonly password: string };

/** Values of options by their keys, for example `timeout` in milliseconds. */
export type OptionSettings = Readonly<Record<string, unknown>>;

/** A device of the config file. */
export interface DeviceEntry {
  /** Its name, as in `[devices.NAME]`. */
  readonly name: string;
  /** Its address; a port is that of whatever it is asked through. */
  readonly address: Target;
  readonly user?: string;
  readonly password?: PasswordSource;
  readonly tags: readonly string[];
  /** Options that it sets for itself. */
  readonly settings: OptionSettings;
}

/** A P2P cloud, as far as the config file knows it. */
export interface CloudEntry {
  readonly host?: string;
  readonly port?: number;
  readonly username?: string;
  readonly key?: PasswordSource;
  readonly dialect?: "dh" | "nf";
}

/** What applies where a device says nothing. */
export interface Defaults {
  readonly user?: string;
  readonly password?: PasswordSource;
  readonly settings: OptionSettings;
}

/** A config file. */
export interface Config {
  /** Where it is, or would be; undefined when this process has no home. */
  readonly path: string | undefined;
  /** Names that no device can have: they are commands. */
  readonly reserved: readonly string[];
  readonly defaults: Defaults;
  /** In the order of the file. */
  readonly devices: ReadonlyMap<string, DeviceEntry>;
  /** P2P clouds by their names; `[cloud]` itself has none. */
  readonly clouds: ReadonlyMap<string | undefined, CloudEntry>;
}

/** The config of a run that has none. */
export const NO_CONFIG: Config = {
  path: undefined,
  reserved: [],
  defaults: { settings: {} },
  devices: new Map(),
  clouds: new Map(),
};
