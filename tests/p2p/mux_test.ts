/** Realms over one session: opening, closing, fairness, and readers that do not read. */

import assert from "node:assert/strict";
import { ReadBudget } from "../../lib/p2p/_read_budget.ts";
import { Realm } from "../../lib/p2p/_realm.ts";
import { bindMessage } from "../../lib/p2p/tou.ts";
import { seeded } from "../support/random.ts";
import { MuxPair } from "./_mux_pair.ts";

const MiB = 1024 * 1024;

/** Reads what is there, at most `limit` bytes. */
function drain(realm: Realm, limit = Infinity): number {
  const buffer = new Uint8Array(65_536);
  let total = 0;
  while (total < limit) {
    const read = realm.read(buffer.subarray(0, Math.min(buffer.length, limit - total)));
    if (read === 0) break;
    total += read;
  }
  return total;
}

Deno.test("a realm opens with CONN, carries, and ends with the device's DISC after its last byte", () => {
  const pair = new MuxPair();
  const realm = pair.mux.open(554);
  assert.equal(realm.state, "waiting");
  pair.run(10);
  assert.equal(realm.state, "open");
  realm.write(new Uint8Array(3_000));
  pair.run(10);
  assert.equal(pair.received.get(realm.id), 3_000);
  pair.data(realm.id, 5_000);
  pair.status(realm.id, "DISC");
  pair.run(10);
  assert.equal(realm.state, "closed");
  assert.equal(drain(realm), 5_000);
  assert.equal(realm.end, "disconnected");
  assert.deepEqual(pair.take(), ["bind"], "nothing is answered to a DISC");
});

Deno.test("BINDs go one at a time; a silent one holds the others back for a second", () => {
  const pair = new MuxPair({ answers: false });
  const realms = [1, 2, 3].map((port) => pair.mux.open(port));
  pair.run(500);
  assert.deepEqual(pair.take(), ["bind"]);
  pair.status(realms[0]!.id, "CONN");
  pair.run(100);
  assert.deepEqual(pair.take(), ["bind"]);
  pair.run(1_100);
  assert.deepEqual(pair.take(), ["bind"]);
  pair.status(realms[2]!.id, "CONN");
  pair.status(realms[1]!.id, "CONN");
  pair.run(10);
  assert.deepEqual(realms.map(({ state }) => state), ["open", "open", "open"]);
});

Deno.test("a BIND without an answer ends after 10 s, and a late CONN is not accepted", () => {
  const pair = new MuxPair({ answers: false });
  const realm = pair.mux.open(80);
  pair.run(9_900);
  assert.equal(realm.state, "binding");
  pair.run(200);
  assert.equal(realm.end, "no-answer");
  assert.ok(pair.take().includes("DISC"));
  pair.status(realm.id, "CONN");
  pair.run(100);
  assert.equal(realm.state, "closed");
});

Deno.test("DISC instead of CONN is a refusal", () => {
  const pair = new MuxPair({ answers: false });
  const realm = pair.mux.open(81);
  pair.run(10);
  pair.status(realm.id, "DISC");
  pair.run(10);
  assert.equal(realm.end, "refused");
});

Deno.test("closing tells the device; what it still sends is dropped in silence", () => {
  const pair = new MuxPair();
  const realm = pair.mux.open(554);
  pair.run(10);
  realm.close();
  pair.data(realm.id, 10_000);
  pair.run(100);
  assert.deepEqual(pair.take(), ["bind", "DISC"]);
  assert.equal(pair.mux.held, 0);
});

Deno.test("a realm closed before its BIND was sent never reaches the device", () => {
  const pair = new MuxPair({ answers: false });
  const first = pair.mux.open(1);
  const second = pair.mux.open(2);
  pair.run(10);
  second.close();
  pair.status(first.id, "CONN");
  pair.run(2_000);
  assert.deepEqual(pair.take(), ["bind"]);
});

Deno.test("data for a realm that never was is answered with one DISC", () => {
  const pair = new MuxPair();
  pair.data(77, 3_000);
  pair.run(10);
  pair.data(77, 3_000);
  pair.run(10);
  assert.deepEqual(pair.take(), ["DISC"]);
});

Deno.test("a device that wants to connect to us is refused", () => {
  const pair = new MuxPair();
  pair.send(bindMessage(5, 22));
  pair.run(10);
  assert.deepEqual(pair.take(), ["DISC"]);
});

Deno.test("heartbeats every 5 s; two without a sign of life end the session", () => {
  const pair = new MuxPair();
  const realm = pair.mux.open(554);
  pair.run(16_000);
  assert.equal(pair.take().filter((type) => type === "heartbeat").length, 3);
  pair.isDead = true;
  pair.run(9_500); // the heartbeat at 20 s is without an answer, and so is the one after it
  assert.equal(pair.mux.state, "established");
  pair.run(1_500);
  assert.equal(pair.mux.failure, "heartbeat");
  assert.equal(realm.end, "failed");
  assert.equal(pair.mux.open(80).end, "failed");
});

