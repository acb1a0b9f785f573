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
  /** What its network software can do, in its own words; null when it does not tell. */
  readonly capabilities: Readonly<Record<string, unknown>> | null;
}

/** A radio network that a device hears. What the device does not tell is null. */
export interface WirelessNetwork {
  /** Name; null also for a hidden one. */
  readonly ssid: string | null;
  /** Hardware address of the access point. */
  readonly bssid: string | null;
  /**
   * How it is protected, in the words of the table `WLan`: `WPA2-PSK-AES`; `Off` for an open one.
   * Devices that tell two numbers instead are read as DahuaConsole reads them.
   */
  readonly encryption: string | null;
  /** Quality of the link as the device counts it; more is better. */
  readonly quality: number | null;
  /** True for the one that the device is connected to. */
  readonly connected: boolean | null;
  /** Highest rate in Mbit/s. */
  readonly speed: number | null;
}

/** Which interface of a device is meant. */
export interface InterfaceOptions extends CallOptions {
  /** Its name, for example `eth0`. */
  readonly interface?: string | undefined;
}

/** Looks at the network of a device. */
export interface NetworkService {
  /**
   * Reads all of it.
   *
   * @throws {DhipError} the device's refusal to list its interfaces
   */
  status(options?: CallOptions): Promise<NetworkStatus>;
  /**
   * Has the device look whether another one uses an address, before that is given to it. The device
   * says no more than yes or no: a no for a reason of its own is taken for a conflict, unless its
   * code says something else (an unknown method, a missing right, wrong parameters, a defect).
   *
   * @param address IPv4
   * @param options `interface`: the one that looks, `eth0` by default, as in the vendor's pages
   * @throws {SyntaxError} when it is no IPv4 address
   * @throws {DhipError} when the device cannot look
   */
  isAddressFree(address: string, options?: InterfaceOptions): Promise<boolean>;
  /**
   * Has the device listen for radio networks, in the device's order. That takes it some seconds.
   *
   * @param options `interface`: the one that listens; by default the first wireless one
   * @throws {DhipError} `DHIP_NOT_SUPPORTED` when none is wireless; the device's refusal
   */
  wirelessNetworks(options?: InterfaceOptions): Promise<WirelessNetwork[]>;
  /**
   * Has the device send a mail to the receivers in its settings (table `Email`), by these settings.
   *
   * @throws {DhipError} the device's refusal, also when the mail cannot be sent
   */
  sendTestMail(options?: CallOptions): Promise<void>;
}
