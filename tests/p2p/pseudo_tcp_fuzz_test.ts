/** Mutated datagrams at a PseudoTcp in every state: no crash, no hang, no wrong byte. */

import assert from "node:assert/strict";
import { FLAG_CTL, FLAG_RST, HEADER_SIZE } from "../../lib/p2p/segment.ts";
import { between, scaled, seeded } from "../support/random.ts";
import { bytes, Script, segment, SYN_BODY } from "./_script.ts";
import { bothDone, Talker } from "./_talk.ts";
import { type Impairment, link, passTime, patternAt } from "./_wire.ts";

const DATAGRAMS = 500_000;
const BUFFER = 20_000;

/** Ways to bring a session into a state that a datagram may meet. */
const STATES: Readonly<Record<string, () => Script>> = {
  closed: () => new Script(),
  connecting() {
    const script = new Script();
    script.tcp.connect(script.now);
    script.sent();
    return script;
  },
  established: () => Script.open({ receiveBuffer: BUFFER }),
  "with bytes on the way"() {
    const script = Script.open({ receiveBuffer: BUFFER });
    script.send(1_292, 15);
    script.sent();
    return script;
  },
  "in a fast retransmission"() {
    const script = STATES["with bytes on the way"]!();
    for (let i = 0; i < 4; i++) script.take({});
    script.sent();
    return script;
  },
  "after a timeout"() {
    const script = STATES["with bytes on the way"]!();
    script.pass(5_000);
    return script;
  },
  "with gaps"() {
    const script = Script.open({ receiveBuffer: BUFFER });
    for (let i = 1; i < 8; i++) script.take({ sequence: 4 + i * 500 }, bytes(100));
    script.sent();
    return script;
  },
  "with its window closed"() {
    const script = Script.open({ receiveBuffer: 1_000, reads: false });
    script.take({}, new Uint8Array(1_000));
    script.sent();
    return script;
  },
  "before a closed window"() {
    const script = Script.open({ window: 1_292 });
    script.send(1_292, 3);
    script.sent();
    script.take({ acknowledgement: 4 + 1_292, window: 0 });
    script.sent();
    return script;
  },
  failed() {
    const script = Script.open();
    script.take({ flags: FLAG_RST });
    return script;
  },
};

/** A number near where it matters. */
function edgy(random: () => number, around: number): number {
  const kind = random();
  if (kind < 0.2) return around;
  if (kind < 0.6) return (around + between(random, -3_000, 3_000)) >>> 0;
  if (kind < 0.8) return [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff][between(random, 0, 4)]!;
  return Math.floor(random() * 2 ** 32);
}

/** A datagram that is nearly one of the session, or nothing like it. */
function mutant(random: () => number, script: Script): Uint8Array {
  if (random() < 0.05) {
    return Uint8Array.from({ length: between(random, 0, 100) }, () => random() * 256);
  }
  const length = random() < 0.4 ? 0 : between(random, 1, random() < 0.1 ? 5_000 : 1_300);
  const flags = random();
  const datagram = segment({
    sequence: edgy(random, script.peerNext),
    acknowledgement: edgy(random, 4 + script.tcp.stats.flight),
    window: random() < 0.5 ? 0xffff : between(random, 0, 0xffff),
    timestamp: edgy(random, Math.floor(script.now)),
    timestampEcho: edgy(random, Math.floor(script.now)),
    control: random() < 0.02 ? between(random, 1, 255) : 0,
    flags: flags < 0.8 ? 0 : flags < 0.9 ? FLAG_CTL : flags < 0.902 ? FLAG_RST : flags * 255,
  }, random() < 0.1 ? SYN_BODY : new Uint8Array(length));
  for (let flips = random() < 0.3 ? between(random, 1, 3) : 0; flips > 0; flips--) {
    const at = between(random, 0, datagram.length - 1);
    datagram[at] = datagram[at]! ^ 1 << between(random, 0, 7);
  }
  return random() < 0.1 ? datagram.subarray(0, between(random, 0, datagram.length)) : datagram;
}

