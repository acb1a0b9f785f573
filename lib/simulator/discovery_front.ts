/**
 * The UDP sockets of discovery: one for each address, one for the group.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import type { Clock, Timer } from "../net/clock.ts";
import type { DiscoveryReply } from "./discovery.ts";
import { cannotListen } from "./front.ts";

/** Multicast group that devices listen to. */
const GROUP = "239.255.255.251";

/** A device that may be found. */
export interface Discoverable {
  /** Address that it listens on. */
  readonly host: string;
  /** Its time. */
  readonly clock: Clock;
  /** What it says to a datagram. */
  answer(datagram: Uint8Array): DiscoveryReply | undefined;
}

/** Answers for all devices. */
export class DiscoveryFront {
  readonly #devices: readonly Discoverable[];
  readonly #sockets = new Map<string, Deno.DatagramConn>();
  readonly #waiting = new Set<Timer>();
  readonly #work: Promise<void>[] = [];
  #port = 0;
  #closed = false;

  /** Opens nothing yet. */
  constructor(devices: readonly Discoverable[]) {
    this.#devices = devices;
  }

  /** The port. */
  get port(): number {
    return this.#port;
  }

  /**
   * Opens the port on the address of every device, and joins the group where the addresses allow.
   *
   * @throws {DhipError} `DHIP_UNREACHABLE` when the port cannot be had, `DHIP_NOT_SUPPORTED` without
   * datagrams in this runtime
   */
  async open(port: number): Promise<void> {
    if (Deno.listenDatagram === undefined) {
      throw new DhipError("DHIP_NOT_SUPPORTED", "This runtime was started without datagrams", {
        hint: "Run it with --unstable-net.",
      });
    }
    this.#port = port;
    for (const host of new Set(this.#devices.map((device) => device.host))) {
      const socket = listen(host, this.#port, false);
      this.#port = (socket.addr as Deno.NetAddr).port;
      this.#sockets.set(host, socket);
      this.#work.push(this.#serve(socket, this.#devices.filter((device) => device.host === host)));
    }
    await this.#join();
  }

  /** Closes the sockets; answers that wait are not sent any more. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#waiting) timer.cancel();
    for (const socket of this.#sockets.values()) socket.close();
    await Promise.all(this.#work);
  }

  /** A device whose host has no multicast is still found by its address. */
  async #join(): Promise<void> {
    const everywhere = this.#sockets.get("0.0.0.0");
    try {
      // Bound to the group it hears nothing else, and the sockets of the devices stay their own.
      const socket = everywhere ?? listen(GROUP, this.#port, true);
      if (everywhere === undefined) {
        this.#sockets.set(GROUP, socket);
        this.#work.push(this.#serve(socket, this.#devices));
      }
      for (const face of new Set(this.#devices.map((device) => interfaceOf(device.host)))) {
        await socket.joinMulticastV4(GROUP, face);
      }
    } catch {
      // No multicast here, no right to it, or IPv6 only.
    }
  }

  async #serve(socket: Deno.DatagramConn, devices: readonly Discoverable[]): Promise<void> {
    const buffer = new Uint8Array(65_536);
    while (!this.#closed) {
      try {
        const [datagram, from] = await socket.receive(buffer);
        for (const device of devices) this.#answer(device, datagram, from, socket);
      } catch {
        // A datagram that could not be received costs itself, a closed socket ends the loop.
        if (!this.#closed) await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  }

  #answer(device: Discoverable, datagram: Uint8Array, to: Deno.Addr, heard: Deno.DatagramConn) {
    const reply = device.answer(datagram);
    if (reply === undefined) return;
    // Whoever asked the group hears each device from its own address.
    const socket = this.#sockets.get(device.host) ?? heard;
    const send = () => {
      for (let i = 0; i < reply.copies; i++) socket.send(reply.bytes, to).catch(() => {});
    };
    if (reply.delay === 0) return send();
    const timer = device.clock.timer(() => {
      this.#waiting.delete(timer);
      send();
    }, reply.delay);
    this.#waiting.add(timer);
  }
}

/** The interface that has an address: all of 127.0.0.0/8 is one. */
function interfaceOf(host: string): string {
  return host.startsWith("127.") ? "127.0.0.1" : host;
}

function listen(hostname: string, port: number, shared: boolean): Deno.DatagramConn {
  try {
    return Deno.listenDatagram({ transport: "udp", hostname, port, reuseAddress: shared });
  } catch (error) {
    throw cannotListen(hostname, port, error);
  }
}
