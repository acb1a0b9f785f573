/** Two of our PseudoTcps on bad links, by seed and on virtual time. */

import assert from "node:assert/strict";
import { between, scaled, seeded } from "../support/random.ts";
import { bothDone, talk, Talker, type TalkerOptions } from "./_talk.ts";
import { type Impairment, link, passTime } from "./_wire.ts";

/** A session by its seed. */
interface Scene {
  readonly there: Impairment;
  readonly back: Impairment;
  readonly left: TalkerOptions;
  readonly right: TalkerOptions;
  readonly start: number;
  /** Whether the session may fail: its silences are longer than what it waits for. */
  readonly hopeless: boolean;
}

function sceneOf(seed: number): Scene {
  const random = seeded(seed);
  const some = (chance: number, most: number) => random() < chance ? random() * most : 0;
  const blackholes: [number, number][] = [];
  if (random() < 0.1) {
    const from = random() * 3_000;
    blackholes.push([from, from + random() * 20_000]);
  }
  const worst = random() < 0.3 ? 0.3 : 0.05;
  const impairment = (): Impairment => ({
    loss: some(0.8, worst),
    duplicate: some(0.4, 0.2),
    late: some(0.5, 0.2),
    lateness: 1 + random() * 60,
    truncate: some(0.2, 0.05),
    delay: some(0.7, 200),
    jitter: some(0.4, 30),
    blackholes,
  });
  const end = (): Omit<TalkerOptions, "sends" | "wants"> => {
    const windowScale = random() < 0.1 ? between(random, 1, 4) : 0;
    const largest = 65_535 * 2 ** windowScale;
    const pauses: [number, number][] = [];
    for (let at = 0; random() < 0.2;) {
      const from = at + random() * 4_000;
      at = from + random() * 12_000;
      pauses.push([from, at]);
    }
    const fixed = random() < 0.3 ? between(random, 12, 1_292) : 0;
    return {
      bytes: random() < 0.2 ? 0 : between(random, 1, random() < 0.1 ? 200_000 : 20_000),
      receiveBuffer: random() < 0.3 ? between(random, 600, 8_000) : between(random, 8_000, largest),
      windowScale,
      initialSequence: random() < 0.3 ? (2 ** 32 - between(random, 0, 30_000)) >>> 0 : 0,
      pauses,
      seed: between(random, 1, 1e6),
      progressTimeout: 60_000,
      ...(fixed > 0 ? { message: () => fixed } : {}),
    };
  };
  const there = impairment();
  const back = impairment();
  const left = { ...end(), sends: 1, wants: 2 };
  const right = { ...end(), sends: 2, wants: 1 };
  return {
    there,
    back,
    left,
    right,
    // Clocks wrap at 2^31 and 2^32 ms.
    start: random() < 0.2 ? 2 ** (random() < 0.5 ? 31 : 32) - random() * 2_000 : random() * 1e6,
    // A closed window and 15 s of silence end a session.
    hopeless: worst === 0.3 || blackholes.some(([from, to]) => to - from > 10_000),
  };
}

/** Plays a scene; true when it came to its end, false when one side gave up. */
function play(seed: number): boolean {
  const { there, back, left: l, right: r, start, hopeless } = sceneOf(seed);
  const shift = ({ blackholes = [], ...rest }: Impairment): Impairment => ({
    ...rest,
    blackholes: blackholes.map(([from, to]) => [start + from, start + to]),
  });
  const shifted = (options: TalkerOptions): TalkerOptions => ({
    ...options,
    pauses: options.pauses?.map(([from, to]) => [start + from, start + to] as const) ?? [],
  });
  const [out, home] = link(seed, shift(there), shift(back));
  const left = new Talker(out, shifted(l));
  const right = new Talker(home, shifted(r));
  const limit = 3_600_000;
  const end = talk(left, right, l.bytes, r.bytes, limit, start);
  for (const [talker, way, other, size] of [[left, out, home, l], [right, home, out, r]] as const) {
    assert.equal(talker.wrong, 0, `wrong bytes`);
    assert.equal(talker.badCuts, 0, `cuts`);
    assert.equal(way.overrun, 0, `window overrun`);
    assert.equal(way.recut, 0, `cut otherwise when sent again`);
    assert.equal(way.zeroTimestamps, 0, `timestamps of 0`);
    assert.ok(way.largest <= 1_316, `a datagram of ${way.largest} bytes`);
    assert.ok(talker.mostUnread <= size.receiveBuffer!, `more than its buffer`);
    // One for each segment that came, and a question for each that found no room.
    const data = other.segments - other.empty;
    const most = 1.3 * (data + way.segments - way.empty) + 20 + (end - start) / 250;
    assert.ok(way.empty <= most, `${way.empty} empty segments for ${data} with data`);
  }
  const failure = left.end.failure ?? right.end.failure;
  if (failure !== undefined) {
    assert.ok(hopeless, `${failure} after ${Math.round(end - start)} ms`);
    return false;
  }
  assert.ok(end < start + limit, `no end`);
  assert.equal(right.received, l.bytes);
  assert.equal(left.received, r.bytes);
  assertQuiet(left, right, end);
  return true;
}

