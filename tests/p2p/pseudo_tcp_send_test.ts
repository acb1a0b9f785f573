/** How PseudoTcp sends: cuts, windows, losses and what tells of them. */

import assert from "node:assert/strict";
import { FLAG_CTL, HEADER_SIZE } from "../../lib/p2p/segment.ts";
import { Script, type ScriptOptions, type Seen, SYN_BODY } from "./_script.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name: `PseudoTcp ${name}`, permissions: "none", fn });
}

/** Segments with a body. */
function data(seen: readonly Seen[]): Seen[] {
  return seen.filter(({ body }) => body.length > 0);
}

/** Where segments begin, behind the SYN. */
function places(seen: readonly Seen[]): number[] {
  return data(seen).map(({ sequence }) => sequence - 4);
}

/** A session whose round trip is known to be `roundTrip` ms. */
function measured(roundTrip: number, options: ScriptOptions = {}): Script {
  const script = Script.open(options);
  for (let i = 0; i < 30; i++) {
    script.send(1);
    const timestampEcho = script.sent()[0]!.timestamp;
    script.pass(roundTrip);
    script.take({ acknowledgement: script.first + i + 1, timestampEcho });
    script.sent();
  }
  return script;
}

/** The peer acknowledges everything before `offset`, which is counted behind the SYN. */
function acknowledge(script: Script, offset: number, window?: number): void {
  const acknowledgement = (script.first + offset) >>> 0;
  script.take({ acknowledgement, ...(window === undefined ? {} : { window }) });
}

test("sends each message as a segment of its own", () => {
  const script = Script.open();
  for (const length of [12, 1_292, 1, 700, 12]) script.send(length);
  const seen = script.sent();
  assert.deepEqual(seen.map(({ body }) => body.length), [12, 1_292, 1, 700, 12]);
  assert.deepEqual(places(seen), [0, 12, 1_304, 1_305, 2_005]);
  assert.ok(seen.every(({ flags, control }) => flags === 0 && control === 0));
});

test("sends datagrams of 1 316 bytes for DATA of 1 280", () => {
  const script = Script.open();
  script.tcp.send(new Uint8Array(12), new Uint8Array(1_280));
  assert.equal(script.tcp.poll(script.now)!.length, 1_316);
});

test("copies what it is given", () => {
  const script = Script.open();
  const payload = Uint8Array.of(1, 2, 3);
  script.tcp.send(Uint8Array.of(9), payload);
  payload.fill(0);
  assert.deepEqual([...script.sent()[0]!.body], [9, 1, 2, 3]);
});

test("begins with ten segments and doubles with each round trip", () => {
  const script = Script.open();
  script.send(1_292, 200);
  assert.equal(data(script.sent()).length, 10);
  let more = 0;
  for (let i = 1; i <= 5; i++) {
    acknowledge(script, 2 * i * 1_292);
    more += data(script.sent()).length;
  }
  assert.equal(more, 20);
});

test("is not writable while much waits, and again when it goes", () => {
  const script = Script.open();
  let queued = 0;
  while (script.tcp.writable) {
    script.send(1_292);
    queued++;
  }
  assert.ok(queued < 100, `${queued} segments queued`);
  for (let acked = 0; !script.tcp.writable; acked++) {
    script.sent();
    acknowledge(script, acked * 1_292);
    assert.ok(acked < 100);
  }
});

test("never sends beyond the peer's window", () => {
  const script = Script.open({ window: 5_000 });
  script.send(1_292, 20);
  assert.deepEqual(places(script.sent()), [0, 1_292, 2_584]);
  acknowledge(script, 1_292, 5_000 - 1_292); // the edge stays
  assert.deepEqual(places(script.sent()), []);
  acknowledge(script, 2_584, 5_000 - 1_292);
  assert.deepEqual(places(script.sent()), [3_876]);
});

test("splits a message only when a window that will not grow leaves no other way", () => {
  const script = Script.open({ window: 1_000 });
  script.send(1_292, 2);
  const [first, ...others] = data(script.sent());
  assert.deepEqual(others, []);
  assert.equal(first!.body.length, 1_000);
  acknowledge(script, 1_000, 1_000);
  const rest = data(script.sent());
  assert.deepEqual(rest.map(({ body }) => body.length), [292]);
  acknowledge(script, 1_292, 1_000);
  assert.deepEqual(data(script.sent()).map(({ body }) => body.length), [1_000]);
});

