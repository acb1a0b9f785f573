/** How PseudoTcp finds losses and mends them. */

import assert from "node:assert/strict";
import { acknowledge, data, measured, places } from "./_sending.ts";
import { Script } from "./_script.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name: `PseudoTcp ${name}`, permissions: "none", fn });
}

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
