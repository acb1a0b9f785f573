/**
 * Changes the config file on disk.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import { DhipError } from "../../errors.ts";
import type { CliIo } from "../io.ts";
import type { Config } from "./config.ts";
import { parseConfig } from "./parse_config.ts";

/** A change of the config file. */
export interface ConfigChange {
  /** The file as it was read. */
  readonly config: Config;
  /** Makes the new text. */
  readonly edit: (text: string) => string;
  /** Device that comes or goes: nothing else may differ afterwards. */
  readonly name: string;
  /** True when it comes. */
  readonly adds: boolean;
}

/**
 * Edits the file. The result is read again before it is written: it must say the same as before,
 * but for the one device.
 *
 * @returns the new config
 * @throws {DhipError} `DHIP_CONFIG`, `DHIP_FILE`
 */
export async function changeConfig(io: CliIo, change: ConfigChange): Promise<Config> {
  const { config, edit, name, adds } = change;
  const { path } = config;
  if (path === undefined) {
    throw new DhipError("DHIP_FILE", "There is no place for a config file: HOME is not set", {
      hint: "Name one with --config FILE.",
    });
  }
  const text = await currentText(io, path);
  const edited = edit(text);
  const { changed, same } = compare(config, edited, path, name);
  if (!same || changed.devices.has(name) !== adds) {
    throw new DhipError("DHIP_CONFIG", `${path} is written in a way that dhip cannot change`, {
      hint: `Edit [devices.${name}] by hand.`,
    });
  }
  if (await currentText(io, path) !== text) {
    throw new DhipError("DHIP_FILE", `${path} was changed by somebody else meanwhile`, {
      retryable: true,
      hint: "Run the command again.",
    });
  }
  // As private as a file with passwords has to be: it may get one tomorrow.
  await io.files.write(path, new TextEncoder().encode(edited), 0o600).catch((cause) => {
    throw new DhipError("DHIP_FILE", `${path} cannot be written`, {
      hint: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  });
  return changed;
}

async function currentText(io: CliIo, path: string): Promise<string> {
  try {
    return new TextDecoder().decode(await io.files.read(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw new DhipError("DHIP_FILE", `${path} cannot be read`, { cause: error });
  }
}

function compare(
  config: Config,
  edited: string,
  path: string,
  name: string,
): { changed: Config; same: boolean } {
  const changed = parseConfig(edited, path, config.reserved);
  const rest = ({ defaults, devices, clouds }: Config) => [
    defaults,
    clouds,
    [...devices].filter(([key]) => key !== name),
  ];
  return { changed, same: isDeepStrictEqual(rest(config), rest(changed)) };
}
