/**
 * The bytes of device discovery: probes out, answers in.
 *
 * Devices answer a DHIP frame with `DHDiscover.search` that is sent to the group
 * 239.255.255.251 or to the device itself (observed by python-dhip and rroller/dahua). Other
 * methods of that port change devices: nothing here can make them.
 *
 * @module
 */

import type { JsonObject } from "./frame.ts";
import { encodeMessage, HEADER_SIZE } from "./encoder.ts";
import { parseBody } from "./_body.ts";

/** UDP port of discovery. */
export const DISCOVERY_PORT = 37810;
/** Multicast group of discovery. */
export const DISCOVERY_GROUP = "239.255.255.251";
/** UDP port of the discovery of old recorders. */
export const LEGACY_DISCOVERY_PORT = 5050;

const textDecoder = new TextDecoder();
const SEARCH = { method: "DHDiscover.search", params: { mac: "", uni: 1 } };
/** The same as the vendor's own tool writes it. */
const SPACED = '{ "method" : "DHDiscover.search", "params" : { "mac" : "", "uni" : 1 } }\n';

/** The two spellings of the one probe. Both are accepted; some firmware may know only one. */
export const DISCOVERY_PROBES: readonly Uint8Array[] = [
  encodeMessage({ json: SEARCH }),
  encodeMessage({ json: SPACED }),
];

/** The probe for UDP port 5050 (observed by DahuaConsole). */
export const LEGACY_DISCOVERY_PROBE: Uint8Array = Uint8Array.from(
  { length: 32 },
  (_, at) => ({ 0: 0xa3, 1: 0x01, 3: 0x01, 16: 0x02 })[at] ?? 0,
);

/** A device as its answers describe it. What it does not tell is null. */
export interface DiscoveredDevice {
  /** MAC address, lower case with colons. */
  readonly mac: string | null;
  /** Serial number; also its name in the P2P cloud. */
  readonly serial: string | null;
  /** Model, for example `IPC-HDW5442T`. */
  readonly deviceType: string | null;
  /** Kind of device: `IPC`, `NVR`, `VTO`, … */
  readonly deviceClass: string | null;
  /** Maker or brand. */
  readonly vendor: string | null;
  /** Name given by its owner. */
  readonly machineName: string | null;
  /** Firmware version. */
  readonly version: string | null;
  /** TCP port of the vendor's private protocol, usually 37777. */
  readonly port: number | null;
  /** TCP port of HTTP. */
  readonly httpPort: number | null;
  /** TCP port of HTTPS. */
  readonly httpsPort: number | null;
  /** Its IPv4 address, as it believes. */
  readonly ip: string | null;
  /** Network mask. */
  readonly subnetMask: string | null;
  /** Default gateway. */
  readonly gateway: string | null;
  /** Whether its address comes from DHCP. */
  readonly dhcp: boolean | null;
  /** The bits of `Init` as sent; {@linkcode isInitialised} reads them. */
  readonly init: number | null;
  /** False: it has no administrator password yet. Null: it does not say, as old devices. */
  readonly initialised: boolean | null;
  /** Address that the answer came from. */
  readonly source: string;
  /** All that it told, as it wrote it. */
  readonly info: JsonObject;
}

/**
 * Whether a device has an administrator password: bits 0 and 1 of `Init` are 1 without and 2 with
 * one, 0 on devices that know no such state. As the vendor's SDK headers describe `byInitStatus`;
 * that `Init` is the same field is inferred from captures.
 */
export function isInitialised(init: number | null): boolean | null {
  const state = init === null ? 0 : init & 3;
  return state === 1 ? false : state === 2 ? true : null;
}

/**
 * Reads an answer to a probe. Header, NUL bytes, newlines and the place of `mac` do not matter.
 *
 * @param source address that it came from
 * @returns null for whatever is no device: probes of others, other messages, garbage
 */
