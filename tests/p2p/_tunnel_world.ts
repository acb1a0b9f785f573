/** A tunnel to a simulated device, in memory and on virtual time. */

import type { DhipError } from "../../lib/errors.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { P2pTunnel, type TunnelEvent, type TunnelOptions } from "../../lib/p2p/tunnel.ts";
import type { SimulatedDevice } from "../../lib/simulator/mod.ts";
import { P2pWorld, type WorldOptions } from "../support/p2p_world.ts";
import { seeded } from "../support/random.ts";

export const ACCOUNT = { user: "admin", password: "canary-p2p-4711" };

export class TunnelWorld implements AsyncDisposable {
  readonly world: P2pWorld;
  readonly events: TunnelEvent[] = [];
  readonly #guard: MemoryLoginGuard;
  readonly #random: () => number;
  #tunnel: P2pTunnel | undefined;

  private constructor(world: P2pWorld, seed: number) {
    this.world = world;
    this.#guard = new MemoryLoginGuard(world.clock); // a process may hold several worlds
    this.#random = seeded(seed);
  }

  static async open(options: WorldOptions = {}): Promise<TunnelWorld> {
    const device = { password: ACCOUNT.password, ...options.device };
    const impairment = { delay: 10 };
    const world = await P2pWorld.start({ impairment, ...options, device });
    return new TunnelWorld(world, options.seed ?? 1);
  }

  get clock(): P2pWorld["clock"] {
    return this.world.clock;
  }

  get network(): P2pWorld["network"] {
    return this.world.network;
  }

  get cloud(): P2pWorld["cloud"] {
    return this.world.cloud;
  }

  get device(): SimulatedDevice {
    return this.world.device;
  }

  get client(): P2pWorld["client"] {
    return this.world.client;
  }

  /** The tunnel of this world; one at a time. */
  tunnel(options: Partial<TunnelOptions> = {}): P2pTunnel {
    const { clock, client, cloud, device } = this.world;
    return this.#tunnel = new P2pTunnel({
      serial: device.serial,
      profile: cloud.profile,
      mode: "auto",
      auth: "auto",
      credentials: ACCOUNT,
      clock,
      random: this.#random,
      wallClock: () => Date.UTC(2026, 0, 1) + clock.now(),
      guard: this.#guard,
      localAddresses: () => [client.address],
      openDatagrams: client.openDatagrams,
      onEvent: (event) => void this.events.push(event),
      ...options,
    });
  }

  /** Lets a promise settle on virtual time. */
  settle<T>(promise: Promise<T>): Promise<T> {
    return this.clock.settle(promise);
  }

  /** The error that a promise ends with. */
  async failure(promise: Promise<unknown>): Promise<DhipError> {
    try {
      await this.settle(promise);
    } catch (error) {
      return error as DhipError;
    }
    throw new Error("It did not fail");
  }

  /** What has happened, without the steps. */
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
    await this.world[Symbol.asyncDispose]();
  }
}

/** Sends bytes to the echo service and reads them back. */
export async function echoed(tunnel: P2pTunnel, bytes: Uint8Array): Promise<Uint8Array> {
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
