/** A network of datagrams in memory: hosts, NATs and bad links, on any clock and by seed. */

import { DhipError } from "../../lib/errors.ts";
import type { Clock } from "../../lib/net/clock.ts";
import type {
  Datagram,
  DatagramAddress,
  DatagramOptions,
  Datagrams,
  OpenDatagrams,
} from "../../lib/net/udp.ts";
import { DelayLine } from "../../lib/simulator/p2p/delay_line.ts";
import { ImpairedLink, type Impairment } from "../../lib/simulator/p2p/impairment.ts";

export interface DatagramNetworkOptions {
  readonly clock: Clock;
  /** Numbers 0 <= x < 1, for example of `seeded()`. */
  readonly random: () => number;
  /** Of every link that `impair` says nothing else about. Default a perfect one without delay. */
  readonly impairment?: Impairment | undefined;
}

/** Direction of links; what is left out is any host. Hosts by their own (private) address. */
export interface Direction {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/**
 * Who may come in through a mapping: anybody; only ports that were written to; the same with a
 * mapping of its own for every destination.
 */
export type NatKind = "full-cone" | "port-restricted" | "symmetric";

export interface NetworkCounters {
  sent: number;
  delivered: number;
  bytes: number;
  /** Nobody listens at the address, or a NAT does not let it in. */
  refused: number;
  /** The queue of the receiver was full. */
  overrun: number;
}

interface Flight {
  readonly bytes: Uint8Array;
  readonly from: DatagramAddress;
  readonly to: DatagramAddress;
  /** Network that it was sent in: undefined is the public one. */
  readonly lan: Nat | undefined;
}

/** Datagrams that a socket holds until they are read; more are lost, as a kernel loses them. */
const MOST_WAITING = 4096;
const FOREIGN: DatagramAddress = { host: "203.0.113.66", port: 6666 };

const key = ({ host, port }: DatagramAddress) => `${host}:${port}`;

export class DatagramNetwork {
  readonly counters: NetworkCounters = {
    sent: 0,
    delivered: 0,
    bytes: 0,
    refused: 0,
    overrun: 0,
  };
  /** Sees every datagram at the moment it is sent, before anything happens to it. */
  onSend: ((bytes: Uint8Array, from: DatagramAddress, to: DatagramAddress) => void) | undefined;
  readonly clock: Clock;
  readonly #random: () => number;
  readonly #links = new Map<string, ImpairedLink>();
  readonly #rules: { direction: Direction; impairment: Impairment }[];
  readonly #hosts = new Map<string, NetworkHost>();
  readonly #nats = new Map<string, Nat>();
  readonly #flights: DelayLine<Flight>;

  constructor({ clock, random, impairment = {} }: DatagramNetworkOptions) {
    this.clock = clock;
    this.#random = random;
    this.#rules = [{ direction: {}, impairment }];
    this.#flights = new DelayLine(clock, (flight) => this.#deliver(flight));
  }

  /** A host with this public address; the same object each time. */
  host(address: string): NetworkHost {
    return this.#hostIn(undefined, address);
  }

  /** A NAT with this public address; hosts behind it are those of `nat.host()`. */
  nat(address: string, kind: NatKind = "port-restricted"): Nat {
    const found = this.#nats.get(address) ??
      new Nat(address, kind, (nat, host) => this.#hostIn(nat, host));
    this.#nats.set(address, found);
    return found;
  }

  /** Makes links better or worse from now on; the latest call that fits a link counts. */
  impair(impairment: Impairment, direction: Direction = {}): void {
    this.#rules.push({ direction, impairment });
    for (const [name, link] of this.#links) {
      const [from, to] = name.split(">");
      if (fits(direction, from!, to!)) link.impairment = impairment;
    }
  }

  /** Lets all that is sent between these hosts within the next `ms` vanish. */
  blackhole(ms: number, direction: Direction = {}): void {
    for (const [name, link] of this.#links) {
      const [from, to] = name.split(">");
      if (fits(direction, from!, to!)) link.die(this.clock.now() + ms);
    }
  }

  /** Delivers a datagram that nobody sent: a stray, a forgery. */
  inject(bytes: Uint8Array, from: DatagramAddress, to: DatagramAddress): void {
    this.#deliver({ bytes: bytes.slice(), from, to, lan: undefined });
  }

  #hostIn(nat: Nat | undefined, address: string): NetworkHost {
    const name = `${nat?.address ?? ""}/${address}`;
    let host = this.#hosts.get(name);
    if (host === undefined) {
      host = new NetworkHost(address, this.#random, (bytes, port, to) => {
        this.#send(nat, { host: address, port }, bytes, to);
      });
      this.#hosts.set(name, host);
    }
    return host;
  }

  #send(nat: Nat | undefined, own: DatagramAddress, bytes: Uint8Array, to: DatagramAddress): void {
    this.counters.sent++;
    this.onSend?.(bytes, own, to);
    const local = nat !== undefined && this.#hosts.has(`${nat.address}/${to.host}`);
    const from = nat === undefined || local ? own : nat.out(own, to, this.#random);
    const lan = local ? nat : undefined;
    const link = this.#link(own.host, this.#insideOf(to, lan));
    for (const { bytes: seen, at, foreign } of link.send(bytes.slice(), this.clock.now())) {
      this.#flights.push({ bytes: seen, from: foreign ? FOREIGN : from, to, lan }, at);
    }
  }

  #link(from: string, to: string): ImpairedLink {
    const name = `${from}>${to}`;
    let link = this.#links.get(name);
    if (link === undefined) {
      const { impairment } = this.#rules.findLast((rule) => fits(rule.direction, from, to))!;
      link = new ImpairedLink(impairment, this.#random);
      this.#links.set(name, link);
    }
    return link;
  }

