/**
 * The simulated cloud: the server that everybody knows, one that knows devices, one that hands out
 * relays, and the relays.
 *
 * @module
 */

import type { Clock } from "../../net/clock.ts";
import type { DatagramAddress, OpenDatagrams } from "../../net/udp.ts";
import type { FaultBoard, Strike } from "../fault_board.ts";
import { cannotListen } from "../front.ts";
import type { Random } from "../prng.ts";
import { DelayLine } from "./delay_line.ts";
import { type CloudOptions, resolveCloudOptions, type ResolvedCloudOptions } from "./options.ts";
import { Relay } from "./relay.ts";
import { routeOf, type ServerName, type Service } from "./routes.ts";
import { encodeAnswer, parseRequest, type TextAnswer, type TextRequest } from "./text_message.ts";
import { Wire } from "./wire.ts";
import { checkToken } from "./wsse.ts";

/** Whose faults strike a request that names no device. */
type Boards = readonly FaultBoard[];

/** A request that the cloud passes on to a device. */
export interface DeviceRequest {
  /** Where the client is, as the cloud sees it. */
  readonly client: DatagramAddress;
  /** Elements of its body. */
  readonly fields: ReadonlyMap<string, string>;
}

/** A device as the cloud knows it. */
export interface CloudDevice {
  /** Serial number. */
  readonly serial: string;
  /** Its faults. */
  readonly faults: FaultBoard;
  /** What /info/device tells: version, and the blob that holds the salt. */
  info(): Readonly<Record<string, string>>;
  /** The cloud has heard from it: this is its public address. */
  registered(address: DatagramAddress): void;
  /** A client wants a direct tunnel; undefined = the device says nothing. */
  channel(request: DeviceRequest): TextAnswer | undefined;
  /** A client wants a tunnel over this relay; an answer is a refusal. */
  relayChannel(request: DeviceRequest, relay: Relay): TextAnswer | undefined;
  /** That relay is over. */
  relayEnded(token: string): void;
}

/** What the cloud has done so far. */
export interface CloudStats {
  /** Answers by request and status: `p2p-channel 200`. */
  readonly requests: Readonly<Record<string, number>>;
  /** Datagrams that were no request. */
  readonly unreadable: number;
  /** Relays lent. */
  readonly relays: number;
  /** Relays that are in use. */
  readonly openRelays: number;
  /** Relays given back by their clients. */
  readonly unbinds: number;
  /** Bytes that relays have passed on. */
  readonly relayedBytes: number;
}

/** Where a client finds the cloud, and who it must be. */
export interface CloudProfileLine {
  /** Host of the main server. */
  readonly host: string;
  /** Its UDP port. */
  readonly port: number;
  /** User of the program. */
  readonly username: string;
  /** Key of the program; of a simulator, no secret. */
  readonly key: string;
  /** How requests are written. */
  readonly dialect: "dh";
}

interface Answering {
  readonly wire: Pick<Wire, "send">;
  readonly bytes: Uint8Array;
  readonly to: DatagramAddress;
}

/** The servers. */
export class P2pCloud {
  readonly options: ResolvedCloudOptions;
  readonly #host: string;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #open: OpenDatagrams;
  readonly #wires = new Map<ServerName, Wire>();
  readonly #devices = new Map<string, { device: CloudDevice; online: boolean }>();
  readonly #relays = new Map<string, Relay>();
  readonly #answers: DelayLine<Answering>;
  readonly #requests = new Map<string, number>();
  #unreadable = 0;
  #lent = 0;
  #unbinds = 0;
  #relayedBytes = 0;

  /** Makes a cloud that is not there yet. */
  constructor(
    host: string,
    clock: Clock,
    random: Random,
    open: OpenDatagrams,
    options: CloudOptions = {},
  ) {
    this.options = resolveCloudOptions(options);
    this.#host = host;
    this.#clock = clock;
    this.#random = random;
    this.#open = open;
    this.#answers = new DelayLine(clock, ({ wire, bytes, to }) => wire.send(bytes, to));
  }

  /**
   * Opens the servers; `port` is that of the main one, 0 = any free.
   *
   * @throws {DhipError} `DHIP_UNREACHABLE` when a port cannot be had
   */
  async open(port: number): Promise<void> {
    await this.#listen("main", port);
    await this.#listen("server", this.options.serverPort);
    await this.#listen("dispatcher", this.options.relayPort);
  }

  /** Where the main server is. */
  get address(): DatagramAddress {
    return this.#wires.get("main")!.address;
  }

  /** What a client needs to know. */
  get profile(): CloudProfileLine {
    const { username, key } = this.options;
    return { ...this.address, username, key, dialect: "dh" };
  }

