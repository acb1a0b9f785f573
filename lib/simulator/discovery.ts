/**
 * Discovery as a device understands it: which datagrams it answers, and how.
 *
 * @module
 */

import { encodeMessage, HEADER_SIZE } from "../dhip/frame.ts";
import type { Strike } from "./fault_board.ts";
import { softwareVersion } from "./identity.ts";
import type { DeviceState } from "./state.ts";

/** The one method that a device answers; the others on this port change it and are not simulated. */
const SEARCH = "DHDiscover.search";

/** Where the other services of a device are. */
export interface DiscoveryPorts {
  /** HTTP port, or null. */
  readonly httpPort: number | null;
  /** HTTPS port, or null. */
  readonly httpsPort: number | null;
}

/** An answer on its way. */
export interface DiscoveryReply {
  /** The datagram. */
  readonly bytes: Uint8Array;
  /** How often it is sent. */
  readonly copies: number;
  /** Milliseconds before it is sent. */
  readonly delay: number;
}

/** What a device says to a datagram; undefined when it says nothing. */
export function answerProbe(
  datagram: Uint8Array,
  state: DeviceState,
  ports: DiscoveryPorts,
): DiscoveryReply | undefined {
  const { discovery } = state.counters;
  const method = methodOf(datagram);
  if (method === undefined) return void discovery.unreadable++;
  if (method !== SEARCH) {
    const name = method.slice(0, 64);
    discovery.otherMethods.set(name, (discovery.otherMethods.get(name) ?? 0) + 1);
    return undefined;
  }
  discovery.probes++;
  const odd = state.faults.strike("odd-discovery");
  if (odd !== undefined && unheard(odd)) return undefined;
  const mac = odd?.text("mac") ?? "outside";
  const info = deviceInfo(state, ports);
  if (odd?.flag("no-address")) delete info.IPv4Address;
  if (mac === "inside") info.mac = state.mac;
  const json = {
    ...(mac === "inside" ? {} : { mac: mac === "empty" ? "" : state.mac }),
    method: "client.notifyDevInfo",
    params: { deviceInfo: info },
  };
  const end = odd?.flag("nul") ? "\n\0\0" : "\n";
  const copies = odd?.number("copies") ?? 1;
  discovery.replies += copies;
  return {
    bytes: encodeMessage({ session: 0, requestId: 0, json: JSON.stringify(json) + end }),
    copies,
    delay: odd?.number("delay") ?? 0,
  };
}

/** Probes since the fault began. */
const heard = new WeakMap<Strike, number>();

/** True for the probes that a deaf device lets pass before each that it hears. */
function unheard(odd: Strike): boolean {
  const count = (heard.get(odd) ?? 0) + 1;
  heard.set(odd, count);
  return count % (odd.number("deaf") + 1) !== 0;
}

/** The method of a datagram; undefined when it has no header, a wrong one, or no JSON object. */
function methodOf(datagram: Uint8Array): string | undefined {
  if (datagram.length <= HEADER_SIZE) return undefined;
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
  const body = datagram.subarray(HEADER_SIZE);
  const right = view.getUint32(0, true) === HEADER_SIZE &&
    new TextDecoder().decode(datagram.subarray(4, 8)) === "DHIP" &&
    view.getUint32(16, true) === body.length && view.getUint32(24, true) === body.length;
  if (!right) return undefined;
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(body).replace(/\0+$/, ""));
    const method = (json as { method?: unknown } | null)?.method;
    return typeof method === "string" ? method : undefined;
  } catch {
    return undefined;
  }
}

function deviceInfo(state: DeviceState, ports: DiscoveryPorts): Record<string, unknown> {
  const { options, config, serial } = state;
  const network = config.get("Network") as { eth0?: Record<string, unknown> } | undefined;
  const { IPAddress, SubnetMask, DefaultGateway, DhcpEnable } = network?.eth0 ?? {};
  return {
    AbroadInfo: "Abroad",
    AlarmInputChannels: 2,
    AlarmOutputChannels: 1,
    DeviceClass: options.deviceClass,
    DeviceID: "",
    DeviceType: options.type,
    Find: "BD",
    FindVersion: 0,
    HttpPort: ports.httpPort ?? 80,
    ...(ports.httpsPort === null ? {} : { HttpsPort: ports.httpsPort }),
    IPv4Address: { DefaultGateway, DhcpEnable, IPAddress, SubnetMask },
    // The lowest two bits: 1 not initialised, 2 initialised (unverified).
    Init: state.initialised ? 14 : 13,
    MachineGroup: "",
    MachineName: config.machineName(),
    Manufacturer: "Dahua",
    Port: 37_777,
    RemoteVideoInputChannels: state.remotes.length,
    SerialNo: serial,
    UnLoginFuncMask: 1,
    Vendor: "Dahua",
    Version: softwareVersion(state).Version,
    VideoInputChannels: options.channels,
    VideoOutputChannels: 0,
  };
}
