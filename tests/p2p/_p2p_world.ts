/** The simulated cloud and a device behind it, in memory and on virtual time, and a tunnel to it. */

import type { DhipError } from "../../lib/errors.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { P2pTunnel, type TunnelEvent, type TunnelOptions } from "../../lib/p2p/tunnel.ts";
import { Accounts } from "../../lib/simulator/accounts.ts";
import { FaultBoard } from "../../lib/simulator/fault_board.ts";
import { type FaultOptions, resolveFault } from "../../lib/simulator/faults.ts";
import { P2pCloud } from "../../lib/simulator/p2p/cloud.ts";
import { P2pFront } from "../../lib/simulator/p2p/device_front.ts";
import type { CloudOptions, P2pOptions } from "../../lib/simulator/p2p/options.ts";
import { smallServices } from "../../lib/simulator/p2p/services.ts";
import { Random } from "../../lib/simulator/prng.ts";
import { DatagramNetwork, type NatKind, type NetworkHost } from "../support/datagram_network.ts";
import { seeded } from "../support/random.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

export const SERIAL = "EXAMPLE0001";
export const ACCOUNT = { user: "admin", password: "canary-p2p-4711" };

export interface P2pWorldOptions {
  readonly seed?: number;
  readonly client?: NatKind;
  readonly device?: NatKind;
  readonly p2p?: P2pOptions;
  readonly cloud?: CloudOptions;
}

export class P2pWorld implements AsyncDisposable {
  readonly clock = new VirtualClock();
  readonly network: DatagramNetwork;
  readonly cloud: P2pCloud;
  readonly front: P2pFront;
  readonly faults: FaultBoard;
  readonly client: NetworkHost;
  readonly events: TunnelEvent[] = [];
  readonly #random: () => number;
  #tunnel: P2pTunnel | undefined;

  private constructor(options: P2pWorldOptions) {
    const { seed = 1, client = "port-restricted", device = "port-restricted" } = options;
    this.#random = seeded(seed);
    this.network = new DatagramNetwork({
      clock: this.clock,
      random: this.#random,
      impairment: { delay: 10 },
    });
    this.faults = new FaultBoard(new Random(seed, 1));
    const cloudHost = this.network.host("198.51.100.1");
    this.cloud = new P2pCloud(
      "198.51.100.1",
      this.clock,
      new Random(seed, 2),
      cloudHost.openDatagrams,
      { wallClock: () => 1_700_000_000_000 + this.clock.now(), ...options.cloud },
    );
    const deviceHost = this.network.nat("203.0.113.2", device).host("192.168.1.108");
    const accounts = new Accounts(
      [{ name: ACCOUNT.user, password: ACCOUNT.password, group: "admin" }],
      this.clock,
      5,
      300,
    );
    this.front = new P2pFront(
      {
        serial: SERIAL,
        address: "192.168.1.108",
        clock: this.clock,
        random: new Random(seed, 3),
        accounts,
        faults: this.faults,
        openPort: smallServices,
        openDatagrams: deviceHost.openDatagrams,
      },
      this.cloud,
      options.p2p,
    );
    this.client = this.network.nat("203.0.113.1", client).host("192.168.5.10");
  }

  static async open(options: P2pWorldOptions = {}): Promise<P2pWorld> {
    const world = new P2pWorld(options);
    await world.clock.settle(world.cloud.open(8800));
    await world.clock.settle(world.front.up());
    return world;
  }

  /** The tunnel of this world; the last options count. */
  tunnel(options: Partial<TunnelOptions> = {}): P2pTunnel {
    return this.#tunnel = new P2pTunnel({
      serial: SERIAL,
      profile: this.cloud.profile,
      mode: "auto",
      auth: "auto",
      credentials: ACCOUNT,
      clock: this.clock,
      random: this.#random,
      wallClock: () => 1_700_000_000_000 + this.clock.now(),
      guard: new MemoryLoginGuard(this.clock), // a process may hold several worlds
      localAddresses: () => ["192.168.5.10"],
      openDatagrams: this.client.openDatagrams,
      onEvent: (event) => void this.events.push(event),
      ...options,
    });
  }

  fault(name: string, options: FaultOptions = {}): void {
    this.faults.set(resolveFault(name, options));
    this.front.refresh();
  }

  clearFault(name: string): void {
    this.faults.clear(name);
    this.front.refresh();
  }

  /** Lets a promise settle on virtual time. */
  settle<T>(promise: Promise<T>, limit?: number): Promise<T> {
    return this.clock.settle(promise, limit);
  }

  /** The error that a promise ends with. */
  async failure(promise: Promise<unknown>, limit?: number): Promise<DhipError> {
    try {
      await this.settle(promise, limit);
    } catch (error) {
      return error as DhipError;
    }
    throw new Error("It did not fail");
  }

  /** Names of events, without the steps. */
  get story(): string[] {
    return this.events.filter(({ type }) => type !== "step").map((event) =>
      event.type === "up"
        ? `up ${event.path}`
        : event.type === "lost"
        ? `lost: ${event.reason}`
        : event.type === "retry"
        ? `retry: ${event.error.code}`
        : event.type
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#tunnel !== undefined) await this.settle(this.#tunnel.close());
    await this.settle(this.front.down());
    this.cloud.close();
  }
}

/** Sends bytes to the echo service and reads them back. */
export async function echoed(
  tunnel: P2pTunnel,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const stream = await tunnel.dial(7);
  const back = new Uint8Array(bytes.length);
  const write = async () => {
    for (let at = 0; at < bytes.length; at += 16_384) {
      await stream.write(bytes.subarray(at, at + 16_384));
    }
  };
  const read = async () => {
    for (let at = 0; at < back.length;) {
      const count = await stream.read(back.subarray(at));
      if (count === null) throw new Error(`ended after ${at} bytes`);
      at += count;
    }
  };
  await Promise.all([write(), read()]);
  stream.close();
  return back;
}