  /** The counters. */
  stats(): CloudStats {
    return {
      requests: Object.fromEntries(this.#requests),
      unreadable: this.#unreadable,
      relays: this.#lent,
      openRelays: this.#relays.size,
      unbinds: this.#unbinds,
      relayedBytes: [...this.#relays.values()].reduce(
        (sum, relay) => sum + relay.bytes,
        this.#relayedBytes,
      ),
    };
  }

  /** Makes a device known; it is offline until it registers. */
  add(device: CloudDevice): void {
    this.#devices.set(device.serial, { device, online: false });
  }

  /** The device is gone. */
  offline(serial: string): void {
    const known = this.#devices.get(serial);
    if (known !== undefined) known.online = false;
  }

  /** Closes all servers and relays. */
  close(): void {
    this.#answers.clear();
    for (const relay of [...this.#relays.values()]) relay.end();
    for (const wire of this.#wires.values()) wire.close();
  }

  async #listen(name: ServerName, port: number): Promise<void> {
    const socket = await this.#open({ host: this.#host, port }).catch((cause) => {
      throw cannotListen(this.#host, port, cause.cause ?? cause);
    });
    const random = () => this.#random.next();
    const wire = new Wire(socket, this.#clock, random, (bytes, from) => {
      this.#receive(name, wire, bytes, from);
    });
    this.#wires.set(name, wire);
  }

  #receive(
    server: ServerName,
    wire: Pick<Wire, "send">,
    bytes: Uint8Array,
    from: DatagramAddress,
    relay?: Relay,
  ): void {
    let request = parseRequest(bytes);
    const route = request && routeOf(server, request.path);
    if (request === undefined || (route?.service === undefined && server === "relay")) {
      this.#unreadable++;
      return;
    }
    const cseq = request.headers.get("cseq") ?? "0";
    const service = route?.service ?? "unknown";
    if (service === "register") return this.#register(route!.argument, from);
    if (service === "join") return this.#join(relay!, from);
    const faults = this.#boards(route?.argument, relay);
    const strike = (name: string) => firstStrike(faults, name, service);
    const lost = strike("cloud-lost") !== undefined;
    const silent = firstPeek(faults, "relay-silent")?.text("what");
    if (silent === "dispatcher" && server === "dispatcher") return;
    if (silent === "agent" && server === "relay") return;
    const date = this.#now(faults);
    const reply = (answer: TextAnswer, later = 0) => {
      const counted = `${service} ${answer.code}`;
      this.#requests.set(counted, (this.#requests.get(counted) ?? 0) + 1);
      if (lost) return;
      const { declaration } = this.options;
      const declared = declaration === true ||
        (declaration === "some" && service === "online-relay");
      const encoded = encodeAnswer(answer, cseq, date, declared);
      const late = strike("cloud-late")?.number("delay") ?? 0;
      const twice = strike("cloud-duplicate") !== undefined;
      const at = this.#clock.now() + later + late;
      for (let i = 0; i < (twice ? 2 : 1); i++) {
        this.#answers.push({ wire, bytes: encoded, to: from }, at);
      }
    };
    const refusal = this.#refusal(request, date, strike);
    if (refusal !== undefined) return reply(refusal);
    // The answer to this one comes from the relay, to the CSeq that it is told.
    if (service === "relay-channel" && lost) request = { ...request, headers: new Map() };
    this.#serve(service, route?.argument ?? "", request, from, reply, strike, relay);
  }

