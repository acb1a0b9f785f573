/**
 * Which local port leads to which port of a device: `[BIND:]PORT:REMOTE`, as ssh writes it.
 *
 * @module
 */

import { isIPv4, isIPv6 } from "node:net";
import type { ValueType } from "../values.ts";

/** A forward as a command line names it. */
export interface ForwardSpec {
  /** Address of this computer: IPv4, bare IPv6, or `localhost`. */
  readonly host: string;
  /** Local port; 0 is any free one. */
  readonly port: number;
  /** Port of the device. */
  readonly remotePort: number;
}

/** Where a forward listens unless it says otherwise. */
export const LOCAL_HOST = "127.0.0.1";
/** Local port of the forward that there is without any; dh-p2p has the same. */
export const LOCAL_PORT = 1554;
/** The forward that there is without any. */
export const USUAL_FORWARD: ForwardSpec = { host: LOCAL_HOST, port: LOCAL_PORT, remotePort: 554 };

/** Usual ports of devices by their names. */
export const REMOTE_PORTS: Readonly<Record<string, number>> = {
  rtsp: 554,
  http: 80,
  https: 443,
  dhip: 5000,
};

/** `PORT:REMOTE` or `BIND:PORT:REMOTE`; `REMOTE` is a number or a name of {@linkcode REMOTE_PORTS}. */
export const forwardSpec: ValueType<ForwardSpec> = {
  parse(text) {
    const [, bracketed, bare, port = "", remote = ""] =
      /^(?:(?:\[([^\]]*)\]|([^:[\]]*)):)?(\d{1,5}):(\w+)$/.exec(text) ?? [];
    const host = bracketed ?? (bare === "" ? "*" : bare) ?? LOCAL_HOST;
    const local = Number(port);
    const remotePort = /^\d{1,5}$/.test(remote)
      ? Number(remote)
      : REMOTE_PORTS[remote.toLowerCase()] ?? 0;
    const isAddress = bracketed === undefined
      ? host === "*" || host === "localhost" || isIPv4(host)
      : isIPv6(host);
    const isRight = port !== "" && local <= 65_535 && remotePort >= 1 && remotePort <= 65_535;
    if (!isRight || !isAddress) {
      throw new SyntaxError(
        "[BIND:]PORT:REMOTE, with an address of this computer, a local port, and a port of the " +
          `device or ${Object.keys(REMOTE_PORTS).join(", ")}`,
      );
    }
    return { host: host === "*" ? "0.0.0.0" : host, port: local, remotePort };
  },
};

/** Whether only programs of this computer can connect. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || (isIPv4(host) && host.startsWith("127.")) ||
    (isIPv6(host) && /^(?:0*:)*:?0*1$/.test(host));
}
