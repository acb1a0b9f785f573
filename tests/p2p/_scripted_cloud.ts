/** A P2P cloud, a relay and a device in memory, each answer of which a test can replace. */

import assert from "node:assert/strict";
import type { DhipError } from "../../lib/errors.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import type { Datagram, DatagramAddress, Datagrams } from "../../lib/net/udp.ts";
import {
  type HandshakeOptions,
  type HandshakeStep,
  openPath,
  type TunnelPath,
} from "../../lib/p2p/handshake.ts";
import { DatagramNetwork, type NatKind, type NetworkHost } from "../support/datagram_network.ts";
import { seeded } from "../support/random.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

export const SERIAL = "EXAMPLE0001";
/** The Info blob of a golden vector. */
export const INFO =
  "sLwAgMEOWisMO6lxixpYDeXWpVnxEMzxsPtceu7wdf9YvYtrdJYDcU6Dh6zeZKUWcXrnYQRwn6Bvj10FihFclph4XAuLx9OQ2w4GtUOJ5+U1b0xQ+ZJE977ehYuO";
/** The golden vectors' key of admin, secret and its salt. */
export const DEVICE_KEY = "E820414D6C4CEA7DE337E8A3B02A9C57";
const TOKEN = "tok-3n";
/** What must never be told to anybody. */
const SECRETS = ["examplekey", "X-WSSE", "PasswordDigest", "DevAuth", TOKEN, "secret", DEVICE_KEY];

export interface CloudRequest {
  readonly at: number;
  readonly path: string;
  readonly cseq: string;
  readonly text: string;
  /** Elements of the body. */
  readonly fields: ReadonlyMap<string, string>;
  readonly from: DatagramAddress;
  /** Which server heard it. */
  readonly server: ServerName;
}

export interface CloudReply {
  /** Default `200 OK`. */
  readonly line?: string;
  readonly fields?: Readonly<Record<string, string>>;
  /** Default the server that was asked. */
  readonly via?: ServerName;
  /** Milliseconds. */
  readonly delay?: number;
}

/** Replies to a request; none is silence. A text is the line of a reply without a body. */
export type Rule = string | ((request: CloudRequest) => readonly CloudReply[]);

const SERVERS = {
  main: { host: "198.51.100.1", port: 8800 },
  us: { host: "198.51.100.2", port: 8803 },
  dispatcher: { host: "198.51.100.3", port: 8900 },
  spare: { host: "198.51.100.5", port: 8900 },
  agent: { host: "198.51.100.4", port: 8901 },
} as const;
type ServerName = keyof typeof SERVERS;
export const AGENT: DatagramAddress = SERVERS.agent;
export const DEVICE_LAN = "192.168.1.108";

export interface WorldOptions {
  /** NAT of the client and of the device; `same`: one network for both. */
  readonly client?: NatKind | undefined;
  readonly device?: NatKind | "same" | undefined;
  readonly seed?: number | undefined;
}

export class World implements AsyncDisposable {
  readonly clock = new VirtualClock();
  readonly network: DatagramNetwork;
  readonly client: NetworkHost;
  readonly requests: CloudRequest[] = [];
  readonly steps: HandshakeStep[] = [];
  readonly guard = new MemoryLoginGuard(this.clock);
  /** Is told of each request before it is answered. */
  onRequest: (request: CloudRequest) => void = () => {};
  /** Datagrams that left the client: its local port, and where to. */
  readonly sent: { readonly port: number; readonly to: DatagramAddress; first: number }[] = [];
  readonly #servers = new Map<ServerName, Datagrams>();
  readonly #rules: [RegExp, Rule][] = [];
  readonly #deviceHost: NetworkHost;
  readonly #random: () => number;
  readonly #loops: Promise<void>[] = [];
  readonly #sockets: Datagrams[] = [];
  #device!: Datagrams;
  #devicePublic: DatagramAddress | undefined;
  /** Who reserved the relay, as its agent sees it. */
  #lessee: DatagramAddress | undefined;
  /** Whether the device answers requests of hole punching, and sends its own. */
  punching = true;
  /** Requests of hole punching that the device heard, by their sender. */
  readonly punched: DatagramAddress[] = [];

