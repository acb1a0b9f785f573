/**
 * Finds and reads the config file.
 *
 * @module
 */

import { DhipError } from "../../errors.ts";
import type { CliIo } from "../io.ts";
import { firstWords } from "../registry.ts";
import { shellQuote } from "../text.ts";
import { type Config, NO_CONFIG, type PasswordSource } from "./config.ts";
import { configFile } from "../folders.ts";

/**
 * The config: the file `named` by `--config`, else by `DHIP_CONFIG`, else the usual one. Only the
 * usual one may be missing.
 *
 * @throws {DhipError} `DHIP_FILE` when it cannot be read, `DHIP_CONFIG` when it cannot be used
 */
export async function loadConfig(io: CliIo, named?: string): Promise<Config> {
  const chosen = named ?? (io.env("DHIP_CONFIG") || undefined);
  const path = chosen ?? configFile((name) => io.env(name));
  const reserved = firstWords();
  if (path === undefined) return { ...NO_CONFIG, reserved };
  let bytes: Uint8Array;
  let mode: number | undefined;
  try {
    mode = await io.files.mode(path);
    bytes = await io.files.read(path);
  } catch (cause) {
    if (chosen === undefined && isMissing(cause)) return { ...NO_CONFIG, path, reserved };
    throw new DhipError("DHIP_FILE", `The config file cannot be read: ${path}`, {
      hint: chosen === undefined
        ? "Check that it is yours."
        : "Check --config and DHIP_CONFIG: the file must exist and be yours.",
      cause,
    });
  }
  if (bytes.length === 0) return { ...NO_CONFIG, path, reserved };
  const { parseConfig } = await import("./parse_config.ts");
  const config = parseConfig(textOf(bytes, path), path, reserved);
  if (mode !== undefined) refuseOpenFile(config, path, mode);
  return config;
}

/** A process that may not read there has no config file, as one without a home. */
function isMissing(error: unknown): boolean {
  return [Deno.errors.NotFound, Deno.errors.NotADirectory, Deno.errors.NotCapable]
    .some((type) => error instanceof type);
}

function textOf(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new DhipError("DHIP_CONFIG", `${path} is no UTF-8 text`, {
      hint: "TOML is UTF-8; convert the file.",
    });
  }
}

/** Others must not read its passwords, nor choose the commands that it runs. */
function refuseOpenFile(config: Config, path: string, mode: number): void {
  const bits = (mode & 0o777).toString(8).padStart(3, "0");
  const secrets = {
    password: [config.defaults, ...config.devices.values()].map(({ password }) => password),
    key: [...config.clouds.values()].map(({ key }) => key),
  };
  for (const [name, sources] of Object.entries(secrets)) {
    const has = (kind: PasswordSource["kind"]) => sources.some((source) => source?.kind === kind);
    if (has("text") && (mode & 0o077) !== 0) {
      throw refused(path, `${path} holds a ${name} and is open to other users (mode ${bits})`);
    }
    if (has("command") && (mode & 0o022) !== 0) {
      throw refused(path, `${path} has a ${name}_command and others may write it (mode ${bits})`);
    }
  }
}

function refused(path: string, message: string): DhipError {
  return new DhipError("DHIP_CONFIG", message, { hint: `chmod 600 ${shellQuote(path)}` });
}
