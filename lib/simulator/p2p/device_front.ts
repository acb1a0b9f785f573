/**
 * A device behind the cloud: it registers, lets clients in, punches holes and joins relays.
 *
 * @module
 */

import type { Clock } from "../../net/clock.ts";
import type { DatagramAddress, OpenDatagrams } from "../../net/udp.ts";
import type { Accounts } from "../accounts.ts";
import type { FaultBoard } from "../fault_board.ts";
import { cannotListen, type NetworkFront } from "../front.ts";
import type { Random } from "../prng.ts";
import { Authority } from "./authority.ts";
import type { CloudDevice, DeviceRequest, P2pCloud } from "./cloud.ts";
import { parseIdentify } from "./connectivity_check.ts";
import { Alarm } from "./delay_line.ts";
import { encodeInfo, invertAddress } from "./device_secret.ts";
import { DirectClients } from "./direct_clients.ts";
import { type P2pOptions, type ResolvedP2pOptions, resolveP2pOptions } from "./options.ts";
import type { OpenPort } from "./realm.ts";
import { deviceMessage } from "./routes.ts";
import { noP2pStats, type P2pStats, sumP2pStats, tunnelStats } from "./stats.ts";
import { isText, type TextAnswer } from "./text_message.ts";
import { troubleOf, tunnelOptionsOf } from "./trouble.ts";
import { TunnelEnd } from "./tunnel_end.ts";
import { Wire } from "./wire.ts";

/** Milliseconds between messages to the cloud: they keep the way through a NAT open. */
const REGISTER_INTERVAL = 15_000;
/** Until the first of them was heard. */
const REGISTER_RETRY = 500;
/** Milliseconds between attempts to join a relay, and how often it is tried. */
const JOIN_INTERVAL = 500;
const JOIN_ATTEMPTS = 20;
/** Signs that may still be used. */
const MOST_SIGNS = 64;
const SIGN_SIZE = 16;
const VERSION = "6.7.30";

/** What the front needs of its device. */
export interface P2pHost {
  /** Serial number. */
  readonly serial: string;
  /** Address that its sockets are opened on. */
  readonly address: string;
  /** Time. */
  readonly clock: Clock;
  /** Randomness; its own, so that tunnels change nothing else. */
  readonly random: Random;
  /** Who may come in. */
  readonly accounts: Accounts;
  /** Active faults. */
  readonly faults: FaultBoard;
  /** What its ports lead to. */
  readonly openPort: OpenPort;
  /** Opens its sockets. */
  readonly openDatagrams: OpenDatagrams;
}

interface Joining {
  readonly wire: Wire;
  readonly alarm: Alarm;
  end: TunnelEnd | undefined;
}

/** The device's side of everything. */
export class P2pFront implements NetworkFront, CloudDevice {
  readonly serial: string;
  readonly faults: FaultBoard;
  readonly #host: P2pHost;
  readonly #cloud: P2pCloud;
  readonly #options: ResolvedP2pOptions;
  readonly #salt: string;
  readonly #authority: Authority;
  readonly #clients: DirectClients;
  readonly #relays = new Map<string, Joining>();
  readonly #ends = new Set<TunnelEnd>();
  readonly #signs = new Set<string>();
  readonly #alarm: Alarm;
  readonly #counted = noP2pStats();
  /** Counters of tunnels that are over. */
  #past: P2pStats = noP2pStats();
  #wire: Wire | undefined;
  #port = 0;
  #public: DatagramAddress | undefined;
  #heard: () => void = () => {};

