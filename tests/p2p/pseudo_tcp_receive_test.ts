/** What PseudoTcp does with segments that come: order, acknowledgements, windows. */

import assert from "node:assert/strict";
import { between, seeded } from "../support/random.ts";
import { FLAG_CTL } from "../../lib/p2p/segment.ts";
import { bytes, Script, segment } from "./_script.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name: `PseudoTcp ${name}`, permissions: "none", fn });
}

test("acknowledges the second segment at once", () => {
  const script = Script.open();
  script.take({}, bytes(10));
  assert.deepEqual(script.sent(), []);
  script.take({ sequence: 14 }, bytes(10));
  const [ack, ...others] = script.sent();
  assert.equal(ack!.acknowledgement, 24);
  assert.deepEqual(others, []);
});

test("acknowledges a single segment after 20 to 40 ms", () => {
  const script = Script.open();
  const from = script.now;
  script.take({}, bytes(10));
  assert.equal(script.next()[0]!.acknowledgement, 14);
  assert.ok(script.now - from >= 20 && script.now - from <= 40);
  assert.equal(script.tcp.deadline, Infinity);
});

test("acknowledges with data instead when there is some", () => {
  const script = Script.open();
  script.take({}, bytes(10));
  script.take({ sequence: 14 }, bytes(10));
  script.send(100);
  const [data, ...others] = script.sent();
  assert.deepEqual(others, []);
  assert.equal(data!.body.length, 100);
  assert.equal(data!.acknowledgement, 24);
});

test("acknowledges at once what is behind a gap, and again when the gap is filled", () => {
  const script = Script.open();
  const stream = bytes(40);
  script.take({ sequence: 14 }, stream.subarray(10, 20));
  assert.equal(script.sent()[0]!.acknowledgement, 4);
  script.take({ sequence: 34 }, stream.subarray(30, 40));
  assert.equal(script.sent()[0]!.acknowledgement, 4);
  script.take({ sequence: 4 }, stream.subarray(0, 10));
  assert.equal(script.sent()[0]!.acknowledgement, 24);
  script.take({ sequence: 24 }, stream.subarray(20, 30));
  assert.equal(script.sent()[0]!.acknowledgement, 44);
  assert.deepEqual(script.delivered, [...stream]);
});

test("says once for each segment behind a gap that it is there, empty ones that count", () => {
  const script = Script.open();
  script.send(1_292, 30); // more than goes out now: acknowledgements could ride on data
  script.sent();
  for (let i = 0; i < 3; i++) script.take({ sequence: 14 + 10 * i }, bytes(10));
  const empty = script.sent().filter(({ body }) => body.length === 0);
  assert.deepEqual(empty.map(({ acknowledgement }) => acknowledgement), [4, 4, 4]);
});

test("acknowledges duplicates at once and delivers by offset, whatever their timestamps", () => {
  const script = Script.open();
  script.take({ timestamp: 5 }, bytes(10));
  script.take({ timestamp: 5 }, bytes(10));
  assert.equal(script.sent()[0]!.acknowledgement, 14);
  script.take({ sequence: 14, timestamp: 5 }, bytes(10, 10)); // the same tick, other bytes
  script.take({ timestamp: 9 }, bytes(10));
  assert.deepEqual(script.delivered, [...bytes(20)]);
});

test("trims what overlaps", () => {
  const script = Script.open();
  const stream = bytes(60);
  const take = (from: number, to: number) =>
    script.take({ sequence: 4 + from }, stream.subarray(from, to));
  take(20, 30);
  take(40, 50);
  take(15, 45); // covers one, reaches into another
  take(0, 25);
  take(5, 60);
  assert.deepEqual(script.delivered, [...stream]);
  assert.equal(script.sent().at(-1)!.acknowledgement, 64);
});

