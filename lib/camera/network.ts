/**
 * How a device is connected.
 *
 * @module
 */

import type { CallOptions } from "../net/stream.ts";

/** A network interface. What the device does not tell is null. */
export interface NetworkInterface {
  /** Name, for example `eth0`. */
  readonly name: string;
  /** Kind in the device's words, for example `Normal` or `Wireless`. */
  readonly type: string | null;
  /** True while it is connected. */
  readonly connected: boolean | null;
  /** Hardware address. */
  readonly mac: string | null;
  /** Speed of the line in Mbit/s. */
  readonly speed: number | null;
  /** True when its address comes from DHCP. */
  readonly dhcp: boolean | null;
  /** IPv4 address. */
  readonly address: string | null;
  /** IPv4 mask. */
  readonly mask: string | null;
  /** IPv4 gateway. */
  readonly gateway: string | null;
  /** Name servers. */
  readonly dns: readonly string[];
  /** Counters in the device's own words; null when it does not tell. */
  readonly statistics: Readonly<Record<string, unknown>> | null;
}

/** How a device is connected. */
export interface NetworkStatus {
  /** Interfaces. */
  readonly interfaces: readonly NetworkInterface[];
  /** State of UPnP in the device's own words; null when it does not tell. */
  readonly upnp: Readonly<Record<string, unknown>> | null;
  /** What its network can carry and what is left, in its own words; null when it does not tell. */
  readonly load: Readonly<Record<string, unknown>> | null;
}

/** Looks at the network of a device. */
export interface NetworkService {
  /**
   * Reads all of it.
   *
   * @throws {DhipError} the device's refusal to list its interfaces
   */
  status(options?: CallOptions): Promise<NetworkStatus>;
}
