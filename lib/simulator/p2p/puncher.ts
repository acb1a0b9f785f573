/**
 * The device as an agent of ICE: it fires requests at a client and answers the client's.
 *
 * @module
 */

import type { DatagramAddress } from "../../net/udp.ts";
import { type ConnectivityCheck, encodeCheck } from "./connectivity_check.ts";

/** Milliseconds between rounds of requests, and how long they go on. */
const INTERVAL = 500;
const DURATION = 10_000;
/** Confirmations that follow a response (observed by two programs). */
const CONFIRMATIONS = 5;
/** Addresses that one client may name. */
const MOST_PEERS = 8;

/** What a puncher needs of its device. */
export interface PunchOptions {
  /** The 8 bytes of this client. */
  readonly identify: Uint8Array;
  /** Where the client may be: as the cloud sees it, and as it says itself. */
  readonly peers: readonly DatagramAddress[];
  /** Bytes of nothing in particular. */
  readonly randomBytes: (length: number) => Uint8Array;
  /** Sends a datagram. */
  readonly send: (bytes: Uint8Array, to: DatagramAddress) => void;
  /** True: packets are not inverted, as of old firmware. */
  readonly plain?: boolean | undefined;
}

/** Opens the way to one client. */
export class Puncher {
  readonly #options: PunchOptions;
  readonly #peers: DatagramAddress[];
  readonly #transaction: Uint8Array;
  readonly #endsAt: number;
  #nextAt: number;
  #punched = false;

  /** Begins at `now`; the first requests go out with the first `tick`. */
  constructor(options: PunchOptions, now: number) {
    this.#options = options;
    this.#peers = options.peers.slice(0, MOST_PEERS);
    this.#transaction = options.randomBytes(16);
    this.#nextAt = now;
    this.#endsAt = now + DURATION;
  }

  /** True when the client has answered a request. */
  get punched(): boolean {
    return this.#punched;
  }

  /** When `tick` wants to be called. */
  get deadline(): number {
    return this.#nextAt;
  }

  /** Sends the next round of requests when it is time. */
  tick(now: number): void {
    if (now < this.#nextAt) return;
    if (this.#punched || now >= this.#endsAt) {
      this.#nextAt = Infinity;
      return;
    }
    this.#nextAt = now + INTERVAL;
    for (const peer of this.#peers) this.#request(peer);
  }

  /** Takes a packet that carries this client's Identify. Late requests are answered for ever. */
  input(check: ConnectivityCheck, from: DatagramAddress): void {
    const { identify, send, plain } = this.#options;
    const { transaction } = check;
    if (check.kind === "request") {
      send(encodeCheck({ kind: "response", transaction, identify, address: from }, plain), from);
      const known = this.#peers.some(({ host, port }) => host === from.host && port === from.port);
      if (known || this.#punched || this.#peers.length >= MOST_PEERS) return;
      this.#peers.push(from); // behind a NAT that has another port for every destination
      this.#request(from);
    } else if (!this.#punched && transaction.every((byte, i) => byte === this.#transaction[i])) {
      this.#punched = true;
      const confirmation = encodeCheck({ kind: "response", transaction, identify }, plain);
      for (let i = 0; i < CONFIRMATIONS; i++) send(confirmation, from);
    }
  }

  #request(peer: DatagramAddress): void {
    const { identify, send, plain } = this.#options;
    const check = { kind: "request", transaction: this.#transaction, identify, address: peer };
    send(encodeCheck(check as ConnectivityCheck, plain), peer);
  }
}
