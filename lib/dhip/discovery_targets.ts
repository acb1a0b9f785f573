/**
 * Whom a discovery asks directly: hosts, and small subnets of the caller's own.
 *
 * @module
 */

import { parseTarget } from "../net/target.ts";

/** Most addresses that one discovery asks directly: a /20. */
const MAX_DISCOVERY_TARGETS = 4096;

/** An IPv4 network of this host, as `Deno.networkInterfaces` tells it. */
export interface OwnNetwork {
  /** Name of the interface. */
  readonly name: string;
  /** Address of this host in it. */
  readonly address: string;
  /** Mask, for example `255.255.255.0`. */
  readonly netmask: string;
}

/** A host that is asked directly. */
export interface DiscoveryTarget {
  /** Name, IPv4 address, or bare IPv6 address. */
  readonly host: string;
  /** Its discovery port, when one was named. */
  readonly port?: number;
}

/**
 * Networks for private use: RFC 1918, shared (RFC 6598), link-local, loopback. Whoever is in another
 * one has to be part of it.
 */
const PRIVATE = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "169.254.0.0/16",
  "127.0.0.0/8",
].map(parseSubnet);

interface Subnet {
  readonly first: number;
  readonly last: number;
  readonly prefix: number;
}

/**
 * Reads `host`, `host:port`, `[v6]:port` and IPv4 subnets such as `192.168.1.0/24`, each host once.
 * A subnet stands for its hosts without the network's own address and its broadcast address. It
 * must be private, or this host must be in it.
 *
 * @throws {SyntaxError} when a text is none of these
 * @throws {RangeError} for a subnet above /20, more than 4 096 addresses in all, and a public
 *   subnet that this host is not in
 */
export function discoveryTargets(
  texts: readonly string[],
  own: readonly OwnNetwork[],
): DiscoveryTarget[] {
  const found = new Map<string, DiscoveryTarget>();
  for (const text of texts) {
    for (const target of text.includes("/") ? hostsOf(text, own) : [hostOf(text)]) {
      found.set(`${target.host.toLowerCase()} ${target.port ?? ""}`, target);
      if (found.size > MAX_DISCOVERY_TARGETS) throw tooMany();
    }
  }
  return [...found.values()];
}

function hostOf(text: string): DiscoveryTarget {
  const { host, port } = parseTarget(text);
  return port === undefined ? { host } : { host, port };
}

function hostsOf(text: string, own: readonly OwnNetwork[]): DiscoveryTarget[] {
  const subnet = parseSubnet(text);
  const { first, last, prefix } = subnet;
  if (last - first >= MAX_DISCOVERY_TARGETS) throw tooMany();
  const mine = own.map(({ address, netmask }) => parseSubnet(`${address}/${prefixOf(netmask)}`));
  if (![...PRIVATE, ...mine].some((network) => isInside(subnet, network))) {
    throw new RangeError(
      `${text} is a public network that this host is not in; name single hosts of it instead`,
    );
  }
  // RFC 3021: of two addresses both are hosts.
  const edge = prefix >= 31 ? 0 : 1;
  return Array.from(
    { length: last - first + 1 - 2 * edge },
    (_, at) => ({ host: addressOf(first + edge + at) }),
  );
}

function tooMany(): RangeError {
  return new RangeError(
    `A discovery asks ${MAX_DISCOVERY_TARGETS} addresses (a /20) directly at most`,
  );
}

function parseSubnet(text: string): Subnet {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  const parts = (match ?? []).slice(1).map(Number);
  const prefix = parts.pop() ?? -1;
  if (prefix < 0 || prefix > 32 || parts.some((part) => part > 255)) {
    throw new SyntaxError(
      "Not a subnet: expected IPv4 such as 192.168.1.0/24; IPv6 subnets are too large to search",
    );
  }
  const size = 2 ** (32 - prefix);
  const address = parts.reduce((sum, part) => sum * 256 + part, 0);
  const first = address - address % size;
  return { first, last: first + size - 1, prefix };
}

function prefixOf(netmask: string): number {
  return netmask.split(".").map((part) => Number(part).toString(2).replaceAll("0", "").length)
    .reduce((sum, bits) => sum + bits, 0);
}

function isInside(inner: Subnet, outer: Subnet): boolean {
  return inner.first >= outer.first && inner.last <= outer.last;
}

function addressOf(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}
