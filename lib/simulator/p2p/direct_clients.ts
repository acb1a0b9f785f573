/**
 * The clients that come directly: those that the device expects, and the tunnels of those that
 * found the way.
 *
 * @module
 */

import type { Clock } from "../../net/clock.ts";
import type { DatagramAddress } from "../../net/udp.ts";
import { isCheck, readCheck } from "./connectivity_check.ts";
import { Alarm } from "./delay_line.ts";
import { Puncher } from "./puncher.ts";
import type { TunnelEnd } from "./tunnel_end.ts";

/** Clients at once; the oldest is forgotten for a new one. */
const MOST_CLIENTS = 64;

/** What is needed of the device. */
export interface DirectHost {
  /** Time. */
  readonly clock: Clock;
  /** Bytes of nothing in particular. */
  readonly randomBytes: (length: number) => Uint8Array;
  /** Sends a datagram from the device's port. */
  readonly send: (bytes: Uint8Array, to: DatagramAddress) => void;
  /** Makes a tunnel to a client. */
  readonly tunnel: (to: DatagramAddress) => TunnelEnd;
  /** A hole was punched. */
  readonly punched: () => void;
  /** Whether no datagram passes. */
  readonly blocked: () => boolean;
  /** Whether packets are not inverted. */
  readonly plain: boolean;
}

interface Client {
  readonly identify: string;
  readonly puncher: Puncher;
  /** Where it may come from. */
  readonly peers: readonly DatagramAddress[];
}

/** Sorts datagrams by client. */
export class DirectClients {
  readonly #host: DirectHost;
  readonly #clients = new Map<string, Client>();
  /** Addresses that a client has proved to have. */
  readonly #ways = new Map<string, { client: Client; end: TunnelEnd | undefined }>();
  readonly #alarm: Alarm;
  #last: { address: DatagramAddress; end: TunnelEnd } | undefined;

  /** Expects nobody yet. */
  constructor(host: DirectHost) {
    this.#host = host;
    this.#alarm = new Alarm(host.clock, () => this.#tick());
  }

  /** Expects a client at one of these addresses; the first is the one that the cloud sees. */
  expect(identify: Uint8Array, peers: readonly DatagramAddress[]): void {
    const name = identify.toHex();
    if (this.#clients.has(name)) return; // the request has come again
    // A client with a new identity at an old address is no longer the old one.
    for (const other of this.#clients.values()) {
      if (key(other.peers[0]!) === key(peers[0]!)) this.#forget(other);
    }
    if (this.#clients.size >= MOST_CLIENTS) this.#forget(this.#clients.values().next().value!);
    const { clock, randomBytes, plain } = this.#host;
    const send = (bytes: Uint8Array, to: DatagramAddress) => {
      if (!this.#host.blocked()) this.#host.send(bytes, to);
    };
    const puncher = new Puncher({ identify, peers, randomBytes, send, plain }, clock.now());
    this.#clients.set(name, { identify: name, puncher, peers });
    // Sometimes the first packets overtake the answer to the request.
    if (randomBytes(1)[0]! < 128) this.#tick();
    else this.#alarm.before(clock.now());
  }

  /** Takes a datagram that came to the device's port. */
  input(bytes: Uint8Array, from: DatagramAddress): void {
    if (this.#host.blocked()) return;
    if (bytes[0] === 0x50) return this.#segment(bytes, from); // P of PTCP
    if (!isCheck(bytes)) return;
    const check = readCheck(bytes);
    const client = check && this.#clients.get(check.identify.toHex());
    if (check === undefined || client === undefined) return;
    const before = client.puncher.punched;
    client.puncher.input(check, from);
    if (!before && client.puncher.punched) this.#host.punched();
    const way = this.#ways.get(key(from));
    if (way?.client !== client) this.#ways.set(key(from), { client, end: undefined });
  }

  /** Forgets everybody. */
  clear(): void {
    this.#alarm.cancel();
    this.#clients.clear();
    this.#ways.clear();
    this.#last = undefined;
  }

  #segment(bytes: Uint8Array, from: DatagramAddress): void {
    const last = this.#last;
    if (
      last !== undefined && last.address.port === from.port && last.address.host === from.host &&
      !last.end.tunnel.over
    ) return last.end.input(bytes);
    const way = this.#ways.get(key(from));
    if (way === undefined) return; // nobody has asked for it
    if (way.end === undefined || way.end.tunnel.over) way.end = this.#host.tunnel(from);
    this.#last = { address: from, end: way.end };
    way.end.input(bytes);
  }

  #forget(client: Client): void {
    this.#clients.delete(client.identify);
    for (const [name, way] of this.#ways) {
      if (way.client !== client) continue;
      this.#ways.delete(name);
      if (this.#last?.end === way.end) this.#last = undefined;
      way.end?.vanish();
    }
  }

  #tick(): void {
    const now = this.#host.clock.now();
    for (const { puncher } of this.#clients.values()) {
      puncher.tick(now);
      this.#alarm.before(puncher.deadline);
    }
  }
}

const key = ({ host, port }: DatagramAddress) => `${host}:${port}`;
