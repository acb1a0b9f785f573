/** Every fault of the way by serial number, and what it does to bytes. */

import assert from "node:assert/strict";
import type { FaultOptions } from "../../../lib/simulator/mod.ts";
import { P2P_FAULTS } from "../../../lib/simulator/p2p/faults.ts";
import { ask, prove } from "./_cloud_client.ts";
import { bind, data, hex } from "./_raw_tunnel.ts";
import { Room, TYPE0 } from "./_room.ts";

const REALM = "1a2b3c4d";
const none = { device: { p2p: { auth: "none" } } } as const;

/** What comes back of a hundred messages to port 7 within five seconds, under a fault. */
async function echoes(room: Room, fault?: string, options?: FaultOptions) {
  const peer = await room.direct();
  peer.send(bind(REALM, 7));
  await room.world.clock.advance(100);
  peer.segments.length = 0;
  if (fault !== undefined) room.world.device.fault(fault, options);
  for (let i = 0; i < 100; i++) {
    peer.send(data(REALM, new TextEncoder().encode(`message ${i};`)));
    await room.world.clock.advance(20);
  }
  await room.world.clock.advance(3000);
  const text = peer.messages().filter(([kind]) => kind === "DATA").map((each) => each[2]).join("");
  return { peer, text, stats: room.world.device.stats().p2p };
}

const ALL = Array.from({ length: 100 }, (_, i) => `message ${i};`).join("");

