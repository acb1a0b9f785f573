/** A tunnel to a simulated device on virtual time: ways, reconnecting, waiting, ending. */

import assert from "node:assert/strict";
import type { Datagrams } from "../../lib/net/udp.ts";
import { classify } from "../../lib/p2p/classify.ts";
import { AuthError, type DhipError } from "../../lib/errors.ts";
import { seeded } from "../support/random.ts";
import { ACCOUNT, echoed, TunnelWorld } from "./_tunnel_world.ts";

const SYMMETRIC = { clientNat: "symmetric", deviceNat: "symmetric" } as const;

function noise(length: number): Uint8Array {
  const random = seeded(length);
  return Uint8Array.from({ length }, () => Math.floor(random() * 256));
}

Deno.test("a tunnel opens when it is first needed, directly, and carries both ways", async () => {
  await using world = await TunnelWorld.open();
  const tunnel = world.tunnel();
  assert.equal(world.client.opened.length, 0, "nothing is sent before");
  const bytes = noise(300_000);
  assert.deepEqual(await world.settle(echoed(tunnel, bytes)), bytes);
  assert.deepEqual(world.story, ["up direct"]);
  const { path, roundTrip, bytesIn, bytesOut } = tunnel.stats();
  assert.equal(path, "direct");
  assert.ok(roundTrip! >= 20 && roundTrip! < 200);
  assert.deepEqual([bytesIn, bytesOut], [300_000, 300_000]);
});

Deno.test("many connections share one tunnel, opened by whoever is first", async () => {
  await using world = await TunnelWorld.open();
  const tunnel = world.tunnel();
  const all = Array.from({ length: 8 }, (_, index) => noise(20_000 + index));
  const back = await world.settle(Promise.all(all.map((bytes) => echoed(tunnel, bytes))));
  assert.deepEqual(back, all);
  assert.deepEqual(world.story, ["up direct"]);
});

Deno.test("where no hole can be punched the relay carries, and is given back at the end", async () => {
  await using world = await TunnelWorld.open(SYMMETRIC);
  const tunnel = world.tunnel();
  const bytes = noise(50_000);
  assert.deepEqual(await world.settle(echoed(tunnel, bytes)), bytes);
  assert.deepEqual(world.story, ["up relay"]);
  assert.equal(world.cloud.stats().openRelays, 1);
  await world.settle(tunnel.close());
  assert.equal(world.cloud.stats().openRelays, 0);
  assert.equal(world.client.open, 0, "no socket is left");
});

Deno.test("--direct does not fall back, --relay does not punch", async () => {
  await using world = await TunnelWorld.open(SYMMETRIC);
  const direct = await world.failure(world.tunnel({ mode: "direct" }).ready({ timeout: 20_000 }));
  assert.equal(direct.code, "DHIP_P2P_UNREACHABLE");
  await using open = await TunnelWorld.open();
  await open.settle(open.tunnel({ mode: "relay" }).ready());
  assert.deepEqual(open.story, ["up relay"]);
});

Deno.test("a device that starts anew: connections end with a reason, new ones are served", async () => {
  await using world = await TunnelWorld.open();
  const tunnel = world.tunnel();
  const stream = await world.settle(tunnel.dial(19));
  await world.settle(stream.read(new Uint8Array(65_536)));
  await world.settle(world.device.restart({ downtime: 3_000 }));
  const back = world.clock.now();
  const ended = async () => {
    const buffer = new Uint8Array(65_536);
    while (await stream.read(buffer) !== null);
  };
  const error = await world.failure(ended());
  assert.equal(error.code, "DHIP_TUNNEL_LOST");
  assert.ok(error.retryable);
  const bytes = noise(10_000);
  assert.deepEqual(await world.settle(echoed(tunnel, bytes)), bytes);
  assert.ok(world.clock.now() - back < 15_000, `after ${world.clock.now() - back} ms`);
  assert.deepEqual(world.story.filter((event) => event.startsWith("up")).length, 2);
});

