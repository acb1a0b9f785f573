/**
 * How a device behind the cloud, and the cloud, can differ from the next.
 *
 * @module
 */

import { oneOf, whole } from "../range.ts";
import type { TunnelOptions } from "./device_tunnel.ts";

/** Options of a device that is reached by its serial number. */
export interface P2pOptions {
  /** `device`: a request must prove the password, as firmware since about 2023 wants it; `none`: not. Default `device`. */
  readonly auth?: "device" | "none" | undefined;
  /** True: it answers with encrypted addresses (`IpEncrptV2`). Default true. */
  readonly v2?: boolean | undefined;
  /** False: old firmware, without salt and without authentication. Default true. */
  readonly info?: boolean | undefined;
  /** How it writes its address when that is not encrypted. Default `plain`. */
  readonly localAddress?: "plain" | "inverted" | undefined;
  /** Its hole-punching packets; `plain` is old firmware. Default `inverted`. */
  readonly stun?: "inverted" | "plain" | undefined;
  /** Its end of the tunnels. */
  readonly tunnel?: TunnelOptions | undefined;
}

/** Options of the simulated cloud. */
export interface CloudOptions {
  /** User of the program that asks. Default `exampleuser`. */
  readonly username?: string | undefined;
  /** Its key. Default `examplekey`. */
  readonly key?: string | undefined;
  /** Port of the server that knows devices, 0-65535; 0, the default, is any free one. */
  readonly serverPort?: number | undefined;
  /** Port of the server that hands out relays, 0-65535; 0, the default, is any free one. */
  readonly relayPort?: number | undefined;
  /** Port of the first relay, 0-65535; 0, the default, is any free one. */
  readonly agentPort?: number | undefined;
  /** False: no `100 Trying` comes before the answer of a device. Default true. */
  readonly trying?: boolean | undefined;
  /** True: bodies begin with an XML declaration; `some`: that of /online/relay. Default `some`. */
  readonly declaration?: boolean | "some" | undefined;
  /** Milliseconds until a device answers through the cloud, 0-60000. Default 0. */
  readonly answerDelay?: number | undefined;
  /** Seconds that a relay may be used, 1-86400. Default 3600. */
  readonly leaseSeconds?: number | undefined;
  /** The cloud's time in ms since 1970. Default the host's. */
  readonly wallClock?: (() => number) | undefined;
}

/** With every default. */
export type ResolvedP2pOptions = {
  readonly [K in keyof P2pOptions]-?: Exclude<P2pOptions[K], undefined>;
};
/** With every default. */
export type ResolvedCloudOptions = {
  readonly [K in keyof CloudOptions]-?: Exclude<CloudOptions[K], undefined>;
};

/**
 * Fills in the defaults.
 *
 * @throws {RangeError} when a value is out of its range
 */
export function resolveP2pOptions(options: P2pOptions = {}): ResolvedP2pOptions {
  const { auth = "device", v2 = true, info = true, tunnel = {} } = options;
  const { localAddress = "plain", stun = "inverted" } = options;
  whole("receiveBuffer", tunnel.receiveBuffer ?? 61_440, 1, 1 << 29);
  whole("segmentSize", tunnel.segmentSize ?? 1292, 64, 65_000);
  return {
    auth: oneOf("auth", auth, ["device", "none"]),
    v2,
    info,
    localAddress: oneOf("localAddress", localAddress, ["plain", "inverted"]),
    stun: oneOf("stun", stun, ["inverted", "plain"]),
    tunnel,
  };
}

/**
 * Fills in the defaults.
 *
 * @throws {RangeError} when a value is out of its range
 */
export function resolveCloudOptions(options: CloudOptions = {}): ResolvedCloudOptions {
  return {
    username: options.username ?? "exampleuser",
    key: options.key ?? "examplekey",
    serverPort: whole("serverPort", options.serverPort ?? 0, 0, 65_535),
    relayPort: whole("relayPort", options.relayPort ?? 0, 0, 65_535),
    agentPort: whole("agentPort", options.agentPort ?? 0, 0, 65_535),
    trying: options.trying ?? true,
    declaration: oneOf("declaration", options.declaration ?? "some", [true, false, "some"]),
    answerDelay: whole("answerDelay", options.answerDelay ?? 0, 0, 60_000),
    leaseSeconds: whole("leaseSeconds", options.leaseSeconds ?? 3600, 1, 86_400),
    wallClock: options.wallClock ?? Date.now,
  };
}
