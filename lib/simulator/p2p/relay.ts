/**
 * Relays: a port of the cloud that passes datagrams on between one client and one device.
 *
 * @module
 */

import type { Clock, Timer } from "../../net/clock.ts";
import type { DatagramAddress } from "../../net/udp.ts";
import { isText } from "./text_message.ts";
import { Wire } from "./wire.ts";

/** Milliseconds that a relay waits to be started. */
const START_TIME = 30_000;

/** Who is told about a relay. */
export interface RelayListener {
  /** A message of the cloud's kind came to the relay. */
  message(relay: Relay, bytes: Uint8Array, from: DatagramAddress): void;
  /** The relay is over. */
  ended(relay: Relay): void;
  /** Whether datagrams are to vanish. */
  silent(relay: Relay): boolean;
}

/** One relay, lent to one client. */
export class Relay {
  /** Its name towards cloud, client and device. */
  readonly token: string;
  /** Bytes passed on. */
  bytes = 0;
  /** The request that waits for the device to join: its CSeq. */
  awaited: string | undefined;
  /** Serial number of the device that it leads to; undefined before it is known. */
  serial: string | undefined;
  readonly #wire: Wire;
  readonly #clock: Clock;
  readonly #listener: RelayListener;
  #client: DatagramAddress | undefined;
  #device: DatagramAddress | undefined;
  #timer: Timer;
  #over = false;

  /** Takes over a socket. */
  constructor(
    token: string,
    socket: ConstructorParameters<typeof Wire>[0],
    clock: Clock,
    listener: RelayListener,
  ) {
    this.token = token;
    this.#clock = clock;
    this.#listener = listener;
    this.#wire = new Wire(socket, clock, () => 1, (bytes, from) => this.#receive(bytes, from));
    this.#timer = clock.timer(() => this.end(), START_TIME);
  }

  /** Where it listens. */
  get address(): DatagramAddress {
    return this.#wire.address;
  }

  /** True when it passes nothing on any more. */
  get over(): boolean {
    return this.#over;
  }

  /** The client; undefined before it has started the relay. */
  get client(): DatagramAddress | undefined {
    return this.#client;
  }

  /** True when the device has joined. */
  get joined(): boolean {
    return this.#device !== undefined;
  }

  /** The client begins to use it, for so many milliseconds. */
  start(client: DatagramAddress, ms: number): void {
    this.#client = client;
    this.#timer.cancel();
    this.#timer = this.#clock.timer(() => this.end(), ms);
  }

  /** The device has found it. */
  join(device: DatagramAddress): void {
    this.#device = device;
  }

  /** Sends something of its own. */
  send(bytes: Uint8Array, to: DatagramAddress): void {
    this.#wire.send(bytes, to);
  }

  /** Ends it. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer.cancel();
    this.#wire.close();
    this.#listener.ended(this);
  }

  #receive(bytes: Uint8Array, from: DatagramAddress): void {
    if (isText(bytes)) return this.#listener.message(this, bytes, from);
    const to = same(from, this.#client)
      ? this.#device
      : same(from, this.#device)
      ? this.#client
      : undefined;
    if (to === undefined || this.#listener.silent(this)) return;
    this.bytes += bytes.length;
    this.#wire.send(bytes, to);
  }
}

function same(a: DatagramAddress, b: DatagramAddress | undefined): boolean {
  return b !== undefined && a.port === b.port && a.host === b.host;
}
