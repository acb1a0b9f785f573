/**
 * A UDP socket of the simulator, with the trouble that the network makes on both ways.
 *
 * @module
 */

import type { Clock } from "../../net/clock.ts";
import type { DatagramAddress, Datagrams } from "../../net/udp.ts";
import { DelayLine } from "./delay_line.ts";
import { ImpairedLink, type Impairment } from "./impairment.ts";

/** Trouble by direction, seen from the device. */
export interface WireTrouble {
  /** Of what leaves. */
  readonly out?: Impairment | undefined;
  /** Of what comes in. */
  readonly in?: Impairment | undefined;
}

interface Flight {
  readonly bytes: Uint8Array;
  readonly peer: DatagramAddress;
  readonly out: boolean;
}

/** Sends and receives until it is closed. */
export class Wire {
  readonly #socket: Datagrams;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #receive: (bytes: Uint8Array, from: DatagramAddress) => void;
  readonly #flights: DelayLine<Flight>;
  #out: ImpairedLink | undefined;
  #in: ImpairedLink | undefined;
  #closed = false;

  /** Takes over a socket; `receive` gets views that are valid during the call. */
  constructor(
    socket: Datagrams,
    clock: Clock,
    random: () => number,
    receive: (bytes: Uint8Array, from: DatagramAddress) => void,
  ) {
    this.#socket = socket;
    this.#clock = clock;
    this.#random = random;
    this.#receive = receive;
    this.#flights = new DelayLine(clock, ({ bytes, peer, out }) => {
      if (out) this.#send(bytes, peer);
      else this.#receive(bytes, peer);
    });
    this.#run();
  }

  /** Its own address. */
  get address(): DatagramAddress {
    return this.#socket.address;
  }

  /** Makes the network bad, or good again. */
  set trouble({ out, in: inward }: WireTrouble) {
    this.#out = out === undefined ? undefined : new ImpairedLink(out, this.#random);
    this.#in = inward === undefined ? undefined : new ImpairedLink(inward, this.#random);
  }

  /** Sends a datagram; the memory may be used again after the call. */
  send(bytes: Uint8Array, to: DatagramAddress): void {
    if (this.#out === undefined) return this.#send(bytes, to);
    for (const { bytes: seen, at } of this.#out.send(bytes.slice(), this.#clock.now())) {
      this.#flights.push({ bytes: seen, peer: to, out: true }, at);
    }
  }

  /** Sends a datagram past all trouble. */
  sendPlain(bytes: Uint8Array, to: DatagramAddress): void {
    this.#send(bytes, to);
  }

  /** Closes the socket. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#flights.clear();
    this.#socket.close();
  }

  #send(bytes: Uint8Array, to: DatagramAddress): void {
    // What cannot be sent is lost, as in any network. Systems take the bytes within the call.
    if (!this.#closed) this.#socket.send(bytes, to).catch(() => {});
  }

  async #run(): Promise<void> {
    for (;;) {
      const next = await this.#socket.receive().catch(() => null);
      if (next === null || this.#closed) return;
      if (this.#in === undefined) this.#receive(next.bytes, next.from);
      else {
        for (const { bytes, at } of this.#in.send(next.bytes.slice(), this.#clock.now())) {
          this.#flights.push({ bytes, peer: next.from, out: false }, at);
        }
      }
    }
  }
}