  private constructor(
    { client = "port-restricted", device = "port-restricted", seed = 1 }: WorldOptions,
  ) {
    this.#random = seeded(seed);
    this.network = new DatagramNetwork({ clock: this.clock, random: this.#random });
    const home = this.network.nat("203.0.113.1", client);
    this.client = home.host("192.168.1.10");
    const site = device === "same" ? home : this.network.nat("203.0.113.2", device);
    this.#deviceHost = site.host(DEVICE_LAN);
    this.network.onSend = (bytes, from, to) => {
      if (from.host !== this.client.address) return;
      this.sent.push({ port: from.port, to, first: bytes[0]! });
    };
    const address = (name: ServerName) => `${SERVERS[name].host}:${SERVERS[name].port}`;
    this.on(/^\/probe\//, "200 OK");
    this.on(/^\/online\/p2psrv\//, () => [{ fields: { US: address("us") } }]);
    this.on(/^\/info\/device\//, () => [{ fields: { DevVersion: "6.7.30", Info: "" } }]);
    this.on(/^\/online\/relay$/, () => [{ fields: { Address: address("dispatcher") } }]);
    this.on(/^\/relay\/agent$/, () => [{ fields: { Token: TOKEN, Agent: address("agent") } }]);
    this.on(/^\/relay\/(start|unbind)\/tok-3n$/, "200 OK");
    this.on(/p2p-channel$/, (request) => this.channel(request));
    this.on(/relay-channel$/, () => [{ line: "200 Server Nat Info!", via: "agent" }]);
  }

  static async open(options: WorldOptions = {}): Promise<World> {
    const world = new World(options);
    for (const name of Object.keys(SERVERS) as ServerName[]) {
      const { host, port } = SERVERS[name];
      const socket = await world.network.host(host).openDatagrams({ port });
      world.#servers.set(name, socket);
      world.#read(socket, (datagram) => world.#serve(name, socket, datagram));
    }
    world.#device = await world.#deviceHost.openDatagrams({ port: 22_508 });
    world.#read(world.#device, (datagram) => world.#deviceHears(datagram));
    await world.#device.send(new TextEncoder().encode("register"), SERVERS.main);
    await world.clock.advance(1);
    return world;
  }

  /** The latest rule that fits a path counts. */
  on(path: RegExp, rule: Rule): void {
    this.#rules.unshift([path, rule]);
  }

  /** The usual replies to a channel request, and the device's own requests. */
  channel(request: CloudRequest, more: Readonly<Record<string, string>> = {}): CloudReply[] {
    const invert = (text: string) =>
      text.replace(
        /\d+\.\d+\.\d+\.\d+/g,
        (ip) => ip.split(".").map((n) => 255 - Number(n)).join("."),
      );
    const identify = request.fields.get("Identify")!;
    const local = request.fields.get("LocalAddr")!;
    const [hosts = "", port] = invert(local).split(":");
    const places = [
      ...hosts.split(",").map((host) => ({ host, port: Number(port) })),
      request.from,
    ];
    if (this.punching) this.#devicePunches(identify, places);
    const fields = {
      Identify: identify,
      IpEncrpt: "true",
      LocalAddr: invert(`${DEVICE_LAN}:22508`),
      PubAddr: `${this.#devicePublic!.host}:${this.#devicePublic!.port}`,
      Relay: ":0",
      ...more,
    };
    return [{ line: "100 Trying" }, { line: "200 Server Nat Info!", fields, delay: 30 }];
  }

  /** Opens a path as a user of the library does. */
  openPath(options: Partial<HandshakeOptions> = {}): Promise<TunnelPath> {
    return openPath({
      serial: SERIAL,
      profile: { ...SERVERS.main, username: "exampleuser", key: "examplekey", dialect: "dh" },
      mode: "auto",
      auth: "auto",
      openDatagrams: this.client.openDatagrams,
      clock: this.clock,
      random: this.#random,
      wallClock: () => 1_700_000_000_000 + this.clock.now(),
      localAddresses: () => [this.client.address],
      onStep: (step) => void this.steps.push(step),
      guard: this.guard,
      ...options,
    });
  }

  /** Steps as `name` or `-name` for a failed one. */
  get stepNames(): string[] {
    return this.steps.map(({ name, ok }) => ok ? name : `-${name}`);
  }

  /** Paths that were asked for, each once. */
  get paths(): string[] {
    return [...new Set(this.requests.map(({ path }) => path.replace(`/${SERIAL}`, "")))];
  }

  /** Sends from the device, wherever to. */
  deviceSends(bytes: Uint8Array, to: DatagramAddress): void {
    void this.#device.send(bytes, to);
  }

  serverSends(name: ServerName, bytes: Uint8Array, to: DatagramAddress): void {
    void this.#servers.get(name)!.send(bytes, to);
  }

  /** Fails when something told contains a secret. */
  assertNoSecret(error?: DhipError): void {
    const told = JSON.stringify(
      this.steps,
      (_, value) =>
        value instanceof Error ? { ...value, message: value.message, stack: value.stack } : value,
    ) +
      `${error?.stack} ${error?.hint} ${error?.cause}`;
    for (const secret of SECRETS) assert.ok(!told.includes(secret), `${secret} in ${told}`);
  }

  #serve(server: ServerName, socket: Datagrams, { bytes, from }: Datagram): void {
    const text = new TextDecoder().decode(bytes);
    const length = Number(/Content-Length: (\d+)/.exec(text)?.[1] ?? 0);
    const isCut = !text.includes("\r\n\r\n") || text.split("\r\n\r\n")[1]!.length < length;
    const match = isCut ? null : /^DH(?:GET|POST) (\S+) HTTP\/1\.1\r\nCSeq: (\d+)/.exec(text);
    if (match === null) {
      if (text === "register") this.#devicePublic = from;
      return;
    }
    const fields = new Map(
      [...text.matchAll(/<(\w+)>([^<]*)<\/\1>/g)].map(([, name, value]) => [name!, value!]),
    );
    const [, path, cseq] = match as unknown as [string, string, string];
    const request = { at: this.clock.now(), path, cseq, text, fields, from, server };
    this.requests.push(request);
    this.onRequest(request);
    if (path.startsWith("/relay/start/")) this.#lessee = from;
    const rule = this.#rules.find(([pattern]) => pattern.test(path))?.[1] ?? "404 Not Found";
    const replies = typeof rule === "string" ? [{ line: rule }] : rule(request);
    for (const { line = "200 OK", fields = {}, via, delay = 0 } of replies) {
      const inner = Object.entries(fields).map(([name, value]) => `<${name}>${value}</${name}>`);
      const body = inner.length === 0 ? "" : `<body>${inner.join("")}</body>`;
      const reply = `HTTP/1.1 ${line}\r\nCSeq: ${cseq}\r\nContent-Type: \r\n` +
        `Content-Length: ${body.length}\r\n\r\n${body}`;
      const out = via === undefined ? socket : this.#servers.get(via)!;
      const to = via === "agent" ? this.#lessee ?? from : from;
      const send = () => void out.send(new TextEncoder().encode(reply), to).catch(() => {});
      if (delay === 0) send();
      else this.clock.timer(send, delay);
    }
  }

  /** An ICE agent of few words: three rounds of requests, answers, confirmations. */
  #devicePunches(identify: string, places: readonly DatagramAddress[]): void {
    const tie = identify.split(" ").map((digits) => parseInt(digits, 16));
    const request = stun(0x0001, [9, 9, 9, 9, ...Array(12).fill(7)], 0x802a, tie);
    for (const delay of [5, 300, 600, 1000, 2000]) {
      this.clock.timer(() => places.forEach((to) => this.deviceSends(request, to)), delay);
    }
  }

  #deviceHears({ bytes, from }: Datagram): void {
    const plain = bytes.map((byte) => ~byte);
    if (plain[0] !== 0 || plain[1] !== 1 || plain.length < 32) return;
    this.punched.push(from);
    if (!this.punching) return;
    this.deviceSends(stun(0x0101, [...plain.slice(4, 20)], 0x8029, [...plain.slice(24, 32)]), from);
  }

  #read(socket: Datagrams, take: (datagram: Datagram) => void): void {
    this.#sockets.push(socket);
    this.#loops.push((async () => {
      for await (const datagram of socket) take(datagram);
    })());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    assert.equal(this.client.open, 0, "a socket of the client is still open");
    this.assertNoSecret();
    await this.clock.advance(60_000);
    for (const socket of this.#sockets) socket.close();
    await Promise.all(this.#loops);
    assert.equal(this.clock.pending, 0, "a timer is still set");
  }
}

/** A packet of hole punching with one attribute, as a device writes it. */
export function stun(
  type: number,
  cookieAndTransaction: readonly number[],
  role: number,
  tie: readonly number[],
): Uint8Array {
  const plain = [
    ...[type >> 8, type & 255, 0, 12],
    ...cookieAndTransaction,
    ...[role >> 8, role & 255, 0, 8],
    ...tie,
  ];
  return Uint8Array.from(plain, (byte) => ~byte);
}
