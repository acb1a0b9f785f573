/**
 * What the device tells of its network.
 *
 * @module
 */

import type { DeviceState } from "./state.ts";

/** The interfaces, by the table `Network`. */
export function interfaces(state: DeviceState): Record<string, unknown>[] {
  const { eth0 } = Object(state.config.get("Network")) as { eth0?: Record<string, unknown> };
  return [{
    ConnStatus: "Connected",
    Name: "eth0",
    NetCardName: "eth0",
    PhysicalAddress: eth0?.PhysicalAddress ?? state.mac,
    Speed: 100,
    SupportLongPoE: false,
    Type: "lan",
    Valid: true,
  }];
}

/** Bytes that went through, and how many a second since the last start. */
export function traffic(state: DeviceState): Record<string, unknown> {
  let sent = 0;
  for (const bytes of state.counters.bytesServed.values()) sent += bytes;
  const seconds = Math.max(1, state.uptime / 1000);
  return {
    Receive: { bytes: 0, speed: 0 },
    Transmit: { bytes: sent, speed: Math.round(sent / seconds) },
  };
}

/** Wireless networks in reach; the configured one answers with its name. */
export function wirelessNetworks(state: DeviceState, name: unknown): Record<string, unknown>[] {
  const { eth2 } = Object(state.config.get("WLan")) as { eth2?: Record<string, unknown> };
  const all = [
    { SSID: eth2?.SSID, LinkQuality: 78, AuthMode: "WPA2-PSK", EncrAlgr: "AES" },
    { SSID: "Nachbar", LinkQuality: 31, AuthMode: "OPEN", EncrAlgr: "NONE" },
  ];
  return all.filter(({ SSID }) => typeof name !== "string" || name === "" || SSID === name)
    .map((network) => ({ ApNetType: 0, BSSID: "02:00:5e:00:53:01", ...network }));
}
