/**
 * Network of a Dahua device: `netApp` and the table `Network`.
 *
 * @module
 */

import type { JsonObject } from "../dhip/frame.ts";
import { DhipError } from "../errors.ts";
import type { CallOptions } from "../net/stream.ts";
import { amount, flag, list, object, text, texts } from "./_fields.ts";
import { DahuaConfig } from "./dahua_config.ts";
import type { DahuaLink } from "./link.ts";
import type { NetworkInterface, NetworkService, NetworkStatus } from "./network.ts";

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
    const payload = await this.#ask("getNetInterfaces", null, options);
    const cards = list(object(payload).netInterface ?? payload).map(object)
      .filter((card) => text(card.Name) !== null);
    const each = (method: string) =>
      Promise.all(cards.map(({ Name }) => optional(this.#ask(method, { Name }, options))));
    const [table, load, upnp, statistics, links] = await Promise.all([
      optional(this.#config.get("Network", options)),
      optional(this.#ask("getNetResourceStat", null, options)),
      optional(this.#ask("getUPnPStatus", null, options)),
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
    return { interfaces, upnp: filled(upnp), load: filled(load) };
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