test("delivers in order whatever the order and the cuts", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = seeded(seed);
    const peerSequence = random() < 0.5 ? 0xffff_ff00 : 0;
    const script = Script.open({ peerSequence });
    const length = between(random, 1, 600);
    const stream = Uint8Array.from({ length }, (_, index) => index * 7);
    const first = script.peerNext;
    for (let i = 0; i < 400 && script.delivered.length < length; i++) {
      const from = between(random, 0, length - 1);
      const to = between(random, from + 1, Math.min(length, from + 120));
      script.take({ sequence: (first + from) >>> 0 }, stream.subarray(from, to));
      if (random() < 0.2) script.sent();
    }
    script.take({ sequence: first }, stream);
    assert.deepEqual(script.delivered, [...stream], `seed ${seed}`);
    const acks = script.pass(50);
    assert.equal(acks.at(-1)!.acknowledgement, (first + length) >>> 0, `seed ${seed}`);
  }
});

test("never answers an empty segment that is in place or ahead", () => {
  const script = Script.open();
  script.take({});
  script.take({ sequence: script.peerNext + 1_000 });
  script.take({ sequence: script.peerNext + 1 });
  assert.deepEqual(script.pass(10_000), []);
});

test("answers an empty segment that is behind: it is a probe", () => {
  const script = Script.open();
  for (let i = 0; i < 5; i++) {
    script.now += 1_000;
    script.take({ sequence: script.peerNext - 1 });
    const [ack, ...others] = script.sent();
    assert.deepEqual(others, []);
    assert.equal(ack!.acknowledgement, 4);
    assert.equal(ack!.sequence, 4);
  }
});

test("answers few of many empty segments from behind, so that no two ends answer each other", () => {
  const script = Script.open();
  let answers = 0;
  for (let i = 0; i < 1_000; i++) {
    script.now += 1;
    script.take({ sequence: script.peerNext - 1 });
    answers += script.sent().length;
  }
  assert.ok(answers >= 5 && answers <= 20, `${answers} answers in a second`);
});

test("takes the window field of what it does not answer", () => {
  const script = Script.open();
  script.take({ window: 1_234 });
  assert.equal(script.tcp.stats.peerWindow, 1_234);
});

