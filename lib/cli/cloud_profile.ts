/**
 * The P2P cloud of a run: environment before config file. None is built in.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { checkProfile, CLOUD_PORT, type CloudProfile } from "../p2p/profile.ts";
import type { CloudEntry, Config } from "./config/config.ts";
import type { CliIo } from "./io.ts";
import { passwordFile, passwordFrom, type PasswordReader } from "./password_source.ts";
import { oneOf, port, type ValueType } from "./values.ts";
import { usageError } from "./usage.ts";

const DIALECT = oneOf("dh", "nf");

/**
 * The profile to ask a P2P cloud with: that of `[cloud.NAME]`, or without a name that of `[cloud]`,
 * in which `DHIP_CLOUD_HOST`, `_PORT`, `_USER`, `_KEY_FILE`, `_KEY` and `_DIALECT` go before the
 * file.
 *
 * @throws {DhipError} `DHIP_P2P_NO_PROFILE`, `DHIP_USAGE`, `DHIP_FILE`, `DHIP_INTERRUPTED`
 */
export async function cloudProfile(
  name: string | undefined,
  config: Config,
  reader: PasswordReader,
): Promise<CloudProfile> {
  const { clouds } = config;
  const entry = clouds.get(name);
  if (name !== undefined && entry === undefined) {
    const names = [...clouds.keys()].filter((key) => key !== undefined);
    throw usageError(
      "The config file has no such cloud",
      names.length === 0 ? `Write it as [cloud.${name}].` : `It has ${names.join(", ")}.`,
    );
  }
  const known: CloudEntry = { ...entry, ...(name === undefined ? fromEnvironment(reader.io) : {}) };
  const { host, username, port = CLOUD_PORT, dialect = "dh" } = known;
  const key = await keyOf(name, known, reader);
  if (host === undefined || username === undefined || key === undefined) {
    throw noProfile(name, { host, username, key }, config);
  }
  const profile = { host, port, username, key, dialect };
  try {
    checkProfile(profile);
    return profile;
  } catch (error) {
    if (!(error instanceof DhipError)) throw error;
    const where = `${sectionOf(name)} in ${config.path ?? "the config file"}`;
    const hint = name === undefined
      ? `Look at ${where}, and at DHIP_CLOUD_*.`
      : `Look at ${where}.`;
    throw new DhipError(error.code, error.message, { hint });
  }
}

function sectionOf(name: string | undefined): string {
  return name === undefined ? "[cloud]" : `[cloud.${name}]`;
}

function fromEnvironment(io: Pick<CliIo, "env">): CloudEntry {
  const text = (name: string) => io.env(name) || undefined;
  const read = <T>(name: string, type: ValueType<T>): T | undefined => {
    const value = text(name);
    try {
      return value === undefined ? undefined : type.parse(value);
    } catch (error) {
      if (error instanceof SyntaxError) throw usageError(`${name} must be ${error.message}`);
      throw error;
    }
  };
  const values = {
    host: text("DHIP_CLOUD_HOST"),
    port: read("DHIP_CLOUD_PORT", port),
    username: text("DHIP_CLOUD_USER"),
    dialect: read("DHIP_CLOUD_DIALECT", DIALECT),
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

async function keyOf(
  name: string | undefined,
  { key }: CloudEntry,
  reader: PasswordReader,
): Promise<string | undefined> {
  const { io } = reader;
  const where = `of ${sectionOf(name)}`;
  try {
    if (name === undefined) {
      const file = io.env("DHIP_CLOUD_KEY_FILE");
      if (file) return await passwordFile(reader, file, "The file of DHIP_CLOUD_KEY_FILE");
      const variable = io.env("DHIP_CLOUD_KEY");
      if (variable) return variable;
    }
    return key === undefined ? undefined : await passwordFrom(key, where, reader, "key");
  } catch (error) {
    // A key is no password: the code says what is missing.
    if (!(error instanceof DhipError) || error.code !== "DHIP_NO_PASSWORD") throw error;
    const { message, hint, cause } = error;
    throw new DhipError("DHIP_P2P_NO_PROFILE", message, { hint, cause });
  }
}

/** Two lines: what is needed, and where it goes. */
function noProfile(
  name: string | undefined,
  fields: Readonly<Record<"host" | "username" | "key", string | undefined>>,
  { path, clouds }: Config,
): DhipError {
  const missing = Object.entries(fields).filter(([, value]) => value === undefined)
    .map(([field]) => field);
  const list = missing.length === 3 ? "host, username and key" : missing.join(" and ");
  const section = sectionOf(name);
  const file = path ?? "the config file";
  const others = [...clouds.keys()].filter((key) => key !== undefined);
  const choice = name === undefined && others.length > 0 && missing.length === 3
    ? `; or name one with --cloud: ${others.join(", ")}`
    : "";
  return new DhipError(
    "DHIP_P2P_NO_PROFILE",
    missing.length === 3
      ? "No P2P cloud is configured: sn:SERIAL needs host, username and key of the one that the " +
        "device is registered with"
      : `The P2P cloud's profile ${section} has no ${list}`,
    {
      hint: name === undefined
        ? `Put ${list} (or key_file) under [cloud] in ${file}, or set DHIP_CLOUD_HOST, ` +
          `DHIP_CLOUD_USER and DHIP_CLOUD_KEY_FILE${choice}.`
        : `Put ${list} (or key_file) under ${section} in ${file}.`,
    },
  );
}