Deno.test("who dials a device that is gone, before that is known, is served when it is back", async () => {
  await using world = await TunnelWorld.open();
  const tunnel = world.tunnel();
  await world.settle(tunnel.ready());
  const restarted = world.device.restart({ downtime: 4_100 });
  const bytes = noise(10_000);
  const early = Array.from({ length: 5 }, () => echoed(tunnel, bytes));
  await world.clock.advance(4_000);
  const late = echoed(tunnel, bytes);
  await world.settle(restarted);
  for (const each of await world.settle(Promise.all([...early, late]))) {
    assert.deepEqual(each, bytes);
  }
  assert.deepEqual(world.story.filter((event) => event.startsWith("up")).length, 2);
});

Deno.test("a dead network is noticed, and the tunnel comes back with it", async () => {
  await using world = await TunnelWorld.open();
  const tunnel = world.tunnel();
  await world.settle(tunnel.ready());
  world.network.impair({ loss: 1 });
  await world.clock.advance(60_000);
  assert.ok(world.story[1]!.startsWith("lost: "), world.story.join());
  const waiting = tunnel.dial(7, { timeout: 120_000 });
  await world.clock.advance(20_000);
  world.network.impair({ delay: 10 });
  const since = world.clock.now();
  (await world.settle(waiting)).close();
  assert.ok(world.clock.now() - since < 45_000, `after ${world.clock.now() - since} ms`);
});

Deno.test("a blackhole shorter than two heartbeats costs no connection", async () => {
  await using world = await TunnelWorld.open();
  const tunnel = world.tunnel();
  const stream = await world.settle(tunnel.dial(7));
  world.network.impair({ loss: 1 });
  const writing = stream.write(noise(5_000));
  await world.clock.advance(6_000);
  world.network.impair({ delay: 10 });
  await world.settle(writing);
  const buffer = new Uint8Array(65_536);
  let read = 0;
  while (read < 5_000) read += (await world.settle(stream.read(buffer)))!;
  assert.deepEqual(world.story, ["up direct"]);
});

Deno.test("a NAT that forgets: the tunnel is opened anew", async () => {
  await using world = await TunnelWorld.open();
  const tunnel = world.tunnel();
  await world.settle(tunnel.ready());
  world.network.nat("203.0.113.7").rebind();
  await world.clock.advance(40_000);
  const bytes = noise(1_000);
  assert.deepEqual(await world.settle(echoed(tunnel, bytes)), bytes);
});

Deno.test("a tunnel that breaks again and again is opened less and less often", async () => {
  await using world = await TunnelWorld.open();
  const sockets: Datagrams[] = [];
  const tunnel = world.tunnel({
    openDatagrams: async (options) => {
      const socket = await world.client.openDatagrams(options);
      sockets.push(socket);
      return socket;
    },
    onEvent: (event) => {
      world.events.push(event);
      if (event.type === "up") { for (const socket of sockets) socket.close(); }
    },
  });
  tunnel.ready().catch(() => {});
  await world.clock.advance(120_000);
  const ups = world.story.filter((event) => event.startsWith("up")).length;
  assert.ok(ups >= 3 && ups <= 12, `${ups} times in two minutes`);
  assert.ok(world.story.includes("lost: socket"), world.story.join());
});

Deno.test("what does not mend itself is told at once, and tried again after a minute only", async () => {
  await using world = await TunnelWorld.open();
  world.device.fault("device-unknown");
  const tunnel = world.tunnel();
  const error = await world.failure(tunnel.dial(80));
  assert.equal(error.code, "DHIP_P2P_UNKNOWN_DEVICE");
  const asked = () => Object.values(world.cloud.stats().requests).reduce((a, b) => a + b, 0);
  const before = asked();
  assert.equal((await world.failure(tunnel.dial(80))).code, "DHIP_P2P_UNKNOWN_DEVICE");
  await world.clock.advance(55_000);
  assert.equal(asked(), before, "a cloud that refuses is left alone");
  world.device.clearFault("device-unknown");
  await world.clock.advance(10_000);
  (await world.settle(tunnel.dial(7))).close();
});