test("ignores the body of a segment whose byte 12 is not 0", () => {
  const script = Script.open();
  script.take({ control: 1 }, Uint8Array.of(10, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  assert.deepEqual(script.pass(1_000), []);
  assert.deepEqual(script.delivered, []);
  script.take({}, bytes(3));
  assert.deepEqual(script.delivered, [0, 1, 2]);
});

test("drops what is no segment, is cut, or is of another conversation", () => {
  const script = Script.open();
  const good = segment({ sequence: 4, acknowledgement: 4 }, bytes(10));
  for (let length = 0; length < 24; length++) {
    script.tcp.input(good.subarray(0, length), script.now);
  }
  const other = good.slice();
  other[3] = 0x58;
  script.tcp.input(other, script.now);
  script.tcp.input(Uint8Array.fromHex("fefefff3ffffffffffffffffffffffffffffffff7fd6fff7"), 1_000);
  assert.deepEqual(script.delivered, []);
  assert.deepEqual(script.pass(1_000), []);
});

test("tells an honest window, and the acknowledgement beside it never moves its edge back", () => {
  const script = Script.open({ reads: false, receiveBuffer: 10_000 });
  let edge = 0;
  for (let i = 0; i < 7; i++) {
    script.take({ sequence: 4 + i * 1_292 }, new Uint8Array(1_292));
    for (const { acknowledgement, window } of script.pass(50)) {
      assert.ok(window <= 10_000 - script.delivered.length);
      assert.ok(acknowledgement + window >= edge);
      edge = acknowledgement + window;
    }
  }
});

test("takes nothing beyond its window, and says so at once", () => {
  const script = Script.open({ reads: false, receiveBuffer: 2_000 });
  script.take({}, new Uint8Array(2_500));
  assert.equal(script.delivered.length, 2_000);
  const [closed] = script.pass(50);
  assert.deepEqual([closed!.acknowledgement, closed!.window], [2_004, 0]);
  script.take({ sequence: 2_004 }, new Uint8Array(1_000));
  script.take({ sequence: 90_000 }, new Uint8Array(1_000));
  assert.equal(script.delivered.length, 2_000);
  for (const { acknowledgement, window } of script.sent()) {
    assert.deepEqual([acknowledgement, window], [2_004, 0]);
  }
});

test("tells of its window when it opens by half, not of less", () => {
  const large = Script.open({ reads: false });
  for (let i = 0; i < 50; i++) {
    large.take({ sequence: 4 + i * 1_292 }, new Uint8Array(1_292));
  }
  large.pass(100);
  large.tcp.consume(30_000);
  assert.deepEqual(large.sent(), [], "less than half");
  large.tcp.consume(5_000);
  const [update, ...others] = large.sent();
  assert.deepEqual(others, []);
  assert.equal(update!.window, 65_535 - 50 * 1_292 + 35_000);

  const small = Script.open({ reads: false, receiveBuffer: 100 });
  small.take({}, new Uint8Array(100));
  small.pass(100);
  small.tcp.consume(49);
  assert.deepEqual(small.sent(), []);
  small.tcp.consume(1);
  assert.equal(small.sent()[0]!.window, 50);
});

test("tells of its window though its scale hides the last bytes of it", () => {
  const script = Script.open({ reads: false, receiveBuffer: 710, windowScale: 4 });
  script.take({}, new Uint8Array(704));
  assert.equal(script.pass(100).at(-1)!.window, 0);
  script.tcp.consume(704);
  assert.equal(script.sent()[0]!.window, 44);
});

test("scales the windows that it tells when it is told to", () => {
  const script = Script.open({ receiveBuffer: 200_000, windowScale: 2, reads: false });
  for (let i = 0; i < 100; i++) {
    script.take({ sequence: 4 + i * 1_292 }, new Uint8Array(1_292));
  }
  assert.equal(script.delivered.length, 129_200);
  const { window, acknowledgement } = script.pass(50).at(-1)!;
  assert.equal(acknowledgement, 4 + 129_200);
  assert.ok(window << 2 <= 200_000 - 129_200 && window << 2 > 200_000 - 129_200 - 1_316);
});

test("echoes the timestamp of what covered its last acknowledgement", () => {
  const script = Script.open();
  script.take({ timestamp: 100 }, bytes(10));
  script.take({ sequence: 14, timestamp: 200 }, bytes(10));
  // 100 covered what the acknowledgement before this one asked for.
  assert.equal(script.sent()[0]!.timestampEcho, 100);
  script.take({ sequence: 34, timestamp: 300 }, bytes(10)); // ahead: tells nothing of the gap
  assert.equal(script.sent()[0]!.timestampEcho, 100);
  script.take({ sequence: 24, timestamp: 400 }, bytes(10));
  assert.equal(script.sent()[0]!.timestampEcho, 400);
  script.take({ sequence: 4, timestamp: 500 }, bytes(10)); // old
  assert.equal(script.sent()[0]!.timestampEcho, 400);
  script.take({ timestamp: 600, sequence: 44 }); // empty
  script.take({ timestamp: 700, sequence: 44 }, bytes(1));
  assert.equal(script.next()[0]!.timestampEcho, 700);
});

test("keeps no more behind a gap than its window", () => {
  const script = Script.open({ receiveBuffer: 20_000 });
  for (let i = 1; i < 1_000; i++) {
    script.take({ sequence: 4 + i * 100 }, new Uint8Array(100).fill(i));
  }
  script.take({}, new Uint8Array(100));
  assert.equal(script.delivered.length, 20_000);
});

test("tells a closed window as closed, also after control data beyond it", () => {
  const script = Script.open({ receiveBuffer: 20, reads: false });
  script.take({}, bytes(20));
  assert.equal(script.next()[0]!.window, 0);
  script.take({ sequence: 24, flags: FLAG_CTL }, Uint8Array.of(9, 1, 1));
  const [ack] = script.sent();
  assert.equal(ack!.acknowledgement, 27);
  assert.equal(ack!.window, 0);
});
