/**
 * How devices of the config file look. Never with a password.
 *
 * @module
 */

import { endpoint } from "../net/tcp.ts";
import type { DeviceEntry, PasswordSource } from "./config/config.ts";
import { configName } from "./option_spec.ts";
import type { View } from "./view.ts";

/** Looks of the list of devices. */
export const devicesView: View<readonly DeviceEntry[]> = {
  json: (devices) => devices.map(deviceJson),
  table: (devices) => ({
    head: ["Name", "Host", "User", "Tags", "Password", "Settings"],
    rows: devices.map((device) => [
      device.name,
      hostOf(device),
      device.user ?? null,
      device.tags.join(" "),
      passwordPlace(device.password),
      settingsOf(device).map(([name, value]) => `${name}=${value}`).join(" "),
    ]),
  }),
};

/** A device for programs. */
export function deviceJson(device: DeviceEntry): Record<string, unknown> {
  const { name, user = null, tags, password } = device;
  return {
    name,
    host: hostOf(device),
    user,
    tags,
    password: password?.kind === "text" ? "config" : password?.kind ?? null,
    settings: Object.fromEntries(settingsOf(device)),
  };
}

/** Settings as the file has them: times in seconds. */
function settingsOf({ settings }: DeviceEntry): [string, unknown][] {
  return Object.entries(settings).map(([key, value]) => [
    configName(key),
    key === "timeout" ? Number(value) / 1000 : value,
  ]);
}

function hostOf({ address: { host, port } }: DeviceEntry): string {
  return port === undefined ? host : endpoint(host, port);
}

/** Where a password is kept. A program's arguments may hold a secret, so they do not show. */
function passwordPlace(source: PasswordSource | undefined): string | null {
  switch (source?.kind) {
    case undefined:
      return null;
    case "command":
      return "from a command";
    case "file":
      return `in ${source.path}`;
    case "text":
      return "in the config file";
  }
}