Deno.test("a heartbeat that is lost again and again: the device is asked otherwise, and lives", () => {
  const pair = new MuxPair();
  pair.loses = (datagram) => datagram.length > 24;
  pair.run(15_000);
  assert.equal(pair.mux.state, "established");
  pair.loses = () => false;
  pair.run(10_000);
  assert.ok(pair.take().includes("heartbeat"));
});

Deno.test("a computer that slept goes on when the device does", () => {
  const pair = new MuxPair({ delay: 50 });
  const realm = pair.mux.open(554);
  pair.run(4_000);
  for (let heartbeats = 0; heartbeats === 0;) {
    pair.run(100);
    heartbeats = pair.take().filter((type) => type === "heartbeat").length;
  }
  pair.run(20); // the answer is on its way
  pair.now += 25_000;
  pair.run(20_000);
  assert.equal(pair.mux.failure, undefined);
  assert.equal(realm.state, "open");
});

Deno.test("a sign is asked for, shown and confirmed", () => {
  const pair = new MuxPair();
  pair.mux.requestSign();
  pair.run(10);
  assert.deepEqual(pair.take(), ["sign-request"]);
  pair.send(Uint8Array.of(0x18, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 7, 9));
  pair.run(10);
  assert.deepEqual(pair.mux.sign, Uint8Array.of(7, 9));
  pair.mux.authorise(Uint8Array.of(7, 9));
  pair.run(10);
  assert.deepEqual(pair.messages.splice(0), [{ type: "auth", sign: Uint8Array.of(7, 9) }]);
  assert.equal(pair.mux.authorised, false);
  pair.send(Uint8Array.of(0x1a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  pair.run(10);
  assert.equal(pair.mux.authorised, true);
  assert.deepEqual(pair.take(), ["auth-done"]);
});

Deno.test("what nobody knows is told once for each type", () => {
  const told: number[] = [];
  const pair = new MuxPair({ onUnknown: (type) => void told.push(type) });
  for (const type of [0x1e, 0x1e, 0x1f]) pair.send(Uint8Array.of(type, 1, 2, 3));
  pair.run(10);
  assert.deepEqual(told, [0x1e, 0x1f]);
});

Deno.test("a reader that is alone and stops makes the device wait, for as long as it likes", () => {
  const pair = new MuxPair();
  const realm = pair.mux.open(554);
  pair.run(10);
  let sent = 0;
  pair.run(60_000, () => sent += pair.data(realm.id, 4 * MiB - sent));
  assert.equal(realm.state, "open");
  assert.ok(realm.queued <= 256 * 1024 + 65_535, `${realm.queued} bytes wait`);
  let read = 0;
  pair.run(60_000, () => {
    read += drain(realm);
    sent += pair.data(realm.id, 4 * MiB - sent);
  });
  assert.equal(sent, 4 * MiB);
  assert.equal(read, 4 * MiB);
});

Deno.test("a reader that never reads stalls no other, and is closed when memory is used up", () => {
  const pair = new MuxPair({ sharedLimit: 2 * MiB });
  const [dead, live] = [pair.mux.open(1), pair.mux.open(2)];
  pair.run(20);
  let read = 0;
  let most = 0;
  pair.run(60_000, () => {
    pair.data(dead.id, 1_280);
    pair.data(live.id, 1_280);
    read += drain(live);
    most = Math.max(most, pair.mux.held);
  });
  assert.equal(dead.end, "stuck");
  assert.equal(live.state, "open");
  assert.ok(most <= 2 * MiB + 65_535, `${most} bytes were held`);
  assert.ok(read > 8 * MiB, `only ${read} bytes went on`);
});

Deno.test("a slow reader among others is not closed", () => {
  const pair = new MuxPair({ sharedLimit: MiB });
  const [slow, live] = [pair.mux.open(1), pair.mux.open(2)];
  pair.run(20);
  for (let step = 0; step < 200; step++) {
    drain(slow, 3_200); // 32 KB a second
    pair.run(100, () => {
      pair.data(slow.id, 1_280);
      pair.data(live.id, 1_280);
      drain(live);
    });
  }
  assert.equal(slow.state, "open");
});

Deno.test("eight writers share the session fairly, a small one among them", () => {
  const pair = new MuxPair({ receiveBuffer: 20_000, delay: 10 });
  const realms = Array.from({ length: 8 }, (_, index) => pair.mux.open(index + 1));
  pair.run(500);
  const block = new Uint8Array(65_536);
  pair.run(20_000, () => {
    for (const realm of realms) if (realm.state === "open" && !realm.writing) realm.write(block);
  });
  const bytes = realms.map(({ id }) => pair.received.get(id) ?? 0);
  const sum = bytes.reduce((a, b) => a + b, 0);
  const jain = sum ** 2 / (8 * bytes.reduce((a, b) => a + b * b, 0));
  assert.ok(jain >= 0.95, `Jain index ${jain} of ${bytes.join()}`);
});

Deno.test("a device that does not read makes writers wait, and its window is asked for", () => {
  const pair = new MuxPair();
  const realm = pair.mux.open(554);
  pair.run(10);
  pair.isStalled = true;
  realm.write(new Uint8Array(MiB));
  pair.run(30_000);
  assert.ok(realm.writing);
  assert.equal(realm.state, "open");
  assert.equal(pair.mux.stats.peerWindow, 0);
});

Deno.test("with a window scale the device may have more than 64 KiB on the way", () => {
  for (const [windowScale, window] of [[0, 65_535], [2, 4 * 65_535]] as const) {
    const pair = new MuxPair({ windowScale });
    const realm = pair.mux.open(554);
    pair.run(10);
    pair.data(realm.id, 50_000);
    pair.run(100, () => void drain(realm));
    assert.ok(Math.abs(pair.deviceMaySend - window) <= 1_316, `${pair.deviceMaySend} bytes`);
  }
  assert.throws(() => new MuxPair({ windowScale: 9 }), RangeError);
});

Deno.test("a port is 1 to 65535", () => {
  const pair = new MuxPair();
  for (const port of [0, -1, 65_536, 1.5]) assert.throws(() => pair.mux.open(port), RangeError);
});

Deno.test("a reader that is alone and stops does not keep others from connecting", () => {
  const pair = new MuxPair();
  const dead = pair.mux.open(1);
  pair.run(10);
  let sent = 0;
  pair.run(20_000, () => sent += pair.data(dead.id, 4 * MiB - sent));
  const live = pair.mux.open(2);
  pair.run(5_000);
  assert.equal(live.state, "open");
  assert.equal(dead.state, "open");
});

Deno.test("what a closed connection has left unread stalls no other", () => {
  const pair = new MuxPair();
  const [dead, live] = [pair.mux.open(1), pair.mux.open(2)];
  pair.run(20);
  let sent = 0;
  pair.run(5_000, () => sent += pair.data(dead.id, 2 * MiB - sent));
  pair.status(dead.id, "DISC");
  pair.run(100);
  assert.equal(dead.end, "disconnected");
  let read = 0;
  pair.run(20_000, () => {
    pair.data(live.id, 1_280);
    read += drain(live);
  });
  assert.ok(read > MiB, `only ${read} bytes went on`);
  assert.equal(drain(dead), 2 * MiB, "and it can still be read");
});

Deno.test("the watch on readers is always due later than now", () => {
  for (let seed = 0; seed < 1_000; seed++) {
    const budget = new ReadBudget({ alone: 10, shared: 10 });
    const taken = (realm: Realm, bytes: number) => budget.taken(realm, bytes);
    const owner = { taken, written() {}, closed() {} };
    const realm = new Realm(1, 80, owner);
    const since = seeded(seed)() * 10_000 / 3; // with all bits of a fraction
    realm.receive(new Uint8Array(100_000));
    budget.queued(realm, 100_000, since);
    const stop = () => assert.fail("it reads");
    budget.settle(since, 2, stop);
    const now = budget.deadline;
    realm.read(new Uint8Array(50_000));
    budget.settle(now, 2, stop);
    assert.ok(budget.deadline > now, `${budget.deadline} after ${now}`);
  }
});

Deno.test("many readers that stopped, none with much unread: room is made for those who read", () => {
  const pair = new MuxPair({ sharedLimit: 2 * MiB });
  const dead = Array.from({ length: 20 }, (_, index) => pair.mux.open(index + 2));
  const live = pair.mux.open(1);
  pair.run(1_000);
  let read = 0;
  pair.run(30_000, () => {
    for (const realm of dead) if (realm.state === "open") pair.data(realm.id, 1_280);
    pair.data(live.id, 1_280);
    read += drain(live);
  });
  assert.equal(live.state, "open");
  assert.ok(read > 4 * MiB, `only ${read} bytes went on`);
});

Deno.test("a device that asks much and takes nothing fills no memory", () => {
  const pair = new MuxPair();
  pair.isStalled = true;
  pair.run(100);
  const realm = pair.mux.open(1);
  pair.run(100);
  realm.write(new Uint8Array(MiB));
  pair.run(1_000);
  assert.equal(pair.mux.stats.peerWindow, 0);
  for (let id = 10; id < 20_000; id++) {
    pair.send(bindMessage(id, 22));
    if (id % 50 === 0) pair.run(20);
  }
  pair.run(300_000);
  pair.take();
  pair.resume();
  pair.run(5_000);
  const answers = pair.take();
  assert.ok(answers.filter((type) => type === "DISC").length <= 300, `${answers.length} messages`);
  assert.ok(
    answers.filter((type) => type === "heartbeat").length <= 2,
    "one that waited, one since",
  );
});