test("waits rather than send crumbs into a window that has nearly closed", () => {
  const script = Script.open({ window: 20_000 });
  script.send(1_292, 15);
  script.sent();
  acknowledge(script, 10 * 1_292, 5 * 1_292 + 300);
  script.sent();
  acknowledge(script, 15 * 1_292, 300);
  script.send(1_292);
  assert.deepEqual(places(script.sent()), []);
  acknowledge(script, 15 * 1_292, 20_000);
  assert.deepEqual(places(script.sent()), [15 * 1_292]);
});

test("asks at once for a window that is too small, since libnice tells of closed ones only", () => {
  const script = Script.open({ window: 20_000 });
  script.send(1_292, 2);
  script.sent();
  acknowledge(script, 2 * 1_292, 300);
  script.send(1_292);
  const [question, ...others] = script.sent();
  assert.deepEqual([question!.sequence, question!.body.length], [4 + 2 * 1_292 - 1, 0]);
  assert.deepEqual(others, []);
  acknowledge(script, 2 * 1_292, 20_000);
  assert.deepEqual(places(script.sent()), [2 * 1_292]);
});

test("asks at once when one segment is on the way, whose acknowledgement would be delayed", () => {
  const script = Script.open({ window: 2_000 });
  script.send(1_292, 2);
  const seen = script.sent();
  assert.deepEqual(seen.map(({ body }) => body.length), [1_292, 0]);
  assert.deepEqual(script.sent(), [], "once");
});

test("splits a message when questions brought no room for it", () => {
  const script = Script.open({ window: 20_000 });
  script.send(1_292);
  script.sent();
  acknowledge(script, 1_292, 300);
  script.send(1_292);
  const seen = script.pass(2_000);
  assert.deepEqual(places(seen).slice(0, 1), [1_292]);
  assert.equal(data(seen)[0]!.body.length, 300);
  assert.equal(seen.indexOf(data(seen)[0]!), 2, "after two questions");
});

test("asks for a closed window with an empty segment out of place, less and less often", () => {
  const script = Script.open({ window: 1_292 });
  script.send(1_292, 2);
  script.sent();
  acknowledge(script, 1_292, 0);
  script.sent();
  const times: number[] = [];
  const end = script.now + 120_000;
  while (script.now < end) {
    for (const { sequence, body, flags } of script.next()) {
      assert.deepEqual([sequence, body.length, flags], [4 + 1_292 - 1, 0, 0]);
      times.push(script.now);
    }
    acknowledge(script, 1_292, 0); // the probe is answered
    script.sent();
    assert.equal(script.tcp.state, "established", `after ${script.now} ms`);
  }
  const waits = times.slice(1).map((time, index) => time - times[index]!);
  assert.ok(waits.every((wait, index) => index === 0 || wait >= waits[index - 1]!), `${waits}`);
  // One that is lost must not end the session, which 15 s of silence do.
  assert.equal(waits.at(-1), 2_500);
  acknowledge(script, 1_292, 1_292);
  assert.deepEqual(places(script.sent()), [1_292]);
});

test("gives up a peer that is silent for 15 s while its window is closed", () => {
  const script = Script.open({ window: 1_292 });
  script.send(1_292, 2);
  script.sent();
  acknowledge(script, 1_292, 0);
  script.pass(14_900);
  assert.equal(script.tcp.state, "established");
  script.pass(200);
  assert.equal(script.tcp.failure, "silent");
});

test("repeats after a second when nothing was measured, then twice as late each, up to 8 s", () => {
  const script = new Script({ progressTimeout: 60_000 });
  script.tcp.connect(script.now);
  script.sent();
  script.takeSyn({ acknowledgement: 0 }); // ours is not acknowledged
  script.sent();
  const times = [1_000];
  while (times.length < 7) {
    for (const { sequence, body } of script.next()) {
      assert.deepEqual([sequence, body.length], [0, 4]);
      times.push(script.now);
    }
  }
  assert.deepEqual(
    times.slice(1).map((time, index) => time - times[index]!),
    [1_000, 2_000, 4_000, 8_000, 8_000, 8_000],
  );
});