const PROOFS: Record<string, (room: Room) => Promise<void>> = {
  async "p2p-loss"(room) {
    const { text, stats } = await echoes(room, "p2p-loss", { probability: 0.3, direction: "out" });
    assert.ok(stats.retransmissions > 1);
    assert.ok(ALL.startsWith(text));
  },

  async "p2p-duplicate"(room) {
    const { peer, text, stats } = await echoes(room, "p2p-duplicate", { probability: 0.5 });
    assert.equal(text, ALL);
    assert.ok(peer.outOfOrder > 20 && stats.duplicates > 20);
  },

  async "p2p-reorder"(room) {
    const { text } = await echoes(room, "p2p-reorder", {
      probability: 0.5,
      lag: 100,
      direction: "in",
    });
    assert.equal(text, ALL);
    assert.ok(room.world.device.stats().p2p.emptySent > 20);
  },

  async "p2p-delay"(room) {
    const peer = await room.direct();
    peer.send(bind(REALM, 7));
    await room.world.clock.advance(50);
    assert.equal(peer.messages().length, 1);
    room.world.device.fault("p2p-delay", { delay: 500 });
    peer.send(bind(REALM, 7));
    await room.world.clock.advance(1000);
    assert.equal(peer.messages().length, 0);
    await room.world.clock.advance(20);
    assert.equal(peer.messages().length, 1);
  },

  async "p2p-truncate"(room) {
    const options = { probability: 0.3, direction: "out" };
    const { peer, text } = await echoes(room, "p2p-truncate", options);
    assert.ok(ALL.startsWith(text));
    const lengths = peer.segments.map(({ body }) => body.length);
    assert.ok(lengths.some((length) => length > 0 && length < 22));
  },

  async "p2p-stray"(room) {
    const strays: number[] = [];
    room.world.network.onSend = (bytes, from) => {
      if (from.host === "192.168.1.108") strays.push(bytes[0] ?? -1);
    };
    const { text } = await echoes(room, "p2p-stray", { probability: 0.5 });
    assert.equal(text, ALL);
    assert.ok(strays.filter((first) => ![0x50, 0x44, 0xff, 0xfe].includes(first)).length > 10);
  },

  async "p2p-blackhole"(room) {
    const peer = await room.direct();
    room.world.device.fault("p2p-blackhole");
    peer.segments.length = 0;
    await room.world.clock.advance(12_000);
    assert.deepEqual(peer.segments, []);
    room.world.device.clearFault("p2p-blackhole");
    await room.world.clock.advance(12_000);
    assert.ok(peer.segments.length > 0);
  },

  async "p2p-merge"(room) {
    room.world.device.fault("p2p-merge", { probability: 1 });
    const peer = await room.direct();
    peer.acks = 0;
    for (const realm of ["00000001", "00000002", "00000003"]) peer.send(bind(realm, 4711));
    await room.world.clock.advance(10);
    peer.send(new Uint8Array(0));
    peer.segments.length = 0;
    peer.acks = Infinity;
    await room.world.clock.advance(3000);
    assert.ok(peer.segments.some(({ body }) => body.length >= 32));
  },

  async "p2p-split"(room) {
    room.world.device.fault("p2p-split", { probability: 1 });
    const { peer, text } = await echoes(room);
    assert.equal(text, ALL);
    const bodies = peer.segments.filter(({ body }) => body.length > 0);
    assert.ok(bodies.length >= 200, `${bodies.length}`);
  },

  async "p2p-odd-segments"(room) {
    room.world.device.fault("p2p-odd-segments", { probability: 1 });
    const { peer, text } = await echoes(room);
    assert.equal(text, ALL);
    assert.ok(peer.segments.filter(({ control }) => control === 1).length >= 100);
  },

  async "p2p-repeat-syn"(room) {
    room.world.device.fault("p2p-repeat-syn", { times: 2 });
    const peer = await room.direct();
    await room.world.clock.advance(5000);
    assert.equal(peer.segments.filter(({ flags }) => flags === 2).length, 3);
  },

  async "p2p-small-window"(room) {
    room.world.device.fault("p2p-small-window", { size: 300 });
    const peer = await room.direct();
    assert.equal(peer.segments[0]!.window, 300);
  },

  async "cloud-late"(room) {
    room.world.device.fault("cloud-late", { delay: 1000, times: 1 });
    assert.deepEqual(await room.all("/probe/p2psrv", { cseq: 1 }), []);
    await room.world.clock.advance(1000);
    assert.equal(room.listener.answers.length, 1);
    assert.equal((await room.one("/probe/p2psrv")).code, 200);
  },

  async "cloud-lost"(room) {
    room.world.device.fault("cloud-lost", { method: "online" });
    assert.equal((await room.one("/probe/p2psrv")).code, 200);
    assert.deepEqual(await room.all(`/online/p2psrv/${room.serial}`), []);
    assert.equal((await room.one(`/online/p2psrv/${room.serial}`)).code, 200);
    room.world.device.fault("cloud-lost", { method: "relay-channel" });
    assert.deepEqual((await room.joined()).answers, []);
    assert.equal((await room.joined()).answers.length, 1);
  },

  async "cloud-duplicate"(room) {
    room.world.device.fault("cloud-duplicate");
    assert.equal((await room.all("/probe/p2psrv")).length, 2);
    assert.equal((await room.channel(TYPE0)).length, 4);
  },

  async "cloud-clock"(room) {
    room.world.device.fault("cloud-clock");
    const { code, headers } = await room.one("/probe/p2psrv");
    assert.equal(code, 401);
    const date = Date.parse(/Date: (\S+)/.exec(headers)![1]!);
    assert.equal((await room.one("/probe/p2psrv", { created: date })).code, 200);
  },

  async "identity-refused"(room) {
    room.world.device.fault("identity-refused", { times: 1 });
    assert.equal((await room.one("/probe/p2psrv")).code, 403);
    room.world.device.fault("identity-refused", { status: 401, times: 1 });
    assert.equal((await room.one("/probe/p2psrv")).code, 401);
    assert.equal((await room.one("/probe/p2psrv")).code, 200);
  },

  async "device-unknown"(room) {
    room.world.device.fault("device-unknown", { method: "online", times: 1 });
    assert.equal((await room.one(`/online/p2psrv/${room.serial}`)).code, 404);
    assert.equal((await room.one(`/online/p2psrv/${room.serial}`)).code, 200);
  },

  async "wrong-salt"(room) {
    room.world.device.fault("wrong-salt", { times: 1 });
    assert.equal((await room.channel(TYPE0)).at(-1)!.fields.Error, "DevPwd_InvalidSalt");
    assert.equal((await room.channel(TYPE0)).at(-1)!.code, 200);
  },

  async "nonce-refused"(room) {
    room.world.device.fault("nonce-refused");
    const proof = prove({ salt: await room.salt(), nonce: 1, local: "10.0.0.1:50000" });
    assert.equal((await room.channel(proof)).at(-1)!.fields.Error, "DevPwd_InvalidNonce");
    assert.equal((await room.channel(proof)).at(-1)!.code, 200);
  },

  async "no-direct-path"(room) {
    room.world.device.fault("no-direct-path");
    const direct = await room.direct();
    assert.deepEqual([direct.segments.length, room.listener.checks.length], [0, 0]);
    const relayed = await room.relayed();
    assert.ok(relayed.segments.length > 0);
  },

  async "nat-rebind"(room) {
    const peer = await room.direct();
    const before = (await room.channel(TYPE0)).at(-1)!.fields.PubAddr;
    room.world.device.fault("nat-rebind");
    await room.world.clock.advance(100);
    assert.notEqual((await room.channel(TYPE0)).at(-1)!.fields.PubAddr, before);
    peer.segments.length = 0;
    await room.world.clock.advance(12_000);
    assert.deepEqual(peer.segments, []);
  },

  async "relay-silent"(room) {
    room.world.device.fault("relay-silent", { what: "dispatcher" });
    const dispatcher = await room.dispatcher();
    assert.deepEqual(await room.all("/relay/agent", {}, dispatcher), []);
    room.world.device.fault("relay-silent", { what: "agent" });
    const { token, agent } = await room.relay();
    const body = "<body><Client>:0</Client></body>";
    assert.deepEqual(await room.all(`/relay/start/${token}`, { body }, agent), []);
    room.world.device.fault("relay-silent", { what: "device" });
    assert.deepEqual((await room.joined()).answers, []);
    room.world.device.fault("relay-silent", { what: "data" });
    assert.deepEqual((await room.relayed()).segments, []);
  },

  async "relay-expires"(room) {
    room.world.device.fault("relay-expires", { after: 5000, times: 1 });
    const { token } = await room.joined();
    const dispatcher = await room.dispatcher();
    await room.world.clock.advance(5000);
    assert.equal((await room.one(`/relay/unbind/${token}`, {}, dispatcher)).code, 403);
  },

  async "sign-unanswered"(room) {
    room.world.device.fault("sign-unanswered", { times: 1 });
    const peer = await room.relayed();
    peer.send(hex("170000000000000000000000"));
    await room.world.clock.advance(1000);
    assert.deepEqual(peer.messages(), []);
    peer.send(hex("170000000000000000000000"));
    await room.world.clock.advance(1000);
    assert.equal(peer.messages()[0]![0], "18");
  },

  async "bind-refused"(room) {
    room.world.device.fault("bind-refused", { port: 7, times: 1 });
    const peer = await room.direct();
    peer.send(bind("00000011", 9), bind("00000012", 7), bind("00000013", 7));
    await room.world.clock.advance(100);
    assert.deepEqual(peer.messages().map(([kind]) => kind), ["CONN", "DISC", "CONN"]);
  },

  async "bind-unanswered"(room) {
    room.world.device.fault("bind-unanswered", { port: 7, times: 1 });
    const peer = await room.direct();
    peer.send(bind("00000011", 9), bind("00000012", 7), bind("00000013", 7));
    await room.world.clock.advance(100);
    assert.deepEqual(peer.messages().map(([, realm]) => realm), [0x11, 0x13]);
  },
};

Deno.test("every fault of the way by serial number has its proof", () => {
  assert.deepEqual(Object.keys(PROOFS), P2P_FAULTS.map(({ name }) => name));
});

for (const [name, proof] of Object.entries(PROOFS)) {
  Deno.test(`fault ${name}`, async () => {
    await using room = await Room.open(none);
    await proof(room);
    assert.equal((room.world.device.stats().faults[name] ?? 0) > 0, true, "it is counted");
  });
}

Deno.test("strikes of the cloud's faults are those of the device that a request names", async () => {
  await using room = await Room.open(none);
  room.world.device.fault("device-unknown", { method: "probe-device" });
  const server = await room.server();
  assert.equal((await room.one(`/probe/device/${room.serial}`, {}, server)).code, 404);
  room.listener.send(ask("/probe/p2psrv", { created: room.now }), room.main);
  await room.world.clock.advance(20);
  assert.equal(room.listener.answers.at(-1)!.code, 200);
});