export function readDiscoveryAnswer(datagram: Uint8Array, source: string): DiscoveredDevice | null {
  const body = jsonOf(datagram);
  const info = objectOf(objectOf(body?.params)?.deviceInfo);
  if (body === null || info === undefined) return null;
  const v4 = objectOf(info.IPv4Address) ?? {};
  const init = numberOf(info.Init);
  return {
    mac: macOf(body.mac) ?? macOf(info.mac),
    serial: textOf(info.SerialNo),
    deviceType: textOf(info.DeviceType),
    deviceClass: textOf(info.DeviceClass),
    vendor: textOf(info.Vendor) ?? textOf(info.Manufacturer),
    machineName: textOf(info.MachineName),
    version: textOf(info.Version),
    port: portOf(info.Port),
    httpPort: portOf(info.HttpPort),
    httpsPort: portOf(info.HttpsPort),
    ip: textOf(v4.IPAddress),
    subnetMask: textOf(v4.SubnetMask),
    gateway: textOf(v4.DefaultGateway),
    dhcp: typeof v4.DhcpEnable === "boolean" ? v4.DhcpEnable : null,
    init,
    initialised: isInitialised(init),
    source,
    info,
  };
}

/**
 * Reads an answer to {@linkcode LEGACY_DISCOVERY_PROBE}: 32 bytes of header that begin with `B3 00`, then
 * fields at fixed places, little-endian (layout as read by DahuaConsole, one source).
 */
export function readLegacyDiscoveryAnswer(
  datagram: Uint8Array,
  source: string,
): DiscoveredDevice | null {
  const body = datagram.subarray(32);
  if (datagram[0] !== 0xb3 || datagram[1] !== 0 || body.length < 72) return null;
  const u16 = (at: number) => body[at]! | body[at + 1]! << 8;
  const address = (at: number) => {
    const text = body.subarray(at, at + 4).join(".");
    return text === "0.0.0.0" ? null : text;
  };
  const version = [0, 2, 4, 6].map(u16).join(".");
  return {
    mac: null,
    serial: null,
    deviceType: null,
    deviceClass: null,
    vendor: null,
    machineName: textOf(textDecoder.decode(body.subarray(8, 24)).replace(/\0.*/s, "")),
    version: version === "0.0.0.0" ? null : version,
    port: portOf(u16(66)),
    httpPort: portOf(u16(62)),
    httpsPort: portOf(u16(64)),
    ip: address(24),
    subnetMask: address(28),
    gateway: address(32),
    dhcp: null,
    init: null,
    initialised: null,
    source,
    info: {},
  };
}

/** From the first brace to the last; a length in the header may look like a brace. */
function jsonOf(datagram: Uint8Array): JsonObject | null {
  const header = startsWithHeader(datagram) ? HEADER_SIZE : 0;
  const start = datagram.indexOf(0x7b, header);
  const end = datagram.lastIndexOf(0x7d);
  return start < 0 || end < start ? null : parseBody(datagram.subarray(start, end + 1)).json;
}

function startsWithHeader(datagram: Uint8Array): boolean {
  return textDecoder.decode(datagram.subarray(4, 8)) === "DHIP";
}

function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as JsonObject
    : undefined;
}

/** Devices pad some texts with NULs and spaces. */
function textOf(value: unknown): string | null {
  const text = typeof value === "string" ? value.replaceAll("\0", "").trim() : "";
  return text === "" ? null : text;
}

function numberOf(value: unknown): number | null {
  return Number.isSafeInteger(value) ? value as number : null;
}

function portOf(value: unknown): number | null {
  const port = numberOf(value);
  return port !== null && port > 0 && port < 65_536 ? port : null;
}

function macOf(value: unknown): string | null {
  const digits = (textOf(value) ?? "").toLowerCase().replace(/[:.-]/g, "");
  if (!/^[0-9a-f]{12}$/.test(digits) || /^0+$/.test(digits)) return null;
  return digits.match(/../g)!.join(":");
}
