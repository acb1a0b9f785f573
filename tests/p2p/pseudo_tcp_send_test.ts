/** How PseudoTcp sends: cuts, windows, and the ends of its numbers. */

import assert from "node:assert/strict";
import { FLAG_CTL, HEADER_SIZE } from "../../lib/p2p/segment.ts";
import { acknowledge, data, places } from "./_sending.ts";
import { Script, SYN_BODY } from "./_script.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name: `PseudoTcp ${name}`, permissions: "none", fn });
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