Deno.test("a refused password is asked once, and never again", async () => {
  await using world = await TunnelWorld.open();
  const tunnel = world.tunnel({ credentials: { ...ACCOUNT, password: "wrong" } });
  const error = await world.failure(tunnel.dial(80));
  assert.ok(error instanceof AuthError);
  assert.equal(error.code, "DHIP_AUTH_REFUSED");
  await world.clock.advance(300_000);
  assert.equal((await world.failure(tunnel.dial(80))).code, "DHIP_AUTH_REFUSED");
  assert.equal(world.device.stats().p2p.refusedChannels, 1);
});

Deno.test("a device that wants a signature, and nobody knows the password", async () => {
  await using world = await TunnelWorld.open();
  const error = await world.failure(world.tunnel({ credentials: undefined }).dial(80));
  assert.equal(error.code, "DHIP_P2P_AUTH_REQUIRED");
});

Deno.test("the port of a service that is not there", async () => {
  await using world = await TunnelWorld.open();
  const tunnel = world.tunnel();
  const refused = await world.failure(tunnel.dial(4_444));
  assert.equal(refused.code, "DHIP_BIND_REFUSED");
  world.device.fault("bind-unanswered");
  const silent = await world.failure(tunnel.dial(7));
  assert.equal(silent.code, "DHIP_BIND_REFUSED");
  await assert.rejects(tunnel.dial(0), RangeError);
});

Deno.test("a dial can be given up, and has a limit", async () => {
  await using world = await TunnelWorld.open();
  world.device.fault("bind-unanswered");
  const tunnel = world.tunnel();
  await world.settle(tunnel.ready());
  assert.equal((await world.failure(tunnel.dial(7, { timeout: 500 }))).code, "DHIP_TIMEOUT");
  const giveUp = new AbortController();
  const dialing = tunnel.dial(7, { signal: giveUp.signal });
  await world.clock.advance(100);
  giveUp.abort();
  assert.equal((await world.failure(dialing)).code, "DHIP_INTERRUPTED");
  assert.equal(tunnel.stats().connections, 0);
});

Deno.test("closing ends connections, refuses new ones, and leaves no timer", async () => {
  await using world = await TunnelWorld.open();
  const tunnel = world.tunnel();
  const stream = await world.settle(tunnel.dial(7));
  const reading = stream.read(new Uint8Array(10));
  await world.settle(tunnel.close());
  assert.equal(await world.settle(reading), null);
  assert.equal((await world.failure(tunnel.dial(7))).code, "DHIP_CLOSED");
  assert.equal(world.client.open, 0);
  await world.settle(tunnel.close());
});

Deno.test("closing in the middle of getting through leaves nothing behind", async () => {
  for (let time = 0; time < 400; time += 17) {
    await using world = await TunnelWorld.open();
    const tunnel = world.tunnel();
    const ready = tunnel.ready();
    ready.catch(() => {});
    await world.clock.advance(time);
    const began = world.clock.now();
    await world.settle(tunnel.close());
    assert.ok(world.clock.now() - began <= 600, `${world.clock.now() - began} ms after ${time}`);
    assert.equal(world.client.open, 0);
    const outcome = await world.settle(ready.then(() => "up", (error) => error.code));
    assert.ok(["up", "DHIP_CLOSED"].includes(outcome), outcome);
  }
});

Deno.test("a tunnel over a bad network carries what is sent", async () => {
  for (const seed of [1, 2, 3]) {
    await using world = await TunnelWorld.open({ seed });
    world.network.impair({
      loss: 0.05,
      duplicate: 0.05,
      reorder: 0.1,
      delay: 15,
      jitter: 10,
      stray: 0.1,
    });
    const bytes = noise(60_000);
    assert.deepEqual(await world.settle(echoed(world.tunnel(), bytes)), bytes);
  }
});