/** Nothing more is said when there is nothing more to say. */
function assertQuiet(left: Talker, right: Talker, now: number): void {
  const after = passTime([left, right], () => false, 40_000, now);
  const before = left.out.segments + right.out.segments;
  passTime([left, right], () => false, 1_000_000, after);
  assert.equal(left.out.segments + right.out.segments, before, `no silence`);
  assert.equal(left.end.deadline, Infinity);
  assert.ok(bothDone(left, right, right.received, left.received));
}

Deno.test({
  name: "PseudoTcp delivers every byte in order on bad links, by thousands of seeds",
  permissions: { env: ["DHIP_TEST_SCALE", "DHIP_TEST_SEED"] },
  fn() {
    const only = Deno.env.get("DHIP_TEST_SEED");
    if (only !== undefined) return void play(Number(only));
    const runs = scaled(10_000);
    let failed = 0;
    for (let seed = 1; seed <= runs; seed++) {
      try {
        if (!play(seed)) failed++;
      } catch (error) {
        throw new Error(`DHIP_TEST_SEED=${seed}`, { cause: error });
      }
    }
    assert.ok(failed <= 1 + runs / 1_000, `${failed} of ${runs} sessions gave up`);
  },
});

Deno.test({
  name: "PseudoTcp takes up the whole speed of a link again after a silence",
  permissions: "none",
  fn() {
    const bytes = 3_000_000;
    for (const silence of [500, 2_000, 8_000, 20_000]) {
      const [out, home] = link(1, { delay: 20, blackholes: [[500, 500 + silence]] });
      const left = new Talker(out, { sends: 1, wants: 2, bytes, message: () => 1_292 });
      const right = new Talker(home, { sends: 2, wants: 1, bytes: 0 });
      const end = talk(left, right, bytes, 0, 120_000);
      // Without a silence it takes 2 s; the timeout at its end may be of 8 s.
      assert.ok(end < 500 + silence + Math.min(8_000, silence) + 4_000, `${silence}: ${end}`);
    }
  },
});

Deno.test({
  name: "PseudoTcp gets used to a path that has become slower or faster",
  permissions: "none",
  fn() {
    for (const [before, after] of [[5, 300], [300, 5]] as const) {
      const bytes = 2_000_000;
      const [out, home] = link(1, { delay: before });
      const left = new Talker(out, { sends: 1, wants: 2, bytes, message: () => 1_292 });
      const right = new Talker(home, { sends: 2, wants: 1, bytes: 0 });
      left.end.connect(0);
      right.end.connect(0);
      const then = passTime([left, right], () => right.received > 200_000, 60_000);
      for (const way of [out, home]) (way.impairment as { delay: number }).delay = after;
      const rest = passTime([left, right], () => bothDone(left, right, bytes, 0), 60_000, then);
      const rounds = (rest - then) / (2 * after);
      // 28 windows of 64 KiB at least.
      assert.ok(
        rounds < (after > before ? 60 : 120),
        `${before} to ${after}: ${rounds} round trips`,
      );
      assert.ok(left.end.stats.retransmissions < 200, `${left.end.stats.retransmissions}`);
    }
  },
});