test("probes a silence after two round trips, a few times, then at its timeouts", () => {
  const script = measured(100, { progressTimeout: 60_000 });
  script.send(1_292, 5);
  script.sent();
  const times = [script.now];
  while (script.now < times[0]! + 50_000) {
    const seen = script.next();
    assert.deepEqual(places(seen), [30]);
    assert.equal(seen.length, 1);
    times.push(script.now);
  }
  const waits = times.slice(1).map((time, index) => time - times[index]!);
  assert.ok(waits[0]! >= 190 && waits[0]! <= 250, `${waits}`);
  assert.equal(waits.at(-1), 8_000);
  assert.ok(waits.length <= 14, `${waits}`);
});

test("sends again the same bytes in the same cut, with fresh acknowledgement and time", () => {
  const script = Script.open();
  script.send(500, 3);
  const before = data(script.sent());
  script.take({}, Uint8Array.of(1, 2));
  const again = data(script.pass(1_100));
  assert.ok(again.length > 0);
  assert.deepEqual(again[0]!.body, before[0]!.body);
  assert.equal(again[0]!.sequence, before[0]!.sequence);
  assert.equal(again[0]!.acknowledgement, 6);
  assert.ok(again[0]!.timestamp > before[0]!.timestamp);
});

test("has failed when nothing is acknowledged for 30 s, however much comes", () => {
  const script = Script.open();
  script.send(100);
  script.sent();
  for (let i = 0; i < 29; i++) {
    script.pass(1_000);
    script.take({}, Uint8Array.of(i));
    script.peerNext++;
    assert.equal(script.tcp.state, "established");
  }
  script.pass(1_100);
  assert.equal(script.tcp.failure, "no-progress");
});

test("an idle session lives for ever and has no deadline", () => {
  const script = measured(20);
  assert.equal(script.tcp.deadline, Infinity);
  script.pass(10_000_000);
  assert.equal(script.tcp.state, "established");
  script.send(100);
  assert.equal(data(script.sent()).length, 1);
  assert.equal(script.tcp.state, "established");
});

test("repeats at the third empty duplicate, and only what is missing", () => {
  const script = measured(100);
  const base = 30;
  script.send(1_292, 8);
  script.sent();
  script.now += 100;
  acknowledge(script, base + 1_292);
  script.sent();
  script.now += 1;
  acknowledge(script, base + 1_292);
  acknowledge(script, base + 1_292);
  assert.deepEqual(places(script.sent()), []);
  acknowledge(script, base + 1_292);
  assert.deepEqual(places(script.sent()), [base + 1_292]);
  for (let i = 0; i < 3; i++) acknowledge(script, base + 1_292);
  assert.deepEqual(places(script.sent()), []);
});

test("takes no duplicate from segments with data, or with another window", () => {
  const script = measured(100);
  script.send(1_292, 8);
  script.sent();
  for (let i = 0; i < 6; i++) {
    script.take({ acknowledgement: 34 }, Uint8Array.of(i));
    script.peerNext++;
  }
  assert.deepEqual(places(script.sent()), []);
});

test("repeats the next hole as soon as an acknowledgement shows it (NewReno)", () => {
  const script = measured(100);
  const base = 30;
  script.send(1_292, 9);
  script.sent();
  script.now += 100;
  for (let i = 0; i < 4; i++) acknowledge(script, base);
  assert.deepEqual(places(script.sent()), [base]);
  script.now += 100;
  acknowledge(script, base + 3 * 1_292); // the fourth is missing too
  assert.deepEqual(places(script.sent()).slice(0, 1), [base + 3 * 1_292]);
});

test("halves what it has on the way after a loss, and starts from one after a timeout", () => {
  const script = measured(100);
  script.send(1_292, 16);
  const flight = data(script.sent()).length;
  script.now += 100;
  for (let i = 0; i < 3; i++) acknowledge(script, 30);
  script.sent();
  script.now += 100;
  acknowledge(script, 30 + flight * 1_292);
  assert.ok(script.tcp.stats.congestionWindow <= (flight / 2 + 1) * 1_292);

  const lost = measured(100);
  lost.send(1_292, 10);
  lost.sent();
  lost.pass(10_000);
  assert.equal(lost.tcp.stats.congestionWindow, 1_292);
});

