/** Hole punching without a network: what goes in, what comes out. No permissions needed. */

import assert from "node:assert/strict";
import fc from "fast-check";
import type { DatagramAddress } from "../../lib/net/udp.ts";
import { HolePunch, LAN_PREFERENCE, PUNCH_INTERVAL } from "../../lib/p2p/hole_punch.ts";
import { encodePunch, type PunchPacket, readPunch } from "../../lib/p2p/istun.ts";
import { scaled } from "../support/random.ts";

const OWN = {
  identify: Uint8Array.fromHex("0102030405060708"),
  cookie: Uint8Array.fromHex("a1a2a3a4"),
  transaction: Uint8Array.fromHex("b0b1b2b3b4b5b6b7b8b9babb"),
  plain: false,
};
const THEIRS = {
  identify: Uint8Array.fromHex("f1f2f3f4f5f6f7f8"),
  cookie: Uint8Array.fromHex("c1c2c3c4"),
  transaction: Uint8Array.fromHex("d0d1d2d3d4d5d6d7d8d9dadb"),
  plain: false,
};
const PUBLIC: DatagramAddress = { host: "198.51.100.9", port: 22508 };
const LAN: DatagramAddress = { host: "192.168.1.100", port: 22508 };
const STRANGER: DatagramAddress = { host: "203.0.113.5", port: 9 };

interface Out {
  readonly packet: PunchPacket;
  readonly to: DatagramAddress;
}

function drain(punch: HolePunch, now: number): Out[] {
  const out: Out[] = [];
  for (let next; (next = punch.poll(now)) !== null;) {
    out.push({ packet: readPunch(next.bytes)!, to: next.to });
  }
  return out;
}

const request = encodePunch({ ...THEIRS, kind: "request", address: PUBLIC });
const response = encodePunch({ ...OWN, kind: "response", address: PUBLIC });
const started = (lan: DatagramAddress[] = [LAN]) => {
  const punch = new HolePunch(OWN);
  punch.start({ lan, public: [PUBLIC] }, 0);
  return punch;
};

Deno.test("requests go to every address at once and again until one answers", () => {
  const punch = started();
  const kinds = (out: Out[]) => out.map(({ packet, to }) => [packet.kind, to.host]);
  const round = [["request", LAN.host], ["request", PUBLIC.host]];
  assert.deepEqual(kinds(drain(punch, 0)), round);
  assert.equal(punch.deadline, PUNCH_INTERVAL);
  assert.deepEqual(drain(punch, PUNCH_INTERVAL - 1), []);
  assert.deepEqual(kinds(drain(punch, PUNCH_INTERVAL)), round);
  assert.equal(punch.deadline, 2 * PUNCH_INTERVAL);
  punch.input(response, LAN, 500);
  assert.deepEqual(punch.peer, LAN);
  assert.equal(punch.deadline, Infinity);
  assert.deepEqual(kinds(drain(punch, 500)), Array(5).fill(["confirmation", LAN.host]));
  assert.deepEqual(drain(punch, 5000), []);
});

Deno.test("a request of the device is answered with its own cookie and transaction, for ever", () => {
  const punch = started();
  punch.input(response, LAN, 0);
  drain(punch, 0);
  for (const now of [1, 1000, 3_600_000]) {
    punch.input(request, PUBLIC, now);
    const [answer, ...rest] = drain(punch, now);
    assert.deepEqual(rest, []);
    assert.deepEqual(answer!.to, PUBLIC);
    assert.equal(answer!.packet.kind, "response");
    assert.deepEqual(answer!.packet.cookie, THEIRS.cookie);
    assert.deepEqual(answer!.packet.transaction, THEIRS.transaction);
    assert.deepEqual(answer!.packet.identify, OWN.identify);
    assert.equal(answer!.packet.role, "controlled");
  }
  assert.deepEqual(punch.peer, LAN);
});

Deno.test("an answer of the own network wins over one from outside that came a little earlier", () => {
  const punch = started();
  drain(punch, 0);
  punch.input(response, PUBLIC, 10);
  assert.equal(punch.peer, null);
  assert.equal(punch.deadline, 10 + LAN_PREFERENCE);
  punch.input(response, LAN, 60);
  assert.deepEqual(punch.peer, LAN);
});

Deno.test("without an answer of the own network the public address is settled on", () => {
  const punch = started();
  punch.input(response, PUBLIC, 10);
  drain(punch, 9 + LAN_PREFERENCE);
  assert.equal(punch.peer, null);
  drain(punch, 10 + LAN_PREFERENCE);
  assert.deepEqual(punch.peer, PUBLIC);
  punch.input(response, LAN, 500);
  assert.deepEqual(punch.peer, PUBLIC, "it never changes again");

  const alone = started([]);
  alone.input(response, PUBLIC, 10);
  assert.deepEqual(alone.peer, PUBLIC);
});

