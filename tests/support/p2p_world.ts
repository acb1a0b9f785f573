/** A cloud and a device on a network in memory and on virtual time. */

import { Random } from "../../lib/simulator/prng.ts";
import type { Impairment } from "../../lib/simulator/p2p/impairment.ts";
import { P2pCloud } from "../../lib/simulator/p2p/cloud.ts";
import { type CloudOptions, type DeviceOptions, SimulatedDevice } from "../../lib/simulator/mod.ts";
import { DatagramNetwork, type NatKind, type NetworkHost } from "./datagram_network.ts";
import { seeded } from "./random.ts";
import { VirtualClock } from "./virtual_clock.ts";

export interface WorldOptions {
  readonly seed?: number;
  readonly cloud?: CloudOptions;
  readonly device?: DeviceOptions;
  /** NAT of the device; `none`: it has a public address. Default `port-restricted`. */
  readonly deviceNat?: NatKind | "none";
  /** NAT of the client. Default `port-restricted`. */
  readonly clientNat?: NatKind | "none";
  /** Of all links; change it with `network.impair`. Default 5 ms and nothing else. */
  readonly impairment?: Impairment;
}

/** Addresses as documentation has them: the cloud, and two homes behind NATs. */
export class P2pWorld implements AsyncDisposable {
  readonly clock = new VirtualClock();
  readonly network: DatagramNetwork;
  readonly cloud: P2pCloud;
  readonly device: SimulatedDevice;
  /** Where the client's sockets are opened: `client.openDatagrams`. */
  readonly client: NetworkHost;
  readonly #open: Parameters<SimulatedDevice["behind"]>[2];

  private constructor(options: WorldOptions) {
    const { seed = 1, deviceNat = "port-restricted", clientNat = "port-restricted" } = options;
    const { clock } = this;
    this.network = new DatagramNetwork({
      clock,
      random: seeded(seed),
      impairment: options.impairment ?? { delay: 5 },
    });
    const home = (kind: NatKind | "none", address: string, inside: string) =>
      kind === "none" ? this.network.host(address) : this.network.nat(address, kind).host(inside);
    const host = home(deviceNat, "198.51.100.2", "192.168.1.108");
    this.client = home(clientNat, "203.0.113.7", "192.168.178.20");
    const servers = this.network.host("192.0.2.1");
    const random = new Random(seed, 0x50000);
    this.cloud = new P2pCloud("192.0.2.1", clock, random, servers.openDatagrams, {
      wallClock: () => Date.UTC(2026, 0, 1) + clock.now(),
      ...options.cloud,
    });
    this.device = new SimulatedDevice({ seed, host: host.address, clock, ...options.device });
    this.#open = host.openDatagrams;
  }

  static async start(options: WorldOptions = {}): Promise<P2pWorld> {
    const world = new P2pWorld(options);
    await world.cloud.open(8800);
    await world.clock.settle(world.device.behind(world.cloud, {}, world.#open));
    return world;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.device.close();
    this.cloud.close();
  }
}
