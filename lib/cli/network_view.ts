/**
 * How the network of a device looks.
 *
 * @module
 */

import type { NetworkStatus, WirelessNetwork } from "../camera/mod.ts";
import { DhipError } from "../errors.ts";
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

/** What `dhip check-address` found. */
export interface AddressCheck {
  readonly address: string;
  readonly free: boolean;
}

/** Looks of an {@linkcode AddressCheck}. */
export const addressView: View<AddressCheck> = {
  table: ({ address, free }) => ({
    head: ["Address", "State"],
    rows: [[address, free ? "free" : "taken"]],
  }),
  csv: ({ address, free }) => ({ head: ["address", "free"], rows: [[address, free]] }),
};

/** The error of an address that is taken. */
export function takenError({ address, free }: AddressCheck): DhipError | undefined {
  if (free) return undefined;
  return new DhipError("DHIP_CHECK_FAILED", `Another device seems to have ${address}`);
}

/** Looks of a list of {@linkcode WirelessNetwork}. */
export const wirelessView: View<readonly WirelessNetwork[]> = {
  table(networks) {
    if (networks.length === 0) return "No radio networks.\n";
    return {
      head: ["Name", "Quality", "Encryption", "Speed", "Connected", "BSSID"],
      rows: networks.map((one) => [
        one.ssid,
        one.quality,
        one.encryption,
        one.speed === null ? null : `${one.speed} Mbit/s`,
        one.connected === null ? null : one.connected ? "yes" : "no",
        one.bssid,
      ]),
    };
  },
  csv: (networks) => ({
    head: ["ssid", "quality", "encryption", "speed_mbit", "connected", "bssid"],
    rows: networks.map((one) => [
      ...[one.ssid, one.quality, one.encryption, one.speed, one.connected, one.bssid],
    ]),
  }),
};
