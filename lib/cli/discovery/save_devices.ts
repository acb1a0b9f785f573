/**
 * Found devices as entries of the config file.
 *
 * @module
 */

import type { DiscoveredDevice } from "../../dhip/discovery_codec.ts";
import { changeConfig } from "../config/change.ts";
import type { Config } from "../config/config.ts";
import { nameProblem } from "../config/device_name.ts";
import { withDevice } from "../config/edit.ts";
import type { Context } from "../context.ts";

/**
 * Adds the devices whose address the config file does not have yet, and says which.
 *
 * @throws {DhipError} `DHIP_CONFIG`, `DHIP_FILE`
 */
export async function saveDevices(
  context: Context,
  devices: readonly DiscoveredDevice[],
  tags: readonly string[],
): Promise<void> {
  const { io, log } = context;
  let config = context.config;
  let added = 0;
  for (const device of devices) {
    if (isKnown(device, config)) continue;
    const name = freeName(device, config);
    const { source: host, httpPort } = device;
    const values = {
      host,
      ...(httpPort === null || httpPort === 80 ? {} : { http_port: httpPort }),
      ...(tags.length === 0 ? {} : { tags: tags.map((text) => text.replace(/^@/, "")) }),
    };
    const edit = (text: string) => withDevice(text, name, values);
    config = await changeConfig(io, { config, edit, name, adds: true });
    added++;
    log.notice(`Added ${name} (${host}) to ${config.path}`);
  }
  const known = devices.length - added;
  if (known > 0) log.notice(`${known} of ${devices.length} were in the config file already`);
}

function isKnown({ ip, source }: DiscoveredDevice, { devices }: Config): boolean {
  return [...devices.values()].some(({ address: { host } }) => host === ip || host === source);
}

/** The name that its owner gave it, else model and serial number, else the address. */
function freeName(device: DiscoveredDevice, { devices, reserved }: Config): string {
  const { machineName, deviceType, serial, source } = device;
  const names = [machineName, [deviceType, serial].filter(Boolean).join("-"), `camera-${source}`]
    .map((text) =>
      (text ?? "").replace(/[^\p{L}\p{N}_.-]+/gu, "-").replace(/^[.-]+|[.-]+$/g, "").slice(0, 60)
    )
    .filter((name) => nameProblem(name, reserved) === undefined);
  const free = names.find((name) => !devices.has(name));
  if (free !== undefined) return free;
  for (let number = 2;; number++) {
    const name = `${names[0]}-${number}`;
    if (!devices.has(name)) return name;
  }
}
