/**
 * Hole punching on a socket, with timers.
 *
 * @module
 */

import type { Clock } from "../net/clock.ts";
import type { Datagram, DatagramAddress, Datagrams } from "../net/udp.ts";
import { HolePunch, type PunchTargets } from "./hole_punch.ts";

/** Drives a {@linkcode HolePunch}. */
export class Punching {
  /** The 8 bytes that name this session. */
  readonly identify: Uint8Array;
  readonly #punch: HolePunch;
  readonly #socket: Datagrams;
  readonly #clock: Clock;
  readonly #settled = Promise.withResolvers<DatagramAddress>();
  #timer = { cancel() {} };
  #stopped = false;

  constructor(socket: Datagrams, clock: Clock, random: () => number) {
    const bytes = (length: number) => Uint8Array.from({ length }, () => Math.floor(random() * 256));
    this.#socket = socket;
    this.#clock = clock;
    this.identify = bytes(8);
    this.#punch = new HolePunch({
      identify: this.identify,
      cookie: bytes(4),
      transaction: bytes(12),
    });
  }

  /** Resolves to the address that answered; waits for ever when none does. */
  get peer(): Promise<DatagramAddress> {
    return this.#settled.promise;
  }

  /** Begins to ask these addresses. */
  start(targets: PunchTargets): void {
    this.#punch.start(targets, this.#clock.now());
    this.#flush();
  }

  /** Takes a datagram; also long after, because the device may ask again at any time. */
  input({ bytes, from }: Datagram): void {
    this.#punch.input(bytes, from, this.#clock.now());
    this.#flush();
  }

  /** Asks no more; requests of the device are still answered. */
  stop(): void {
    this.#stopped = true;
    this.#timer.cancel();
  }

  #flush(): void {
    const now = this.#clock.now();
    for (let next; (next = this.#punch.poll(now)) !== null;) {
      // One of many addresses: this network may have no way there.
      this.#socket.send(next.bytes, next.to).catch(() => {});
    }
    this.#timer.cancel();
    const { deadline, peer } = this.#punch;
    if (peer !== null) this.#settled.resolve(peer);
    else if (!this.#stopped) this.#timer = this.#clock.timer(() => this.#flush(), deadline - now);
  }
}