  /** Makes a front that is down. */
  constructor(host: P2pHost, cloud: P2pCloud, options: P2pOptions = {}) {
    this.#host = host;
    this.#cloud = cloud;
    this.serial = host.serial;
    this.faults = host.faults;
    this.#options = resolveP2pOptions(options);
    this.#salt = host.random.hex(32).toLowerCase();
    this.#authority = new Authority(host.accounts, host.faults, this.#options, this.#salt);
    this.#clients = new DirectClients({
      clock: host.clock,
      randomBytes: (length) => host.random.bytes(length),
      send: (bytes, to) => this.#wire?.send(bytes, to),
      tunnel: (to) => this.#tunnel((bytes) => this.#wire?.send(bytes, to)),
      punched: () => void this.#counted.punched++,
      blocked: () => host.faults.peek("no-direct-path") !== undefined,
      plain: this.#options.stun === "plain",
    });
    this.#alarm = new Alarm(host.clock, () => this.#register());
    cloud.add(this);
  }

  /** The counters. */
  stats(): P2pStats {
    const open = [...this.#ends].map(({ tunnel }) => tunnelStats(tunnel));
    const refusedChannels = this.#authority.refused;
    return sumP2pStats([{ ...this.#counted, refusedChannels }, this.#past, ...open]);
  }

  /**
   * Opens the device's port, the same each time, and waits until the cloud has heard of it.
   *
   * @throws {DhipError} `DHIP_UNREACHABLE` when the port cannot be had
   */
  async up(): Promise<void> {
    await this.down();
    await this.#open();
    const heard = new Promise<void>((resolve) => this.#heard = resolve);
    this.#register();
    await heard;
  }

  /** Vanishes: tunnels and relays are forgotten, and nobody is told. */
  down(): Promise<void> {
    this.#cloud.offline(this.serial);
    this.#alarm.cancel();
    this.#public = undefined;
    this.#heard();
    this.#clients.clear();
    for (const token of [...this.#relays.keys()]) this.relayEnded(token);
    for (const end of [...this.#ends]) end.vanish();
    this.#signs.clear();
    this.#wire?.close();
    this.#wire = undefined;
    return Promise.resolve();
  }

  /** Heeds the faults as they are now. */
  refresh(): void {
    const trouble = troubleOf(this.faults);
    if (this.#wire !== undefined) this.#wire.trouble = trouble;
    for (const { wire } of this.#relays.values()) wire.trouble = trouble;
  }

  /** Gets another port, as behind a NAT that has forgotten it. */
  async rebind(): Promise<void> {
    if (this.#wire === undefined) return;
    const old = this.#wire;
    this.#port = 0;
    await this.#open();
    old.close();
    this.#register();
    for (const joining of this.#relays.values()) joining.wire.close();
  }

  /** As {@linkcode CloudDevice.registered}. */
  registered(address: DatagramAddress): void {
    this.#public = address;
    this.#heard();
  }

  /** As {@linkcode CloudDevice.info}. */
  info(): Readonly<Record<string, string>> {
    const Info = this.#options.info
      ? encodeInfo({
        httpport: 80,
        privport: 37_777,
        randsalt: this.#salt,
        rtspport: 554,
        tlsprivport: 37_778,
        devP2PVersion: VERSION,
      })
      : "";
    return { DevVersion: VERSION, Info };
  }

  /** As {@linkcode CloudDevice.channel}. */
  channel({ client, fields }: DeviceRequest): TextAnswer | undefined {
    const identify = parseIdentify(fields.get("Identify") ?? "");
    if (this.#wire === undefined || this.#public === undefined || identify === undefined) {
      return undefined;
    }
    const granted = this.#authority.judge(fields);
    if ("code" in granted) return granted;
    this.#counted.channels++;
    this.#clients.expect(identify, [client, ...candidates(granted.addresses)]);
    const { host, port } = this.#wire.address;
    const own = `${host}:${port}`;
    const common = {
      Identify: fields.get("Identify")!,
      PubAddr: `${this.#public.host}:${this.#public.port}`,
      Policy: "p2p,udprelay",
      version: VERSION,
    };
    if (this.#options.v2 && granted.seal !== undefined) {
      const nonce = String(this.#host.random.integer(0, 2 ** 31 - 1));
      const LocalAddr = granted.seal(nonce, own);
      const v2 = { IpEncrptV2: "true", Nonce: nonce, LocalAddr, IpType: "3", TransType: "0" };
      return { code: 200, text: "Server Nat Info!", fields: { ...common, ...v2 } };
    }
    const inverted = this.#options.localAddress === "inverted";
    const LocalAddr = inverted ? invertAddress(own) : own;
    const v1 = { IpEncrpt: String(inverted), LocalAddr, NatValueT: "0", Relay: ":0" };
    return { code: 200, text: "Server Nat Info!", fields: { ...common, ...v1 } };
  }

  /** As {@linkcode CloudDevice.relayChannel}. */
  relayChannel(
    { fields }: DeviceRequest,
    relay: { readonly token: string; readonly address: DatagramAddress },
  ): TextAnswer | undefined {
    const granted = this.#authority.judge(fields);
    if ("code" in granted) return granted;
    if (this.faults.peek("relay-silent")?.text("what") === "device") return undefined;
    if (!this.#relays.has(relay.token)) this.#join(relay.token, relay.address);
    return undefined;
  }

  /** As {@linkcode CloudDevice.relayEnded}. */
  relayEnded(token: string): void {
    const joining = this.#relays.get(token);
    if (joining === undefined) return;
    this.#relays.delete(token);
    joining.alarm.cancel();
    joining.wire.close();
    joining.end?.vanish();
  }

  async #open(): Promise<void> {
    const { address, clock, random, openDatagrams } = this.#host;
    const socket = await openDatagrams({ host: address, port: this.#port }).catch((cause) => {
      throw cannotListen(address, this.#port, cause.cause ?? cause);
    });
    this.#port = socket.address.port;
    this.#wire = new Wire(socket, clock, () => random.next(), (bytes, from) => {
      this.#clients.input(bytes, from);
    });
    this.refresh();
  }

  #register(): void {
    if (this.#wire === undefined) return;
    // Past the trouble of the fault board: that strikes tunnels.
    this.#wire.sendPlain(deviceMessage("register", this.serial), this.#cloud.address);
    const wait = this.#public === undefined ? REGISTER_RETRY : REGISTER_INTERVAL;
    this.#alarm.before(this.#host.clock.now() + wait);
  }

  async #join(token: string, address: DatagramAddress): Promise<void> {
    const { clock, random, openDatagrams } = this.#host;
    const socket = await openDatagrams({ host: this.#host.address }).catch(() => undefined);
    if (socket === undefined || this.#relays.has(token) || this.#wire === undefined) {
      return socket?.close();
    }
    let attempts = JOIN_ATTEMPTS;
    const alarm = new Alarm(clock, () => {
      if (--attempts < 0) return this.relayEnded(token);
      joining.wire.sendPlain(deviceMessage("join", token), address);
      alarm.before(clock.now() + JOIN_INTERVAL);
    });
    const wire = new Wire(socket, clock, () => random.next(), (bytes, from) => {
      if (from.port !== address.port || from.host !== address.host) return;
      if (isText(bytes)) {
        if (attempts > 0) this.#counted.joinedRelays++;
        attempts = 0;
        return alarm.cancel();
      }
      if (bytes[0] !== 0x50) return; // P of PTCP
      if (joining.end === undefined || joining.end.tunnel.over) {
        joining.end = this.#tunnel((datagram) => wire.send(datagram, address));
      }
      joining.end.input(bytes);
    });
    const joining: Joining = { wire, alarm, end: undefined };
    wire.trouble = troubleOf(this.faults);
    this.#relays.set(token, joining);
    alarm.before(clock.now());
  }

  #tunnel(emit: (bytes: Uint8Array) => void): TunnelEnd {
    const { clock, random, openPort } = this.#host;
    this.#counted.tunnels++;
    const struck = (name: string, port: number) => {
      const wanted = this.faults.peek(name)?.number("port") ?? 0;
      return (wanted === 0 || wanted === port) && this.faults.strike(name) !== undefined;
    };
    const end = new TunnelEnd(
      clock,
      {
        emit,
        open: openPort,
        misbind: (port) =>
          struck("bind-refused", port)
            ? "refuse"
            : struck("bind-unanswered", port)
            ? "silence"
            : undefined,
        sign: () => this.#sign(),
        check: (sign) => this.#signs.has(sign.toHex()),
      },
      { ...tunnelOptionsOf(this.faults, this.#options.tunnel), random: () => random.next() },
      (over) => {
        if (this.#ends.delete(over)) {
          this.#past = sumP2pStats([this.#past, tunnelStats(over.tunnel)]);
        }
      },
    );
    this.#ends.add(end);
    return end;
  }

  #sign(): Uint8Array | undefined {
    if (this.faults.strike("sign-unanswered") !== undefined) return undefined;
    const sign = this.#host.random.bytes(SIGN_SIZE);
    this.#signs.add(sign.toHex());
    if (this.#signs.size > MOST_SIGNS) this.#signs.delete(this.#signs.values().next().value!);
    return sign;
  }
}

/** Reads `ip[,ip..]:port`. What is no address that one can write to is left out. */
function candidates(text: string): DatagramAddress[] {
  const colon = text.lastIndexOf(":");
  const port = Number(text.slice(colon + 1));
  if (colon < 0 || !Number.isInteger(port) || port < 1 || port > 65_535) return [];
  return text.slice(0, colon).split(",")
    .filter((host) => /^(?!0\.|22[4-9]\.|2[3-5]\d\.)(\d{1,3}\.){3}\d{1,3}$/.test(host))
    .map((host) => ({ host, port }));
}