for (const [state, make] of Object.entries(STATES)) {
  Deno.test({
    name: `PseudoTcp ${state}: mutated datagrams do not crash, hang or fill it`,
    permissions: { env: ["DHIP_TEST_SCALE"] },
    fn() {
      const random = seeded(state.length * 7_919);
      const count = scaled(DATAGRAMS / Object.keys(STATES).length);
      let script = make();
      let received = 0; // with what came before
      for (let i = 0; i < count; i++) {
        // A session that has failed, or seen much, makes room for another.
        if (i % 200 === 0 || script.tcp.state === "failed" && state !== "failed") {
          script = make();
          received = 1_000;
        }
        const datagram = mutant(random, script);
        received += Math.max(0, datagram.length - HEADER_SIZE);
        script.tcp.input(datagram, script.now);
        if (random() < 0.2) script.now += between(random, 1, 300);
        const sent = script.sent();
        // What was received is answered by little: no amplification.
        assert.ok(sent.length <= 120, `${sent.length} datagrams sent`);
        assert.ok(sent.every(({ timestamp }) => timestamp !== 0));
        assert.ok(script.delivered.length <= received, "more bytes than came");
        assert.ok(!Number.isNaN(script.tcp.deadline));
        if (random() < 0.01 && script.tcp.state === "established") script.send(100);
      }
    },
  });
}

/** Honest bytes in dishonest segments: none of them may be delivered wrong, lost or twice. */
function lie(random: () => number, now: number, from: Talker, stream: number) {
  const sent = Math.max(0, from.out.end - 4); // what was never sent can't have come
  const at = between(random, 0, sent);
  const size = Math.min(between(random, 0, 1_292), sent - at);
  const honest = patternAt(stream, at, size);
  const header = {
    sequence: 4 + at,
    acknowledgement: between(random, 0, 4), // of what is long known
    window: 0xffff,
    timestamp: Math.max(1, Math.floor(now)),
  };
  switch (between(random, 0, 6)) {
    case 0: // any part of the stream, once more or early
      return segment(header, honest);
    case 1: // not of the stream
      return segment({ ...header, control: between(random, 1, 255) }, new Uint8Array(size));
    case 2: // far beyond every window
      return segment({ ...header, sequence: 4 + at + 2 ** 30 }, new Uint8Array(9));
    case 3: // acknowledges what was never sent
      return segment({ ...header, acknowledgement: 2 ** 30 + at, window: 0 });
    case 4: // another conversation
      return segment(header, new Uint8Array(size)).fill(0, 0, 1);
    case 5: // echoes nonsense, and empty
      return segment({ ...header, timestampEcho: random() * 2 ** 32 });
    default: // cut
      return segment(header, honest).subarray(0, between(random, 0, HEADER_SIZE + size));
  }
}

Deno.test({
  name: "PseudoTcp delivers every byte among datagrams that lie",
  permissions: { env: ["DHIP_TEST_SCALE"] },
  fn() {
    const size = 30_000;
    const rounds = scaled(1_500);
    for (let seed = 1; seed <= rounds; seed++) {
      const random = seeded(seed);
      const bad: Impairment = { loss: 0.02, late: 0.1, delay: 10, jitter: 5 };
      const [out, home] = link(seed, bad);
      const options = { bytes: size, seed };
      const left = new Talker(out, { ...options, sends: 1, wants: 2 });
      const right = new Talker(home, { ...options, sends: 2, wants: 1 });
      left.end.connect(0);
      right.end.connect(0);
      let next = 0;
      const done = passTime(
        [left, right],
        (now) => {
          // At most one in a millisecond: they are answered, and each answer is a step of time.
          const open = left.end.state === "established" && right.end.state === "established";
          if (open && now >= next) {
            next = now + 1;
            left.end.input(lie(random, now, right, 2), now);
            right.end.input(lie(random, now, left, 1), now);
          }
          return left.end.state === "failed" || right.end.state === "failed" ||
            bothDone(left, right, size, size);
        },
        600_000,
      );
      const name = `seed ${seed} after ${done} ms`;
      assert.equal(left.end.failure ?? right.end.failure, undefined, name);
      assert.equal(left.wrong + right.wrong, 0, name);
      assert.deepEqual([left.received, right.received], [size, size], name);
    }
  },
});

Deno.test({
  name: "PseudoTcp is not slowed by crumbs all over its window",
  permissions: "none",
  fn() {
    const script = Script.open();
    const random = seeded(1);
    const places = Array.from({ length: 32_000 }, (_, index) => 6 + 2 * index);
    places.sort(() => random() - 0.5);
    for (const sequence of places) script.take({ sequence }, Uint8Array.of(1));
    assert.equal(script.delivered.length, 0);
    script.take({}, new Uint8Array(65_535));
    assert.equal(script.delivered.length, 65_535);
  },
});
