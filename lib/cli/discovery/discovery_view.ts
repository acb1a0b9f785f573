/**
 * How found devices look.
 *
 * @module
 */

import type { DiscoveredDevice } from "../../dhip/discovery_codec.ts";
import type { Cell, View } from "../view.ts";

/** Looks of what `dhip discover` found. */
export const discoveryView: View<readonly DiscoveredDevice[]> = {
  table: (devices) => ({
    head: ["Address", "MAC", "Model", "Class", "Serial", "Version", "Ports", "Name", "State"],
    rows: devices.map((device) => [
      addressOf(device),
      device.mac,
      device.deviceType,
      device.deviceClass,
      device.serial,
      device.version,
      [device.port, device.httpPort, device.httpsPort].filter((port) => port !== null).join(" "),
      device.machineName,
      device.initialised === false ? "not initialised" : "",
    ]),
  }),
  csv: (devices) => ({
    head: COLUMNS.map((key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)),
    rows: devices.map((device) => COLUMNS.map((key): Cell => device[key])),
  }),
};

const COLUMNS = [
  "ip",
  "source",
  "mac",
  "serial",
  "deviceType",
  "deviceClass",
  "vendor",
  "machineName",
  "version",
  "port",
  "httpPort",
  "httpsPort",
  "subnetMask",
  "gateway",
  "dhcp",
  "init",
  "initialised",
] as const satisfies readonly (keyof DiscoveredDevice)[];

/** python-dhip prints what devices sent, with their address; it loses the MAC, which is kept here. */
export const pythonDiscoveryView: View<readonly DiscoveredDevice[]> = {
  table: (devices) => JSON.stringify(devices.map(pythonShape), undefined, 2),
  json: (devices) => devices.map(pythonShape),
};

function pythonShape({ info, mac, source }: DiscoveredDevice): Record<string, unknown> {
  return { ...(mac === null ? {} : { mac }), ...info, _source: source };
}

/** Behind a forwarded port a device believes to have another address than the one it answers from. */
function addressOf({ ip, source }: DiscoveredDevice): string {
  return ip === null || ip === source ? source : `${ip} via ${source}`;
}
