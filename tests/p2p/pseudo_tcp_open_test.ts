/** How a session of PseudoTcp begins and ends. */

import assert from "node:assert/strict";
import { PseudoTcp } from "../../lib/p2p/pseudo_tcp.ts";
import { FLAG_CTL, FLAG_RST } from "../../lib/p2p/segment.ts";
import { bytes, Script, segment, SYN_BODY } from "./_script.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name: `PseudoTcp ${name}`, permissions: "none", fn });
}

test("opens with the SYN of libjingle, byte for byte", () => {
  const tcp = new PseudoTcp({ deliver: () => {} });
  tcp.connect(60_000);
  const syn = tcp.poll(60_000)!.toHex();
  assert.equal(syn, "5054435000000000000000000002ffff0000ea600000000000030100");
});

test("tells its window and its scale in the SYN", () => {
  const script = new Script({ receiveBuffer: 8_000 });
  script.tcp.connect(script.now);
  assert.equal(script.sent()[0]!.window, 8_000);
  const scaled = new Script({ receiveBuffer: 4 * 65_535, windowScale: 2 });
  scaled.tcp.connect(scaled.now);
  const [syn] = scaled.sent();
  assert.equal(syn!.window, 65_535);
  assert.deepEqual([...syn!.body], [0, 3, 1, 2]);
});

test("repeats the SYN every second, unchanged, and gives up after thirty", () => {
  const script = new Script();
  script.tcp.connect(script.now);
  const seen = script.pass(60_000);
  assert.equal(seen.length, 30);
  for (const [index, { flags, sequence, window, timestamp, body }] of seen.entries()) {
    assert.deepEqual([flags, sequence, window], [FLAG_CTL, 0, 0xffff]);
    assert.deepEqual(body, SYN_BODY);
    assert.equal(timestamp, 1_000 + 1_000 * index);
  }
  assert.equal(script.tcp.failure, "no-answer");
  assert.equal(script.tcp.deadline, Infinity);
  assert.equal(script.tcp.poll(script.now), null);
});

test("acknowledges at once after the peer's SYN, so that a passive peer is established", () => {
  const script = new Script();
  script.tcp.connect(script.now);
  script.sent();
  script.takeSyn({ timestamp: 777 });
  const [ack, ...others] = script.sent();
  assert.deepEqual(others, []);
  assert.equal(ack!.body.length, 0);
  assert.deepEqual([ack!.sequence, ack!.acknowledgement, ack!.timestampEcho], [4, 4, 777]);
  assert.equal(script.tcp.state, "established");
});

test("is established by a SYN that crosses its own, and sends its own again", () => {
  const script = new Script({ start: 86_400_000 }); // the clock has run for long
  script.tcp.connect(script.now);
  script.sent();
  script.takeSyn({ acknowledgement: 0 });
  assert.equal(script.sent()[0]!.acknowledgement, 4);
  const again = script.pass(1_100).find(({ body }) => body.length > 0)!;
  assert.deepEqual([again.flags, again.sequence], [FLAG_CTL, 0]);
  assert.deepEqual(again.body, SYN_BODY);
  assert.equal(script.tcp.state, "established");
});

test("waits for the peer's SYN: earlier segments are of no known place", () => {
  const script = new Script();
  script.tcp.connect(script.now);
  script.sent();
  script.take({ sequence: 4 }, bytes(10));
  assert.deepEqual(script.sent(), []);
  assert.deepEqual(script.delivered, []);
  script.takeSyn();
  script.take({}, bytes(10));
  assert.deepEqual(script.delivered, [...bytes(10)]);
});

test("takes a repeated SYN for a lost acknowledgement and never counts it", () => {
  const script = Script.open();
  for (let i = 1; i <= 30; i++) {
    script.now += 1_000;
    script.take({ sequence: 0, flags: FLAG_CTL }, SYN_BODY);
    const [ack, ...others] = script.sent();
    assert.equal(others.length, 0);
    assert.equal(ack!.acknowledgement, 4);
  }
  script.take({}, bytes(3));
  assert.deepEqual(script.delivered, [0, 1, 2]);
  assert.equal(script.next()[0]!.acknowledgement, 7);
});

test("lives through SYNs of a peer that hears nothing, though it is heard itself", () => {
  // The peer was established by our SYN and sends; all our acknowledgements are lost.
  const script = Script.open();
  script.now += 100;
  script.take({}, bytes(3));
  script.pass(200);
  script.now += 1_000;
  script.take({ sequence: 0, flags: FLAG_CTL }, SYN_BODY); // acknowledges our SYN
  assert.equal(script.tcp.state, "established");
  assert.equal(script.sent()[0]!.acknowledgement, 7);
});