  /** The address that `impair` knows the receiver by. */
  #insideOf(to: DatagramAddress, lan: Nat | undefined): string {
    return lan === undefined ? this.#nats.get(to.host)?.inside(to.port)?.host ?? to.host : to.host;
  }

  #deliver({ bytes, from, to, lan }: Flight): void {
    const nat = lan === undefined ? this.#nats.get(to.host) : undefined;
    const inside = nat === undefined ? to : nat.in(from, to.port);
    const name = `${(nat ?? lan)?.address ?? ""}/${inside?.host}`;
    const socket = inside && this.#hosts.get(name)?.socket(inside.port);
    if (!socket) this.counters.refused++;
    else if (!socket.push({ bytes, from })) this.counters.overrun++;
    else {
      this.counters.delivered++;
      this.counters.bytes += bytes.length;
    }
  }
}

/** Translates addresses; its mappings live until `rebind`. */
export class Nat {
  readonly address: string;
  readonly kind: NatKind;
  readonly host: (address: string) => NetworkHost;
  /** By the inside address, and with the destination when symmetric. */
  readonly #out = new Map<string, number>();
  readonly #in = new Map<number, { inside: DatagramAddress; allowed: Set<string> }>();

  constructor(address: string, kind: NatKind, host: (nat: Nat, address: string) => NetworkHost) {
    this.address = address;
    this.kind = kind;
    this.host = (inside) => host(this, inside);
  }

  /** Forgets all mappings, as a router does that restarts: the next datagrams get new ports. */
  rebind(): void {
    this.#out.clear();
    this.#in.clear();
  }

  /** The public address of a datagram that leaves. */
  out(inside: DatagramAddress, to: DatagramAddress, random: () => number): DatagramAddress {
    const name = this.kind === "symmetric" ? `${key(inside)}>${key(to)}` : key(inside);
    let port = this.#out.get(name);
    if (port === undefined) {
      do port = 20_000 + Math.floor(random() * 40_000); while (this.#in.has(port));
      this.#out.set(name, port);
      this.#in.set(port, { inside, allowed: new Set() });
    }
    this.#in.get(port)!.allowed.add(key(to));
    return { host: this.address, port };
  }

  /** Where a datagram goes that comes to a public port; undefined when it is not let in. */
  in(from: DatagramAddress, port: number): DatagramAddress | undefined {
    const mapping = this.#in.get(port);
    if (mapping === undefined) return undefined;
    return this.kind === "full-cone" || mapping.allowed.has(key(from)) ? mapping.inside : undefined;
  }

  /** Who is behind a public port. */
  inside(port: number): DatagramAddress | undefined {
    return this.#in.get(port)?.inside;
  }
}

/** A host with sockets. */
export class NetworkHost {
  readonly address: string;
  /** Everything that was opened, the closed ones too. */
  readonly opened: Datagrams[] = [];
  readonly #random: () => number;
  readonly #send: (bytes: Uint8Array, port: number, to: DatagramAddress) => void;
  readonly #sockets = new Map<number, NetworkSocket>();

  constructor(
    address: string,
    random: () => number,
    send: (bytes: Uint8Array, port: number, to: DatagramAddress) => void,
  ) {
    this.address = address;
    this.#random = random;
    this.#send = send;
  }

  /** Sockets that are open. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Opens sockets on this host; a host other than its own in the options is refused. */
  readonly openDatagrams: OpenDatagrams = (
    { host = this.address, port = 0 }: DatagramOptions = {},
  ) => {
    const refuse = (reason: string) =>
      Promise.reject(new DhipError("DHIP_UNREACHABLE", `Cannot open a UDP socket: ${reason}`));
    if (host !== this.address && host !== "0.0.0.0") return refuse("no such address");
    if (this.#sockets.has(port)) return refuse("the port is in use");
    while (port === 0 || this.#sockets.has(port)) {
      port = 49_152 + Math.floor(this.#random() * 16_384);
    }
    const socket = new NetworkSocket(
      { host, port },
      (bytes, to) => this.#send(bytes, port, to),
      () => this.#sockets.delete(port),
    );
    this.#sockets.set(port, socket);
    this.opened.push(socket);
    return Promise.resolve(socket);
  };

  socket(port: number): NetworkSocket | undefined {
    return this.#sockets.get(port);
  }
}

class NetworkSocket implements Datagrams {
  readonly address: DatagramAddress;
  readonly #send: (bytes: Uint8Array, to: DatagramAddress) => void;
  readonly #release: () => void;
  #queue: Datagram[] = [];
  #wake: (() => void) | undefined;
  #closed = false;

  constructor(
    address: DatagramAddress,
    send: (bytes: Uint8Array, to: DatagramAddress) => void,
    release: () => void,
  ) {
    this.address = address;
    this.#send = send;
    this.#release = release;
  }

  push(datagram: Datagram): boolean {
    if (this.#queue.length >= MOST_WAITING) return false;
    this.#queue.push(datagram);
    this.#wake?.();
    return true;
  }

  send(bytes: Uint8Array, to: DatagramAddress): Promise<void> {
    if (this.#closed) {
      return Promise.reject(new DhipError("DHIP_UNREACHABLE", "The socket is closed"));
    }
    this.#send(bytes, to);
    return Promise.resolve();
  }

  async receive(): Promise<Datagram | null> {
    while (this.#queue.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#closed ? null : this.#queue.shift()!;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Datagram, void, void> {
    for (let next; (next = await this.receive()) !== null;) yield next;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue = [];
    this.#release();
    this.#wake?.();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.close());
  }
}

function fits(direction: Direction, from: string, to: string): boolean {
  return (direction.from ?? from) === from && (direction.to ?? to) === to;
}
