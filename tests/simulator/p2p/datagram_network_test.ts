/** The network in memory that the tests of the tunnel stand on. */

import assert from "node:assert/strict";
import type { DatagramAddress, Datagrams } from "../../../lib/net/udp.ts";
import { ImpairedLink, type Impairment } from "../../../lib/simulator/p2p/impairment.ts";
import { DatagramNetwork } from "../../support/datagram_network.ts";
import { seeded } from "../../support/random.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

function numbered(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => bytes(i >> 8, i & 0xff, 1, 2, 3, 4));
}

async function over(impairment: Impairment, count = 2000, seed = 1) {
  const clock = new VirtualClock();
  const network = new DatagramNetwork({ clock, random: seeded(seed), impairment });
  const [a, b] = [network.host("10.0.0.1"), network.host("10.0.0.2")];
  const from = await a.openDatagrams();
  const to = await b.openDatagrams({ port: 7 });
  for (const datagram of numbered(count)) {
    await from.send(datagram, to.address);
    await clock.advance(0);
  }
  await clock.advance(60_000);
  const seen: { number: number; size: number; from: DatagramAddress }[] = [];
  const reading = drain(to, (datagram, sender) =>
    seen.push({
      number: datagram[0]! << 8 | datagram[1]!,
      size: datagram.length,
      from: sender,
    }));
  await clock.advance(0);
  to.close();
  await reading;
  return seen;
}

async function drain(socket: Datagrams, see: (bytes: Uint8Array, from: DatagramAddress) => void) {
  for await (const { bytes, from } of socket) see(bytes.slice(), from);
}

Deno.test("a perfect link delivers everything in order", async () => {
  const seen = await over({});
  assert.deepEqual(seen.map((each) => each.number), numbered(2000).map((_, i) => i));
});

Deno.test("each kind of trouble happens as often as asked for, and the same for a seed", async () => {
  const near = (value: number, wanted: number) =>
    assert.ok(Math.abs(value - wanted) < 60, `${value} is not near ${wanted}`);
  near((await over({ loss: 0.2 })).length, 1600);
  near((await over({ duplicate: 0.2 })).length, 2400);
  near((await over({ truncate: 0.2 })).filter((each) => each.size < 6).length, 400);
  near((await over({ stray: 0.2 })).length, 2400);
  assert.ok((await over({ stray: 0.2 })).some((each) => each.from.host !== "10.0.0.1"));
  assert.deepEqual(await over({ loss: 0.3, stray: 0.1 }), await over({ loss: 0.3, stray: 0.1 }));
});

Deno.test("jitter keeps the order, reordering does not, and nothing is lost by either", async () => {
  const order = async (impairment: Impairment) =>
    (await over(impairment, 1000)).map((each) => each.number);
  const sorted = numbered(1000).map((_, i) => i);
  assert.deepEqual(await order({ delay: 5, jitter: 50 }), sorted);
  const mixed = await order({ reorder: 0.1 });
  assert.notDeepEqual(mixed, sorted);
  assert.deepEqual(mixed.toSorted((a, b) => a - b), sorted);
});

Deno.test("a blackhole swallows and ends", () => {
  const link = new ImpairedLink({ blackhole: 1, blackholeTime: 100 }, () => 0.5);
  assert.deepEqual(link.send(bytes(1), 0), []);
  link.impairment = {};
  assert.equal(link.send(bytes(1), 0).length, 1);
  link.die(50);
  assert.deepEqual(link.send(bytes(1), 49), []);
  assert.equal(link.send(bytes(1), 50).length, 1);
});

Deno.test("a NAT lets in whom its host has written to, and forgets that when it rebinds", async () => {
  const clock = new VirtualClock();
  const network = new DatagramNetwork({ clock, random: seeded(3) });
  const nat = network.nat("198.51.100.1");
  const inner = await nat.host("192.168.1.10").openDatagrams();
  const outer = await network.host("203.0.113.5").openDatagrams({ port: 9 });
  const other = await network.host("203.0.113.6").openDatagrams({ port: 9 });
  const heard: string[] = [];
  const seen: DatagramAddress[] = [];
  const reading = Promise.all([
    drain(inner, (datagram) => heard.push(datagram.join())),
    drain(outer, (_, from) => seen.push(from)),
  ]);
  await inner.send(bytes(1), outer.address);
  await clock.advance(1);
  assert.equal(seen[0]?.host, "198.51.100.1");
  await outer.send(bytes(2), seen[0]!);
  await other.send(bytes(3), seen[0]!);
  await clock.advance(1);
  assert.deepEqual(heard, ["2"]);
  nat.rebind();
  await outer.send(bytes(4), seen[0]!);
  await inner.send(bytes(5), outer.address);
  await clock.advance(1);
  assert.deepEqual(heard, ["2"]);
  assert.notEqual(seen[1]?.port, seen[0]?.port);
  for (const socket of [inner, outer, other]) socket.close();
  await reading;
});

Deno.test("a symmetric NAT has another port for every destination", async () => {
  const clock = new VirtualClock();
  const network = new DatagramNetwork({ clock, random: seeded(4) });
  const nat = network.nat("198.51.100.1", "symmetric");
  const inner = await nat.host("192.168.1.10").openDatagrams();
  const ports = new Set<number>();
  const outers = await Promise.all(
    [1, 2].map((i) => network.host(`203.0.113.${i}`).openDatagrams({ port: 9 })),
  );
  const reading = outers.map((outer) => drain(outer, (_, from) => ports.add(from.port)));
  for (const outer of outers) await inner.send(bytes(1), outer.address);
  await clock.advance(1);
  assert.equal(ports.size, 2);
  for (const socket of [inner, ...outers]) socket.close();
  await Promise.all(reading);
});

Deno.test("hosts of one network reach each other by their private addresses", async () => {
  const clock = new VirtualClock();
  const network = new DatagramNetwork({ clock, random: seeded(5) });
  const nat = network.nat("198.51.100.1");
  const a = await nat.host("192.168.1.10").openDatagrams();
  const b = await nat.host("192.168.1.11").openDatagrams({ port: 80 });
  const seen: DatagramAddress[] = [];
  const reading = drain(b, (_, from) => seen.push(from));
  await a.send(bytes(1), { host: "192.168.1.11", port: 80 });
  await clock.advance(1);
  assert.deepEqual(seen, [a.address]);
  a.close();
  b.close();
  await reading;
});

Deno.test("one direction can be worse than the other", async () => {
  const clock = new VirtualClock();
  const network = new DatagramNetwork({ clock, random: seeded(6) });
  const a = await network.host("10.0.0.1").openDatagrams();
  const b = await network.host("10.0.0.2").openDatagrams();
  network.impair({ loss: 1 }, { from: "10.0.0.1" });
  await a.send(bytes(1), b.address);
  await b.send(bytes(2), a.address);
  assert.equal(network.counters.delivered, 1);
  network.impair({});
  await a.send(bytes(1), b.address);
  assert.equal(network.counters.delivered, 2);
  a.close();
  b.close();
});
