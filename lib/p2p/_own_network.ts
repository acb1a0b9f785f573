/**
 * What this host knows of the network: its own addresses, and those of names.
 *
 * @module
 */

import { lookup } from "node:dns/promises";
import { DhipError } from "../errors.ts";

/** IPv4 addresses of this host that a device in the same network may reach. */
export function ownAddresses(): readonly string[] {
  let all: string[] = [];
  try {
    all = Deno.networkInterfaces().filter(({ family }) => family === "IPv4")
      .map(({ address }) => address);
  } catch {
    // No permission: a path through the public addresses is still possible.
  }
  const reachable = all.filter((address) => !/^(127|169\.254)\./.test(address));
  return reachable.length > 0 ? reachable : ["127.0.0.1"];
}

/**
 * The IPv4 address of a host. Answers are matched with the address they come from, so a name is
 * asked for once.
 *
 * @throws {DhipError} `DHIP_UNREACHABLE` when the name is not known
 */
export async function addressOf(host: string): Promise<string> {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(host)) return host;
  try {
    return (await lookup(host, { family: 4 })).address;
  } catch (cause) {
    if ((cause as { readonly code?: unknown }).code === "EPERM") {
      throw new DhipError("DHIP_UNREACHABLE", `No permission to look up the P2P cloud ${host}`, {
        host,
        retryable: false,
        hint: "Run with --allow-net.",
        cause,
      });
    }
    throw new DhipError("DHIP_UNREACHABLE", `The P2P cloud's host name ${host} is not known`, {
      host,
      hint: "Check the cloud's profile, and this computer's DNS.",
      cause,
    });
  }
}
