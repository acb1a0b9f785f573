/**
 * How the network of a device looks.
 *
 * @module
 */

import type { NetworkStatus } from "../camera/mod.ts";
import type { View } from "./view.ts";

/** Looks of a {@linkcode NetworkStatus}. */
export const networkView: View<NetworkStatus> = {
  table({ interfaces }) {
    if (interfaces.length === 0) return "No interfaces.\n";
    return {
      head: ["Name", "Connected", "Speed", "Address", "Mask", "Gateway", "DHCP", "MAC", "DNS"],
      rows: interfaces.map((one) => [
        one.name,
        one.connected === null ? null : one.connected ? "yes" : "no",
        one.speed === null ? null : `${one.speed} Mbit/s`,
        one.address,
        one.mask,
        one.gateway,
        one.dhcp === null ? null : one.dhcp ? "yes" : "no",
        one.mac,
        one.dns.join(" "),
      ]),
    };
  },
  csv({ interfaces }) {
    return {
      head: [
        ...["name", "type", "connected", "speed_mbit", "address", "mask", "gateway", "dhcp"],
        ...["mac", "dns"],
      ],
      rows: interfaces.map((one) => [
        ...[one.name, one.type, one.connected, one.speed, one.address, one.mask, one.gateway],
        ...[one.dhcp, one.mac, one.dns.join(" ")],
      ]),
    };
  },
};
