/**
 * What `dhip devices add` and `dhip devices remove` do.
 *
 * @module
 */

import { parseTarget } from "../net/target.ts";
import { changeConfig } from "./config/change.ts";
import type { Config } from "./config/config.ts";
import { nameProblem } from "./config/device_name.ts";
import { withDevice, withoutDevice } from "./config/edit.ts";
import type { Context } from "./context.ts";
import { deviceJson, devicesView } from "./device_view.ts";
import { plain } from "./text.ts";
import { mayShow, nearest, usageError } from "./usage.ts";

/** Options of `dhip devices add`. */
export interface NewDevice {
  readonly user: string | undefined;
  readonly tag: readonly string[];
  readonly passwordCommand: string | undefined;
  readonly passwordFile: string | undefined;
  readonly dhipPort: number | undefined;
  readonly httpPort: number | undefined;
  readonly rtspPort: number | undefined;
  readonly transport: "auto" | "dhip" | "http" | undefined;
  readonly tls: boolean;
}

/**
 * Adds a device.
 *
 * @throws {DhipError} `DHIP_USAGE`, `DHIP_CONFIG`, `DHIP_FILE`
 */
export async function addDevice(
  context: Context,
  { name, host }: { readonly name: string; readonly host: string },
  options: NewDevice,
): Promise<number> {
  const { config, io, output } = context;
  const problem = nameProblem(name, config.reserved);
  if (problem !== undefined) throw usageError(`The device ${problem}`, "Choose another NAME.");
  if (config.devices.has(name)) {
    throw usageError(
      `The config file has a device ${name} already`,
      `dhip devices remove ${name} removes it.`,
    );
  }
  const { passwordCommand, passwordFile, tag, user, transport, tls } = options;
  const { dhipPort, httpPort, rtspPort } = options;
  if (passwordCommand !== undefined && passwordFile !== undefined) {
    throw usageError("--password-command and --password-file exclude each other");
  }
  requireHost(host);
  const values = {
    host,
    ...known({
      user,
      password_command: passwordCommand,
      password_file: passwordFile,
      dhip_port: dhipPort,
      http_port: httpPort,
      rtsp_port: rtspPort,
      transport,
    }),
    ...(tls ? { tls } : {}),
    ...(tag.length === 0 ? {} : { tags: tag.map((text) => text.replace(/^@/, "")) }),
  };
  const edit = (text: string) => withDevice(text, name, values);
  const changed = await changeConfig(io, { config, edit, name, adds: true });
  await output.result(changed.devices.get(name)!, {
    table: (device) => devicesView.table([device], false),
    json: deviceJson,
  });
  return 0;
}

/**
 * Removes devices.
 *
 * @throws {DhipError} `DHIP_USAGE`, `DHIP_CONFIG`, `DHIP_FILE`
 */
export async function removeDevices(context: Context, names: readonly string[]): Promise<number> {
  const { io, log, output } = context;
  let config: Config = context.config;
  for (const name of new Set(names)) {
    if (config.devices.has(name)) continue;
    const near = nearest(name, [...config.devices.keys()]);
    const which = mayShow(name) ? ` ${plain(name).slice(0, 80)}` : "";
    throw usageError(
      which === "" ? "The config file has no such device" : `The config file has no device${which}`,
      near === undefined ? "dhip devices list shows them." : `Did you mean ${near}?`,
    );
  }
  const removed = [...new Set(names)].map((name) => config.devices.get(name)!);
  for (const name of new Set(names)) {
    const edit = (text: string) => withoutDevice(text, name);
    config = await changeConfig(io, { config, edit, name, adds: false });
    log.notice(`Removed ${name} from ${config.path}`);
  }
  if (output.format !== "table") await output.result(removed, devicesView);
  return 0;
}

function requireHost(text: string): void {
  try {
    if (!text.includes("://") && parseTarget(text).user === undefined) return;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw usageError("HOST must be HOST, HOST:PORT or [IPV6]:PORT", "The user goes into --user.");
}

function known<T extends object>(values: T): { [K in keyof T]: NonNullable<T[K]> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: NonNullable<T[K]> };
}