Deno.test("an idle tunnel sends heartbeats and acknowledges those of the device, nothing else", async () => {
  await using world = await TunnelWorld.open();
  await world.settle(world.tunnel().ready());
  await world.clock.advance(10_000);
  let sent = 0;
  world.network.onSend = (_, from) => void (from.host === world.client.address && sent++);
  await world.clock.advance(60_000);
  assert.ok(sent <= 26, `${sent} datagrams in a minute`); // 12 heartbeats, 12 acknowledgements
  assert.ok(world.clock.pending < 12, `${world.clock.pending} timers`);
});

Deno.test("a socket that broke is not taken for the end of a connection", async () => {
  await using world = await TunnelWorld.open();
  const sockets: Datagrams[] = [];
  const tunnel = world.tunnel({
    openDatagrams: async (options) => {
      const socket = await world.client.openDatagrams(options);
      sockets.push(socket);
      return socket;
    },
  });
  const stream = await world.settle(tunnel.dial(7));
  const reading = world.failure(stream.read(new Uint8Array(10)));
  const dialing = tunnel.dial(7);
  for (const socket of sockets) socket.close();
  assert.equal((await reading).code, "DHIP_TUNNEL_LOST");
  (await world.settle(dialing)).close();
  assert.deepEqual(world.story.slice(0, 2), ["up direct", "lost: socket"]);
});

Deno.test("closing ends whoever dials at the same moment", async () => {
  for (let turns = 0; turns < 12; turns++) {
    await using world = await TunnelWorld.open();
    const tunnel = world.tunnel();
    await world.settle(tunnel.ready());
    const closing = tunnel.close();
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    assert.equal((await world.failure(tunnel.dial(7))).code, "DHIP_CLOSED");
    await world.settle(closing);

    await using another = await TunnelWorld.open();
    const open = another.tunnel();
    await another.settle(open.ready());
    const dialing = open.dial(7);
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    const began = another.clock.now();
    const closed = open.close();
    const code = await another.settle(
      dialing.then(() => "open", (error: DhipError) => error.code),
    );
    assert.ok(another.clock.now() - began < 1_000, `${another.clock.now() - began} ms, ${code}`);
    assert.equal(code, "DHIP_CLOSED");
    await another.settle(closed);
  }
});

Deno.test("a serial number that cannot be one is refused before anything is tried", async () => {
  await using world = await TunnelWorld.open();
  assert.throws(() => world.tunnel({ serial: "4 F/../x" }), SyntaxError);
  assert.equal(world.client.opened.length, 0);
});

Deno.test("what the caller did wrong is told, not tried again", async () => {
  await using world = await TunnelWorld.open();
  const tunnel = world.tunnel({ session: { windowScale: 99 } });
  const error = await world.failure(tunnel.ready());
  assert.ok(error.cause instanceof RangeError && !error.retryable);
});

Deno.test("a hole that carries no session: the next attempt goes through the relay", async () => {
  await using world = await TunnelWorld.open();
  let isDeaf = true;
  const tunnel = world.tunnel({
    openDatagrams: async (options) => {
      const socket = await world.client.openDatagrams(options);
      const send = socket.send.bind(socket);
      socket.send = (bytes, to) =>
        isDeaf && classify(bytes) === "ptcp" && to.host === "198.51.100.2"
          ? Promise.resolve()
          : send(bytes, to);
      return socket;
    },
  });
  await world.settle(tunnel.ready());
  assert.deepEqual(world.story, ["retry: DHIP_TIMEOUT", "up relay"]);
  isDeaf = false;
  await world.settle(world.device.restart({ downtime: 1_000 }));
  await world.clock.advance(20_000);
  assert.equal(world.story.at(-1), "up direct", "it is not held against a path for ever");
});
