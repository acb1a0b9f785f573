/**
 * Network of a Dahua device: `netApp` and the table `Network`.
 *
 * @module
 */

import { isIPv4 } from "node:net";
import type { JsonObject } from "../dhip/frame.ts";
import { DhipError } from "../errors.ts";
import type { CallOptions } from "../net/stream.ts";
import { amount, flag, list, object, text, texts } from "./_fields.ts";
import { wirelessNetwork } from "./_wireless.ts";
import { DahuaConfig } from "./dahua_config.ts";
import type { DahuaLink } from "./link.ts";
import type {
  InterfaceOptions,
  NetworkInterface,
  NetworkService,
  NetworkStatus,
  WirelessNetwork,
} from "./network.ts";

/** Codes of defects: they say nothing about what was asked. */
const DEFECTS: readonly (number | undefined)[] = [500, 268894212];

/** {@linkcode NetworkService} of a Dahua device. */
export class DahuaNetwork implements NetworkService {
  readonly #link: DahuaLink;
  readonly #config: DahuaConfig;

  /** Reads over the given link. */
  constructor(link: DahuaLink) {
    this.#link = link;
    this.#config = new DahuaConfig(link);
  }

  /** See {@linkcode NetworkService.status}. */
  async status(options: CallOptions = {}): Promise<NetworkStatus> {
    const cards = await this.#cards(options);
    const each = (method: string) =>
      Promise.all(cards.map(({ Name }) => optional(this.#ask(method, { Name }, options))));
    const [table, load, upnp, capabilities, statistics, links] = await Promise.all([
      optional(this.#config.get("Network", options)),
      optional(this.#ask("getNetResourceStat", null, options)),
      optional(this.#ask("getUPnPStatus", null, options)),
      optional(this.#ask("getCaps", null, options)),
      each("getNetDataStat"),
      each("getLinkStatus"),
    ]);
    const interfaces = cards.map((card, index) =>
      interfaceOf(
        { LinkStatus: object(links[index]).LinkStatus, ...card },
        object(object(table)[String(card.Name)]),
        filled(statistics[index]),
      )
    );
    return {
      interfaces,
      upnp: filled(upnp),
      load: filled(load),
      capabilities: filled(object(capabilities).caps),
    };
  }

  /** See {@linkcode NetworkService.isAddressFree}. */
  async isAddressFree(address: string, options: InterfaceOptions = {}): Promise<boolean> {
    if (!isIPv4(address)) throw new SyntaxError("An IPv4 address is needed");
    const params = { Interface: options.interface ?? "eth0", Address: address };
    try {
      return await this.#ask("checkIPConflict", params, options) !== false;
    } catch (error) {
      if (isNo(error)) return false;
      throw error;
    }
  }

  /** See {@linkcode NetworkService.wirelessNetworks}. */
  async wirelessNetworks(options: InterfaceOptions = {}): Promise<WirelessNetwork[]> {
    const Name = options.interface ?? await this.#radio(options);
    const method = "scanWLanDevices";
    const payload = await this.#ask(method, { Name, SSID: "" }, options);
    if (payload === false) throw this.#refused(method, "The device did not listen");
    return list(object(payload).wlanDevice ?? payload).map(wirelessNetwork);
  }

  /** See {@linkcode NetworkService.sendTestMail}. */
  async sendTestMail(options: CallOptions = {}): Promise<void> {
    const method = "sendTestMail";
    const accepted = await this.#ask(method, null, options).catch((error) => {
      if (isNo(error)) return false;
      throw error;
    });
    if (accepted === false) {
      throw this.#refused(
        method,
        "The device did not send a mail",
        "Are its mail settings switched on and right? dhip config get TARGET Email shows them.",
      );
    }
  }

  async #cards(options: CallOptions): Promise<JsonObject[]> {
    const payload = await this.#ask("getNetInterfaces", null, options);
    return list(object(payload).netInterface ?? payload).map(object)
      .filter((card) => text(card.Name) !== null);
  }

  /** The first wireless interface; `Wireless` is its type (DahuaConsole). */
  async #radio(options: CallOptions): Promise<string> {
    const cards = await this.#cards(options);
    const radio = cards.find(({ Type }) => text(Type)?.toLowerCase() === "wireless");
    if (radio !== undefined) return String(radio.Name);
    throw new DhipError("DHIP_NOT_SUPPORTED", "The device has no wireless interface", {
      host: this.#link.host,
    });
  }

  #refused(method: string, message: string, hint?: string): DhipError {
    const { host } = this.#link;
    return new DhipError("DHIP_DEVICE_REFUSED", message, {
      host,
      method: `netApp.${method}`,
      hint,
    });
  }

  /** DahuaConsole uses an object, dahua-rpc none. */
  #ask(method: string, params: JsonObject | null, options: CallOptions): Promise<unknown> {
    return this.#link.instanceCall("netApp", {}, method, params, options);
  }
}

function interfaceOf(
  card: JsonObject,
  settings: JsonObject,
  statistics: JsonObject | null,
): NetworkInterface {
  const status = text(card.ConnStatus)?.toLowerCase();
  return {
    name: String(card.Name),
    type: text(card.Type),
    connected: status === undefined
      ? flag(card.LinkStatus) ?? flag(card.Valid)
      : status === "connected",
    mac: text(card.PhysicalAddress) ?? text(settings.PhysicalAddress),
    speed: amount(card.Speed),
    dhcp: flag(settings.DhcpEnable),
    address: text(settings.IPAddress),
    mask: text(settings.SubnetMask),
    gateway: text(settings.DefaultGateway),
    dns: texts(settings.DnsServers),
    statistics,
  };
}

/** True for a no to what was asked, not to the asking. */
function isNo(error: unknown): boolean {
  return error instanceof DhipError && error.code === "DHIP_DEVICE_REFUSED" &&
    !DEFECTS.includes(error.deviceCode);
}

/** What not every device has. */
async function optional(asking: Promise<unknown>): Promise<unknown> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof DhipError && error.deviceCode !== undefined) return null;
    throw error;
  }
}

function filled(value: unknown): JsonObject | null {
  const fields = object(value);
  return Object.keys(fields).length === 0 ? null : fields;
}
