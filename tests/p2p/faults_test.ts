/** Every fault of the way by serial number, and what a user of the tunnel sees of it. */

import assert from "node:assert/strict";
import type { DhipError } from "../../lib/errors.ts";
import type { ByteStream } from "../../lib/net/stream.ts";
import { P2pTunnel, type TunnelEvent, type TunnelOptions } from "../../lib/p2p/tunnel.ts";
import type { FaultOptions } from "../../lib/simulator/mod.ts";
import { P2P_FAULTS } from "../../lib/simulator/p2p/faults.ts";
import { P2pWorld } from "../support/p2p_world.ts";
import { seeded } from "../support/random.ts";

class Room implements AsyncDisposable {
  readonly world: P2pWorld;
  readonly tunnel: P2pTunnel;
  readonly events: TunnelEvent[] = [];

  constructor(world: P2pWorld, mode: TunnelOptions["mode"]) {
    this.world = world;
    this.tunnel = new P2pTunnel({
      serial: world.device.serial,
      profile: world.cloud.profile,
      mode,
      auth: "none",
      clock: world.clock,
      random: seeded(5),
      wallClock: world.cloud.options.wallClock,
      openDatagrams: world.client.openDatagrams,
      localAddresses: () => [world.client.address],
      onEvent: (event) => this.events.push(event),
    });
  }

  fault(name: string, options?: FaultOptions): void {
    this.world.device.fault(name, options);
  }

  /** A connection, in virtual time. */
  dial(port = 7): Promise<ByteStream> {
    return this.world.clock.settle(this.tunnel.dial(port));
  }

  /** How dialling fails. */
  async failure(port = 7): Promise<string> {
    const error = await this.dial(port).then(() => undefined, (error: DhipError) => error);
    return error?.code ?? "none";
  }

  /** Bytes there and back through an echo. */
  async echo(size = 100_000): Promise<void> {
    const stream = await this.dial();
    const random = seeded(size);
    const sent = Uint8Array.from({ length: size }, () => Math.floor(random() * 256));
    const received = new Uint8Array(size);
    const reading = (async () => {
      for (let at = 0; at < size;) {
        const count = await stream.read(received.subarray(at));
        if (count === null) throw new Error(`ended after ${at} bytes`);
        at += count;
      }
    })();
    await this.world.clock.settle(Promise.all([stream.write(sent), reading]));
    assert.deepEqual(received, sent);
    stream.close();
  }

  /** How a connection ends, and that the next one works. */
  async breaks(strike: () => void, mend: () => void = () => {}): Promise<void> {
    const stream = await this.dial();
    strike();
    const reading = stream.read(new Uint8Array(10));
    await assert.rejects(this.world.clock.settle(reading), { code: "DHIP_TUNNEL_LOST" });
    mend();
    await this.echo(1000);
  }

  get path(): string | null {
    return this.tunnel.stats().path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world.clock.settle(this.tunnel.close());
    await this.world[Symbol.asyncDispose]();
  }
}

/** It works all the same, with this option of the fault. */
const harmless = (name: string, options?: FaultOptions) => async (room: Room) => {
  room.fault(name, options);
  await room.echo();
};

/** There is no connection, and this code says why. */
const fails = (name: string, code: string, options?: FaultOptions) => async (room: Room) => {
  room.fault(name, options);
  assert.equal(await room.failure(), code);
};

const SEEN: Record<string, (room: Room) => Promise<void>> = {
  async "p2p-loss"(room) {
    const stream = await room.dial();
    stream.close();
    room.fault("p2p-loss", { probability: 0.03 });
    await room.echo();
  },
  "p2p-duplicate": harmless("p2p-duplicate", { probability: 0.3 }),
  "p2p-reorder": harmless("p2p-reorder"),
  "p2p-delay": harmless("p2p-delay", { delay: 50, jitter: 20 }),
  async "p2p-truncate"(room) {
    const stream = await room.dial();
    stream.close();
    room.fault("p2p-truncate", { probability: 0.02 });
    await room.echo();
  },
  "p2p-stray": harmless("p2p-stray", { probability: 0.3 }),
  "p2p-blackhole": (room) =>
    room.breaks(
      () => room.fault("p2p-blackhole"),
      () => void room.world.device.clearFault("p2p-blackhole"),
    ),
  "p2p-merge": harmless("p2p-merge", { probability: 0.8 }),
  "p2p-split": harmless("p2p-split"),
  "p2p-odd-segments": harmless("p2p-odd-segments"),
  "p2p-repeat-syn": harmless("p2p-repeat-syn"),
  "p2p-small-window": harmless("p2p-small-window"),
  "cloud-late": harmless("cloud-late", { delay: 700 }),
  "cloud-lost": harmless("cloud-lost", { times: 4 }),
  "cloud-duplicate": harmless("cloud-duplicate"),
  "cloud-clock": harmless("cloud-clock"),
  "identity-refused": fails("identity-refused", "DHIP_P2P_IDENTITY_REFUSED"),
  "device-unknown": fails("device-unknown", "DHIP_P2P_UNKNOWN_DEVICE"),
  "wrong-salt": fails("wrong-salt", "DHIP_P2P_AUTH_REQUIRED"),
  "nonce-refused": harmless("nonce-refused"),
  async "no-direct-path"(room) {
    room.fault("no-direct-path");
    await room.echo();
    assert.equal(room.path, "relay");
  },
  "nat-rebind": (room) => room.breaks(() => room.fault("nat-rebind")),
  async "relay-silent"(room) {
    room.fault("relay-silent", { what: "device" });
    await room.echo();
    assert.equal(room.path, "direct");
  },
  async "relay-expires"(room) {
    room.fault("no-direct-path");
    room.fault("relay-expires", { times: 1 });
    await room.breaks(() => assert.equal(room.path, "relay"));
  },
  "sign-unanswered": harmless("sign-unanswered"),
  "bind-refused": fails("bind-refused", "DHIP_BIND_REFUSED", { port: 7 }),
  "bind-unanswered": fails("bind-unanswered", "DHIP_BIND_REFUSED"),
};

Deno.test("every fault of the way by serial number is listed here", () => {
  assert.deepEqual(Object.keys(SEEN), P2P_FAULTS.map(({ name }) => name));
});

for (const [name, test] of Object.entries(SEEN)) {
  Deno.test(`fault ${name}: what the user of a tunnel sees`, async () => {
    const world = await P2pWorld.start({ device: { p2p: { auth: "none" } } });
    await using room = new Room(world, "auto");
    await test(room);
    const { overruns, foreignTargets, strayData } = world.device.stats().p2p;
    assert.deepEqual([overruns, foreignTargets, strayData], [0, 0, 0]);
  });
}

Deno.test("a device that restarts in the middle is reached again", async () => {
  const world = await P2pWorld.start({ device: { p2p: { auth: "none" } } });
  await using room = new Room(world, "auto");
  await room.breaks(() => void world.device.restart({ downtime: 3000 }));
});

for (const mode of ["direct", "relay"] as const) {
  Deno.test(`the ${mode} way carries what it is given`, async () => {
    const world = await P2pWorld.start({ device: { p2p: { auth: "none" } } });
    await using room = new Room(world, mode);
    await room.echo();
    assert.equal(room.path, mode);
  });
}

Deno.test("behind symmetric NATs on both sides a relay is the way", async () => {
  const world = await P2pWorld.start({
    deviceNat: "symmetric",
    clientNat: "symmetric",
    device: { p2p: { auth: "none" } },
  });
  await using room = new Room(world, "auto");
  await room.echo();
  assert.equal(room.path, "relay");
});
