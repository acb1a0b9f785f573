/**
 * What the device tells of its network.
 *
 * @module
 */

import type { DeviceState } from "./state.ts";

/** The interfaces, by the table `Network`. */
export function interfaces(state: DeviceState): Record<string, unknown>[] {
  const { eth0 } = Object(state.config.get("Network")) as { eth0?: Record<string, unknown> };
  const wired = {
    ConnStatus: "Connected",
    Name: "eth0",
    NetCardName: "eth0",
    PhysicalAddress: eth0?.PhysicalAddress ?? state.mac,
    Speed: 100,
    SupportLongPoE: false,
    Type: "lan",
    Valid: true,
  };
  return state.options.wireless ? [wired, radio(state)] : [wired];
}

/** The wireless interface, by the table `WLan`. */
function radio(state: DeviceState): Record<string, unknown> {
  const { ConnectEnable, SSID } = wirelessSettings(state);
  const connected = ConnectEnable === true;
  return {
    ApSSID: connected ? SSID : "",
    ConnStatus: connected ? "Connected" : "Disconn",
    Name: RADIO,
    NetCardName: RADIO,
    PhysicalAddress: state.mac.replace(/^02/, "06"),
    Speed: 150,
    SupportLongPoE: false,
    Type: "Wireless",
    Valid: connected,
  };
}

/** Name of the wireless interface. */
const RADIO = "eth2";

function wirelessSettings(state: DeviceState): Record<string, unknown> {
  const table = Object(state.config.get("WLan")) as Record<string, unknown>;
  return Object(table[RADIO]) as Record<string, unknown>;
}

/** True when another device answers at this address. */
export function isTaken(state: DeviceState, address: string): boolean {
  return state.neighbours.includes(address) ||
    state.remotes.some((remote) => remote.address === address);
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

/** Wireless networks in reach; the configured one answers with its name, and is the connected one. */
export function wirelessNetworks(state: DeviceState, name: unknown): Record<string, unknown>[] {
  const { ConnectEnable, SSID: own } = wirelessSettings(state);
  const all = [
    {
      ApConnected: ConnectEnable === true,
      AuthMode: "WPA2-PSK",
      BSSID: "02:00:5e:00:53:01",
      EncrAlgr: "AES",
      LinkQuality: 78,
      SSID: own,
    },
    {
      ApConnected: false,
      AuthMode: "OPEN",
      BSSID: "02:00:5e:00:53:02",
      EncrAlgr: "NONE",
      LinkQuality: 31,
      SSID: "Nachbar",
    },
  ];
  return all.filter(({ SSID }) => typeof name !== "string" || name === "" || SSID === name)
    .map((network) => ({ ApMaxBitRate: 150_000_000, ApNetType: 0, ...network }));
}