Deno.test("a device heard from an unexpected port is asked there", () => {
  const punch = started([]);
  drain(punch, 0);
  const moved = { host: PUBLIC.host, port: 61_000 };
  punch.input(request, moved, 5);
  assert.deepEqual(
    drain(punch, 5).map(({ packet, to }) => [packet.kind, to]),
    [["response", moved], ["request", moved]],
  );
  assert.equal(punch.peer, null, "its request alone says nothing of our way to it");
  punch.input(response, moved, 9);
  assert.deepEqual(punch.peer, moved);
});

Deno.test("packets may come before the cloud has told the addresses", () => {
  const punch = new HolePunch(OWN);
  assert.equal(punch.deadline, Infinity);
  punch.input(request, PUBLIC, 0);
  assert.deepEqual(drain(punch, 0), [], "not yet known to be the device's");
  punch.input(
    encodePunch({ ...THEIRS, ...{ identify: OWN.identify }, kind: "request", address: null }),
    PUBLIC,
    0,
  );
  assert.deepEqual(drain(punch, 0).map(({ packet }) => packet.kind), ["response", "request"]);
  punch.input(response, PUBLIC, 1);
  assert.deepEqual(punch.peer, PUBLIC);
});

Deno.test("confirmations count with either side's transaction", () => {
  const confirm = (of: typeof OWN) => encodePunch({ ...of, kind: "confirmation", address: null });
  const mine = started([]);
  mine.input(confirm(OWN), PUBLIC, 0);
  assert.deepEqual(mine.peer, PUBLIC);
  const theirs = started([]);
  theirs.input(request, PUBLIC, 0);
  theirs.input(confirm(THEIRS), PUBLIC, 1);
  assert.deepEqual(theirs.peer, PUBLIC);
  const told = new HolePunch(OWN);
  told.start({ lan: [], public: [PUBLIC], identify: THEIRS.identify }, 0);
  told.input(request, STRANGER, 0);
  told.input(confirm(THEIRS), STRANGER, 1);
  assert.deepEqual(told.peer, STRANGER, "another address of the device, by its Identify");
});

Deno.test("a device that speaks plain STUN is spoken to in the same way", () => {
  const punch = started([]);
  drain(punch, 0);
  punch.input(encodePunch({ ...THEIRS, kind: "request", address: null, plain: true }), PUBLIC, 5);
  const forms = (out: Out[]) => out.map(({ packet }) => [packet.kind, packet.plain]);
  assert.deepEqual(forms(drain(punch, 5)), [["response", true], ["request", true]]);
  assert.deepEqual(forms(drain(punch, PUNCH_INTERVAL)), [["request", true]]);
  punch.input(encodePunch({ ...OWN, kind: "response", address: null, plain: true }), PUBLIC, 500);
  assert.deepEqual(punch.peer, PUBLIC);
  assert.deepEqual(forms(drain(punch, 500)), Array(5).fill(["confirmation", true]));
});

Deno.test("strangers are neither answered nor settled on", () => {
  const punch = started();
  drain(punch, 0);
  punch.input(request, STRANGER, 1);
  punch.input(encodePunch({ ...THEIRS, kind: "confirmation", address: null }), STRANGER, 2);
  assert.deepEqual(drain(punch, 3), []);
  assert.equal(punch.peer, null);
});

Deno.test("random and changed packets settle nothing and never make an endless stream", () => {
  const changed = (...packets: Uint8Array[]) =>
    fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.tuple(fc.constantFrom(...packets), fc.nat(43), fc.nat(255)).map(([of, at, value]) => {
        const copy = of.slice();
        copy[at] = value;
        return copy;
      }),
    );
  const event = fc.oneof(
    fc.tuple(changed(request, response), fc.constantFrom(PUBLIC, LAN), fc.nat(300)),
    // A stranger does not know our transaction.
    fc.tuple(changed(request), fc.constant(STRANGER), fc.nat(300)),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      const punch = started();
      let now = 0;
      let sent = 0;
      for (const [datagram, address, later] of events) {
        now += later;
        punch.input(datagram, address, now);
        sent += drain(punch, now).length;
      }
      assert.ok(punch.asked.length <= 24);
      assert.ok(sent <= 2 + events.length * (2 + punch.asked.length) + 5);
      if (punch.peer !== null) assert.notDeepEqual(punch.peer, STRANGER);
    }),
    { numRuns: scaled(20_000) },
  );
});
