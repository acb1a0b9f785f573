/**
 * The P2P clouds of a config file: `[cloud]`, and `[cloud.NAME]` for each further one.
 *
 * @module
 */

import type { CloudEntry } from "./config.ts";
import { type Fault, sourceOf } from "./secret_source.ts";

/** One cloud as the schema has read it. */
interface CloudValues {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly username?: string | undefined;
  readonly key?: string | undefined;
  readonly key_file?: string | undefined;
  readonly key_command?: string | readonly string[] | undefined;
  readonly dialect?: "dh" | "nf" | undefined;
}

/**
 * Tells the clouds apart.
 *
 * @throws {DhipError} `DHIP_CONFIG` for several keys of one
 */
export function cloudsOf(
  values: CloudValues & Readonly<Record<string, unknown>> = {},
  folder: string,
  fault: Fault,
): ReadonlyMap<string | undefined, CloudEntry> {
  const { host, port, username, key, key_file, key_command, dialect, ...named } = values;
  const own = { host, port, username, key, key_file, key_command, dialect };
  const entry = (cloud: CloudValues, where: readonly string[]): CloudEntry => {
    const { key: text, key_file: file, key_command: command, ...rest } = cloud;
    const source = sourceOf("key", { text, file, command }, { folder, where, fault });
    return defined({ ...rest, key: source });
  };
  const isThere = Object.values(own).some((value) => value !== undefined);
  return new Map<string | undefined, CloudEntry>([
    ...(isThere ? [[undefined, entry(own, ["cloud"])] as const] : []),
    ...Object.entries(named).map(([name, cloud]) =>
      [name, entry(cloud as CloudValues, ["cloud", name])] as const
    ),
  ]);
}

type Defined<T> = { [K in keyof T]: NonNullable<T[K]> };

function defined<T extends object>(values: T): Partial<Defined<T>> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<Defined<T>>;
}