test("lives through a SYN that was overtaken by its repetition and by data", () => {
  const script = new Script();
  script.tcp.connect(script.now);
  script.sent();
  script.takeSyn({ timestamp: 503 });
  script.take({ timestamp: 504 }, bytes(3));
  script.take({ sequence: 0, acknowledgement: 0, flags: FLAG_CTL, timestamp: 500 }, SYN_BODY);
  assert.equal(script.tcp.state, "established");
});

test("lives through a late copy of the peer's SYN", () => {
  const script = Script.open();
  const synAt = script.now;
  script.now += 5_000;
  script.take({}, bytes(3));
  script.take(
    { sequence: 0, acknowledgement: 0, flags: FLAG_CTL, timestamp: synAt },
    SYN_BODY,
  );
  assert.equal(script.tcp.state, "established");
});

for (const [clock, timestamp] of [["that ran on", 700_000], ["that began anew", 5]] as const) {
  test(`has failed when the peer opens again, with a clock ${clock}`, () => {
    const script = Script.open({ start: 600_000 });
    script.now += 5_000;
    script.take({}, bytes(3));
    script.send(100, 3);
    script.pass(50);
    script.take({ sequence: 0, acknowledgement: 0, flags: FLAG_CTL, timestamp }, SYN_BODY);
    assert.equal(script.tcp.state, "failed");
    assert.equal(script.tcp.failure, "restarted");
    assert.deepEqual(script.sent(), []);
    assert.equal(script.tcp.deadline, Infinity);
  });
}

test("has failed when the peer resets it", () => {
  const script = Script.open();
  script.send(100);
  script.sent();
  script.take({ flags: FLAG_RST });
  assert.equal(script.tcp.failure, "reset");
  assert.equal(script.tcp.writable, false);
  assert.deepEqual(script.sent(), []);
  script.take({}, bytes(3));
  assert.deepEqual(script.delivered, []);
});

test("says nothing when it is closed", () => {
  const script = Script.open();
  script.send(100);
  script.tcp.close();
  assert.equal(script.tcp.state, "closed");
  assert.deepEqual(script.pass(100_000), []);
});

test("reads the peer's window scale among other options, and a SYN with none", () => {
  const cases: readonly (readonly [string, readonly number[], number])[] = [
    ["none", [0], 1_000],
    ["scale 3", [0, 3, 1, 3], 8_000],
    ["padding first", [0, 1, 1, 3, 1, 2], 4_000],
    ["MSS first", [0, 2, 2, 5, 0xdc, 3, 1, 1], 2_000],
    ["libnice's FIN-ACK", [0, 3, 1, 0, 0xfe, 1, 0], 1_000],
    ["end before it", [0, 0, 3, 1, 3], 1_000],
    ["cut", [0, 3], 1_000],
    ["cut in its value", [0, 3, 1], 1_000],
    ["of a wrong length", [0, 3, 2, 1, 1], 1_000],
    ["over 14", [0, 3, 1, 99], 1_000 * 2 ** 14],
  ];
  for (const [name, body, window] of cases) {
    const script = new Script();
    script.tcp.connect(script.now);
    script.sent();
    const sequence = 0xffff_fffe; // counts over 2^32 as well
    script.tcp.input(
      segment(
        { sequence, acknowledgement: 4, flags: FLAG_CTL, window: 1_000 },
        Uint8Array.from(body),
      ),
      script.now,
    );
    assert.equal(script.tcp.stats.peerWindow, window, name);
    assert.equal(script.sent()[0]!.acknowledgement, (sequence + body.length) >>> 0, name);
  }
});

test("has no timestamp 0, and none of more than 31 bits", () => {
  for (const start of [0, 0.4, 2 ** 31, 2 ** 31 + 0.5, 2 ** 33, 2 ** 31 - 1]) {
    const script = new Script({ start });
    script.tcp.connect(script.now);
    const { timestamp } = script.sent()[0]!;
    assert.ok(timestamp > 0 && timestamp <= 0x7fff_ffff, `${timestamp} at ${start}`);
  }
});

test("refuses options out of their range", () => {
  const deliver = () => {};
  for (
    const options of [
      { windowScale: -1 },
      { windowScale: 15 },
      { windowScale: 0.5 },
      { receiveBuffer: 0 },
      { receiveBuffer: 65_536 },
      { receiveBuffer: 4 * 65_535 + 1, windowScale: 2 },
    ]
  ) {
    assert.throws(() => new PseudoTcp({ deliver, ...options }), RangeError);
  }
  const script = Script.open();
  assert.throws(() => script.tcp.send(new Uint8Array()), RangeError);
  assert.throws(() => script.tcp.send(new Uint8Array(5_000)), RangeError);
  assert.throws(() => script.tcp.connect(0), TypeError);
});