  #refusal(
    request: TextRequest,
    date: number,
    strike: (name: string) => Strike | undefined,
  ): TextAnswer | undefined {
    const refused = strike("identity-refused");
    if (refused !== undefined) return { code: refused.number("status") === 401 ? 401 : 403 };
    const fault = checkToken(request.headers.get("x-wsse"), this.options, date);
    // A user that it never had is refused for good, a digest may be one of a wrong clock.
    return fault === undefined ? undefined : { code: fault === "user" ? 403 : 401 };
  }

  #serve(
    service: Service | "unknown",
    argument: string,
    request: TextRequest,
    from: DatagramAddress,
    reply: (answer: TextAnswer, later?: number) => void,
    strike: (name: string) => Strike | undefined,
    relay: Relay | undefined,
  ): void {
    const known = this.#devices.get(argument);
    const device = known?.online === true ? known.device : undefined;
    const wantsDevice = ["online", "probe-device", "info", "p2p-channel", "relay-channel"];
    if (wantsDevice.includes(service)) {
      // /online/p2psrv knows every device of this cloud, the others only those that are there.
      const found = service === "online" ? known?.device : device;
      if (found === undefined || strike("device-unknown")) return reply({ code: 404 });
    }
    switch (service) {
      case "probe":
      case "probe-device":
        return reply({ code: 200 });
      case "online": {
        const US = text(this.#wires.get("server")!.address);
        return reply({ code: 200, fields: { DS: US, US } });
      }
      case "online-relay": {
        const Address = text(this.#wires.get("dispatcher")!.address);
        return reply({ code: 200, fields: { Address } });
      }
      case "info":
        return reply({ code: 200, fields: device!.info() });
      case "p2p-channel": {
        if (this.options.trying) reply({ code: 100 });
        const answer = device!.channel({ client: from, fields: request.fields });
        if (answer !== undefined) reply(answer, this.options.answerDelay);
        return;
      }
      case "relay-channel":
        return this.#relayChannel(device!, request, from, reply);
      case "relay-agent":
        return void this.#lend(reply);
      case "relay-start": {
        if (relay?.token !== argument) return reply({ code: 404 });
        const expires = strike("relay-expires")?.number("after");
        const ms = expires ?? this.options.leaseSeconds * 1000;
        relay.start(from, ms);
        const SID = relay.token.slice(0, 8);
        return reply({ code: 200, fields: { SID, Time: String(Math.ceil(ms / 1000)) } });
      }
      case "unbind": {
        const lent = this.#relays.get(argument);
        if (lent === undefined) return reply({ code: 403 }); // the lease has expired
        this.#unbinds++;
        reply({ code: 200 });
        return lent.end();
      }
      default:
        return reply({ code: 404 });
    }
  }

  async #lend(reply: (answer: TextAnswer) => void): Promise<void> {
    const token = this.#random.hex(32).toLowerCase();
    const { agentPort } = this.options;
    const open = (port: number) => this.#open({ host: this.#host, port });
    const socket = await open(agentPort).catch(() => open(0)).catch(() => undefined);
    if (socket === undefined) return reply({ code: 404 });
    const relay: Relay = new Relay(token, socket, this.#clock, {
      message: (own, bytes, from) => this.#receive("relay", own, bytes, from, own),
      ended: (own) => {
        this.#relays.delete(own.token);
        this.#relayedBytes += own.bytes;
        if (own.serial !== undefined) this.#devices.get(own.serial)?.device.relayEnded(own.token);
      },
      silent: (own) => firstPeek(this.#boards(own.serial), "relay-silent")?.text("what") === "data",
    });
    this.#relays.set(token, relay);
    this.#lent++;
    reply({ code: 200, fields: { Token: token, Agent: text(relay.address) } });
  }

  #relayChannel(
    device: CloudDevice,
    request: TextRequest,
    from: DatagramAddress,
    reply: (answer: TextAnswer) => void,
  ): void {
    const agent = request.fields.get("agentAddr");
    const relay = [...this.#relays.values()].find(({ address }) => text(address) === agent);
    // Nobody is there to answer: the client hears nothing.
    if (relay?.client === undefined) return;
    relay.serial = device.serial;
    relay.awaited = request.headers.get("cseq");
    const refusal = device.relayChannel({ client: from, fields: request.fields }, relay);
    if (refusal !== undefined) return reply(refusal);
    if (relay.joined) this.#confirm(relay);
  }

  #join(relay: Relay, from: DatagramAddress): void {
    relay.join(from);
    relay.send(encodeAnswer({ code: 200 }, "0", this.options.wallClock(), false), from);
    this.#confirm(relay);
  }

  /** Tells the client that the device has joined; the answer comes from the relay. */
  #confirm(relay: Relay): void {
    if (relay.awaited === undefined || relay.client === undefined) return;
    const faults = this.#boards(relay.serial);
    this.#requests.set(
      "relay-channel 200",
      (this.#requests.get("relay-channel 200") ?? 0) + 1,
    );
    const answer = { code: 200, text: "Server Nat Info!" };
    relay.send(encodeAnswer(answer, relay.awaited, this.#now(faults), false), relay.client);
    relay.awaited = undefined;
  }

  #register(serial: string, from: DatagramAddress): void {
    const known = this.#devices.get(serial);
    if (known === undefined) return;
    known.online = true;
    known.device.registered(from);
  }

  #now(faults: Boards): number {
    return this.options.wallClock() + (firstPeek(faults, "cloud-clock")?.number("ms") ?? 0);
  }

  /** The faults that concern a request: those of its device, or of all. */
  #boards(argument: string | undefined, relay?: Relay): Boards {
    const token = this.#relays.get(argument ?? "");
    const serial = relay?.serial ?? token?.serial ?? argument ?? "";
    const named = this.#devices.get(serial);
    return named === undefined
      ? [...this.#devices.values()].map(({ device }) => device.faults)
      : [named.device.faults];
  }
}

function firstPeek(boards: Boards, name: string): Strike | undefined {
  for (const board of boards) {
    const strike = board.peek(name);
    if (strike !== undefined) return strike;
  }
  return undefined;
}

function firstStrike(boards: Boards, name: string, method: string): Strike | undefined {
  for (const board of boards) {
    const strike = board.strike(name, method);
    if (strike !== undefined) return strike;
  }
  return undefined;
}

const text = ({ host, port }: DatagramAddress) => `${host}:${port}`;
