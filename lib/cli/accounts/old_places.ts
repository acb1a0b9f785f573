/**
 * Where an old password is still kept after it was changed on the device.
 *
 * @module
 */

import type { PasswordSource } from "../config/config.ts";
import type { Context } from "../context.ts";
import type { NamedTarget } from "../targets.ts";

/**
 * Places from which later runs would take another password than the new one. They are the user's:
 * they are told and not changed.
 */
export function oldPlaces(
  { config, io }: Pick<Context, "config" | "io">,
  target: NamedTarget,
  newPassword: string,
): string[] {
  const file = config.path ?? "the config file";
  const own = placeOf(target.device?.password, `[devices.${target.device?.name}] in ${file}`);
  if (target.device?.password !== undefined) return keptBy(target.device.password) ? [own] : [];
  const passwordFile = io.env("DHIP_PASSWORD_FILE");
  if (passwordFile) return [`${passwordFile} (DHIP_PASSWORD_FILE)`];
  const variable = io.env("DHIP_PASSWORD");
  if (variable !== undefined) return variable === newPassword ? [] : ["DHIP_PASSWORD"];
  const { password } = config.defaults;
  if (password === undefined || !keptBy(password)) return [];
  return [placeOf(password, `[defaults] in ${file}`)];

  /** Only what stands in the config file is known; programs and files are not asked again. */
  function keptBy(source: PasswordSource): boolean {
    return source.kind !== "text" || source.password !== newPassword;
  }
}

function placeOf(source: PasswordSource | undefined, entry: string): string {
  switch (source?.kind) {
    case "command":
      return `the password_command of ${entry}`;
    case "file":
      return `${source.path}, the password_file of ${entry}`;
    default:
      return entry;
  }
}