test("measures the round trip and keeps the timeout between 250 ms and 8 s", () => {
  assert.equal(measured(2).tcp.stats.timeout, 250);
  const { roundTrip, timeout } = measured(400).tcp.stats;
  assert.ok(Math.abs(roundTrip! - 400) < 20);
  assert.ok(timeout >= 400 && timeout < 800);
  assert.equal(measured(9_000, { progressTimeout: 100_000 }).tcp.stats.timeout, 8_000);
});

test("does not take the answer to the first transmission for one to the second (Karn)", () => {
  const script = measured(100);
  const before = script.tcp.stats.roundTrip!;
  script.send(100);
  const [first] = data(script.sent());
  script.pass(1_500); // sent again
  script.now += 5;
  script.take({ acknowledgement: 34 + 100, timestampEcho: 0 });
  assert.equal(script.tcp.stats.roundTrip, before, "it is not known which of them is answered");

  script.send(100);
  const [second] = data(script.sent());
  script.pass(1_500);
  script.take({ acknowledgement: 34 + 200, timestampEcho: second!.timestamp });
  assert.ok(script.tcp.stats.roundTrip! > before, "an echo tells which");
  assert.ok(first!.timestamp < second!.timestamp);
});

test("ignores echoes of times that never were, and acknowledgements of what was never sent", () => {
  const script = measured(20);
  const before = script.tcp.stats.timeout;
  script.send(100);
  script.sent();
  script.now += 20;
  script.take({ acknowledgement: 34 + 100, timestampEcho: 0x7fff_0000 });
  assert.equal(script.tcp.stats.timeout, before);
  script.send(100);
  script.sent();
  const { flight } = script.tcp.stats;
  script.take({ acknowledgement: 100_000 });
  assert.equal(script.tcp.stats.flight, flight);
  assert.equal(script.tcp.stats.peerWindow >= flight, true);
});

test("goes on over 2^32 in both directions", () => {
  const script = Script.open({ initialSequence: 0xffff_f000, peerSequence: 0xffff_ff00 });
  script.send(1_292, 8);
  let offset = 0;
  for (let i = 0; i < 8; i++) {
    script.now += 10;
    for (const { sequence, body } of data(script.sent())) {
      assert.equal(sequence, (script.first + offset) >>> 0);
      offset += body.length;
    }
    acknowledge(script, Math.min(offset, (i + 1) * 1_292));
  }
  assert.equal(offset, 8 * 1_292);
  assert.equal(script.tcp.stats.flight, 0);
  assert.equal(script.tcp.stats.retransmissions, 0);
});

test("takes no late SYN for an acknowledgement of what lies before 2^32", () => {
  const script = Script.open({ initialSequence: 0xffff_f000 });
  script.send(1_292, 6);
  script.sent();
  const { flight } = script.tcp.stats;
  script.take({ sequence: 0, acknowledgement: 0, flags: FLAG_CTL, timestamp: 1 }, SYN_BODY);
  assert.equal(script.tcp.stats.flight, flight);
});

test("loses nothing when the clock of its timestamps wraps", () => {
  const script = Script.open({ start: 2 ** 31 - 50 });
  for (let i = 0; i < 20; i++) {
    script.send(100);
    const [segment] = data(script.sent());
    assert.ok(segment!.timestamp > 0);
    script.now += 10;
    script.take({ acknowledgement: 104 + i * 100, timestampEcho: segment!.timestamp });
  }
  assert.ok(script.tcp.stats.roundTrip! < 12);
  assert.equal(script.tcp.stats.timeout, 250);
});

test("a message of the longest sign goes as one segment", () => {
  const script = Script.open();
  script.tcp.send(new Uint8Array(12), new Uint8Array(4_084));
  assert.equal(script.tcp.poll(script.now)!.length, HEADER_SIZE + 12 + 4_084);
});
