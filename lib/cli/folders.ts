/**
 * Where configuration and state live.
 *
 * @module
 */

import { join } from "node:path";

type Env = (name: string) => string | undefined;

/** The usual config file: `$XDG_CONFIG_HOME/dhip/config.toml`. Undefined without a home. */
export function configFile(env: Env, os: string = Deno.build.os): string | undefined {
  const folder = os === "windows"
    ? env("APPDATA")
    : absolute(env("XDG_CONFIG_HOME")) ?? inHome(env, ".config");
  return folder === undefined ? undefined : join(folder, "dhip", "config.toml");
}

/** The folder of what is remembered between runs: `$XDG_STATE_HOME/dhip`. */
export function stateFolder(env: Env, os: string = Deno.build.os): string | undefined {
  const folder = os === "windows"
    ? env("LOCALAPPDATA")
    : absolute(env("XDG_STATE_HOME")) ?? inHome(env, ".local", "state");
  return folder === undefined ? undefined : join(folder, "dhip");
}

/** A path of the config file: `~/` is the home, and the rest starts at the file's own folder. */
export function resolvePath(path: string, folder: string, env: Env): string {
  if (path.startsWith("~/")) return inHome(env, path.slice(2)) ?? path;
  return /^([/\\]|[a-z]:)/i.test(path) ? path : join(folder, path);
}

function inHome(env: Env, ...parts: string[]): string | undefined {
  const home = env("HOME") || env("USERPROFILE");
  return home ? join(home, ...parts) : undefined;
}

/** The XDG base directory specification has relative paths ignored. */
function absolute(path: string | undefined): string | undefined {
  return path?.startsWith("/") ? path : undefined;
}
