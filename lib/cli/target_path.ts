/**
 * Output files of several devices.
 *
 * @module
 */

import { usageError } from "./usage.ts";

/**
 * Makes sure that several devices do not write to one file.
 *
 * @throws {DhipError} `DHIP_USAGE`
 */
export function requireOwnPath(option: string, path: string, targets: number): void {
  if (targets < 2 || /\{(host|name)\}/.test(path)) return;
  throw usageError(
    `${option} names one file for ${targets} targets`,
    `Put {host} into it, for example ${option} {host}.bin`,
  );
}

/**
 * The path for one target: `{name}` is its name in the config file (its address when it has none),
 * `{host}` its address. Characters that a file name cannot have everywhere become `_`.
 */
export function targetPath(path: string, { name, host }: { name: string; host: string }): string {
  const parts: Readonly<Record<string, string>> = { name, host };
  return path.replace(/\{(host|name)\}/g, (_, part) => fileWord(parts[part]!));
}

/** Text in which characters that a file name cannot have everywhere have become `_`. */
export function fileWord(text: string): string {
  return text.replace(/[^\w.-]+/g, "_");
}
