/**
 * Addresses that a device may be reached at, as texts `ip[,ip...]:port` of cloud messages.
 *
 * @module
 */

import type { DatagramAddress } from "../net/udp.ts";

/** Most addresses of one list that are used: each gets a datagram several times. */
const MOST_CANDIDATES = 8;

/** Reads a list of IPv4 addresses with one port; what is none of that is left out. */
export function readAddresses(text: string): DatagramAddress[] {
  const colon = text.lastIndexOf(":");
  const port = Number(text.slice(colon + 1));
  if (colon < 0 || !/^\s*\d{1,5}\s*$/.test(text.slice(colon + 1)) || port < 1 || port > 65_535) {
    return [];
  }
  const hosts = new Set(
    text.slice(0, colon).split(",")
      // Some write a port behind each address; it is the same one socket.
      .map((part) => part.trim().replace(/:\d+$/, ""))
      .filter(isHost),
  );
  return [...hosts].slice(0, MOST_CANDIDATES).map((host) => ({ host, port }));
}

/** Writes a list of IPv4 addresses with one port. */
export function writeAddresses(hosts: readonly string[], port: number): string {
  return `${hosts.slice(0, MOST_CANDIDATES).join(",")}:${port}`;
}

/**
 * Inverts every bit of the addresses in a list, not those of the port; the same again undoes it.
 * `IpEncrpt` of cloud messages means this (inferred from dh-p2p).
 */
export function invertAddresses(text: string): string {
  return text.replace(
    /\b(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\b/g,
    (_, ...parts) => parts.slice(0, 4).map((octet) => 255 - Number(octet) & 0xff).join("."),
  );
}

/** Whether two addresses are the same. */
export function sameAddress(a: DatagramAddress, b: DatagramAddress): boolean {
  return a.port === b.port && a.host === b.host;
}

/** An address of one host: four octets, and neither "any" nor multicast nor broadcast. */
function isHost(text: string): boolean {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return false;
  const octets = text.split(".").map(Number);
  return octets.every((octet) => octet < 256) && octets[0]! > 0 && octets[0]! < 224;
}
