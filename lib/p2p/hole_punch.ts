/**
 * Hole punching: requests to every address that the device may have, until one of them answers. A
 * state machine without I/O: datagrams and `now` in, datagrams out.
 *
 * The device is an ICE agent of its own: its requests, answers and confirmations come in any
 * number and order, some before the cloud has told its addresses. They are told apart by type and
 * content, never by count.
 *
 * @module
 */

import type { DatagramAddress } from "../net/udp.ts";
import { sameAddress } from "./candidates.ts";
import { encodePunch, type PunchPacket, readPunch } from "./istun.ts";

/** Requests are repeated after this many ms; programs in the field use 300-500. */
export const PUNCH_INTERVAL = 400;
/** How long, in ms, an answer from outside waits for one from the own network. */
export const LAN_PREFERENCE = 100;
/** Confirmations that known programs send, and wait for (dh-p2p). */
const CONFIRMATIONS = 5;
/** Most addresses that are asked, those included that the device was heard from. */
const MOST_ASKED = 24;
/** Requests of the device that are remembered to know what answers to our answers look like. */
const MOST_REMEMBERED = 16;

/** The random parts of a session's packets. */
export interface PunchOptions {
  /** 8 bytes: the Identify of the channel request. */
  readonly identify: Uint8Array;
  /** 4 bytes. */
  readonly cookie: Uint8Array;
  /** 12 bytes. */
  readonly transaction: Uint8Array;
}

/** What the cloud tells of a device. */
export interface PunchTargets {
  /** Addresses in the device's own network. */
  readonly lan: readonly DatagramAddress[];
  /** Its address as the cloud sees it. */
  readonly public: readonly DatagramAddress[];
  /** Identify of the device, when it has one of its own. */
  readonly identify?: Uint8Array | null | undefined;
}

/** A datagram to send. */
export interface OutgoingPunch {
  /** Its bytes. */
  readonly bytes: Uint8Array;
  /** Where it goes. */
  readonly to: DatagramAddress;
}

/** The punching of one socket. */
export class HolePunch {
  readonly #options: PunchOptions;
  readonly #identities: string[];
  readonly #asked: DatagramAddress[] = [];
  readonly #lanHosts = new Set<string>();
  readonly #hosts = new Set<string>();
  /** Transactions of requests that were answered, the latest last. */
  readonly #answered: string[] = [];
  readonly #out: OutgoingPunch[] = [];
  readonly #transaction: string;
  #nextRequests = Infinity;
  #settleAt = Infinity;
  /** The device speaks plain STUN. */
  #plain = false;
  #heard: DatagramAddress | null = null;
  #peer: DatagramAddress | null = null;

  constructor(options: PunchOptions) {
    this.#options = options;
    this.#transaction = options.transaction.toHex();
    this.#identities = [options.identify.toHex()];
  }

  /** The address that answered; null as long as none is settled on. It never changes again. */
  get peer(): DatagramAddress | null {
    return this.#peer;
  }

  /** When {@linkcode poll} is to be called at the latest; `Infinity` when nothing waits. */
  get deadline(): number {
    return this.#peer === null ? Math.min(this.#nextRequests, this.#settleAt) : Infinity;
  }

  /** Addresses that are asked. */
  get asked(): readonly DatagramAddress[] {
    return this.#asked;
  }

  /** Begins to ask, once the cloud has told where. */
  start(targets: PunchTargets, now: number): void {
    if (targets.identify) this.#identities.push(targets.identify.toHex());
    for (const { host } of targets.lan) this.#lanHosts.add(host);
    for (const address of [...targets.lan, ...targets.public]) {
      this.#hosts.add(address.host);
      this.#ask(address, now);
    }
  }

  /** Takes a datagram that arrived; what is no packet of this session changes nothing. */
  input(datagram: Uint8Array, from: DatagramAddress, now: number): void {
    const packet = readPunch(datagram);
    if (packet === null) return;
    if (packet.kind !== "request") {
      if (this.#isForUs(packet, from)) this.#hear(from, now);
    } else if (this.#knows(packet, from)) {
      this.#answer(packet, from);
      if (packet.plain && !this.#plain) {
        this.#plain = true; // it did not understand a word so far
        if (this.#peer === null) { for (const address of this.#asked) this.#request(address); }
      }
      // RFC 8445 section 7.3.1.4: an unexpected address of the peer is asked at once.
      if (this.#peer === null) this.#ask(from, now);
    }
  }

  /** The next datagram to send, null when there is none now. */
  poll(now: number): OutgoingPunch | null {
    if (this.#peer === null && now >= this.#settleAt) this.#settle(this.#heard!);
    if (this.#peer === null && now >= this.#nextRequests) {
      this.#nextRequests = now + PUNCH_INTERVAL;
      for (const address of this.#asked) this.#request(address);
    }
    return this.#out.shift() ?? null;
  }

  #ask(address: DatagramAddress, now: number): void {
    if (this.#asked.length >= MOST_ASKED) return;
    if (this.#asked.some((known) => sameAddress(known, address))) return;
    this.#asked.push(address);
    this.#request(address);
    if (this.#nextRequests === Infinity) this.#nextRequests = now + PUNCH_INTERVAL;
  }

  #request(to: DatagramAddress): void {
    this.#send({ ...this.#options, kind: "request", address: to, plain: this.#plain }, to);
  }

  #answer(request: PunchPacket, to: DatagramAddress): void {
    const { identify } = this.#options;
    const { cookie, transaction, plain } = request;
    this.#send({ kind: "response", identify, cookie, transaction, address: to, plain }, to);
    const key = transaction.toHex();
    if (this.#answered.includes(key)) return;
    this.#answered.push(key);
    if (this.#answered.length > MOST_REMEMBERED) this.#answered.shift();
  }

  /** Strangers may send requests to an open port: only the device's are answered. */
  #knows({ identify }: PunchPacket, { host }: DatagramAddress): boolean {
    return this.#hosts.has(host) ||
      (identify !== null && this.#identities.includes(identify.toHex()));
  }

  /** Confirmations carry one side's transaction or the other's, depending on the program. */
  #isForUs(packet: PunchPacket, from: DatagramAddress): boolean {
    const key = packet.transaction.toHex();
    return key === this.#transaction ||
      (this.#knows(packet, from) && (packet.identify !== null || this.#answered.includes(key)));
  }

  #hear(from: DatagramAddress, now: number): void {
    if (this.#peer !== null) return;
    if (this.#lanHosts.has(from.host) || this.#lanHosts.size === 0) return this.#settle(from);
    if (this.#heard !== null) return;
    this.#heard = from;
    this.#settleAt = now + LAN_PREFERENCE;
  }

  #settle(peer: DatagramAddress): void {
    this.#peer = { host: peer.host, port: peer.port };
    const kind = "confirmation";
    for (let i = 0; i < CONFIRMATIONS; i++) {
      this.#send({ ...this.#options, kind, address: null, plain: this.#plain }, this.#peer);
    }
  }

  #send(packet: Parameters<typeof encodePunch>[0], to: DatagramAddress): void {
    this.#out.push({ bytes: encodePunch(packet), to: { host: to.host, port: to.port } });
  }
}
