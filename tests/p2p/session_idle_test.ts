/** A session on which nothing happens: one timer, heartbeats, and nothing that polls. */

import assert from "node:assert/strict";
import { PtcpSession } from "../../lib/p2p/session.ts";
import { PseudoTcp } from "../../lib/simulator/p2p/pseudo_tcp.ts";
import { seeded } from "../support/random.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

/** Type of a heartbeat, where a datagram's first message has it. */
const HEARTBEAT = 0x13;

Deno.test("an idle session has one timer, wakes for its heartbeats only, and sends nothing else", async () => {
  const inner = new VirtualClock();
  let [wakes, timers] = [0, 0];
  // Counts what a session asks of its clock.
  const clock = {
    now: () => inner.now(),
    timer: (callback: () => void, delay: number) => {
      timers++;
      return inner.timer(() => {
        wakes++;
        callback();
      }, delay);
    },
  };
  const sent: Uint8Array[] = [];
  const device: PseudoTcp = new PseudoTcp({
    emit: (datagram) => session.input(datagram.slice()),
    deliver: (bytes) => device.consume(bytes.length, inner.now()),
  });
  const session: PtcpSession = new PtcpSession({
    host: "sn:EXAMPLE0001",
    clock,
    random: seeded(1),
    send: (datagram) => {
      sent.push(datagram.slice());
      device.input(datagram.slice(), inner.now());
      return Promise.resolve();
    },
  });
  const passes = async (seconds: number) => {
    for (let step = 0; step < seconds * 20; step++) {
      await inner.advance(50);
      if (inner.now() >= device.deadline) device.tick(inner.now());
    }
  };
  const connected = session.connect();
  await passes(1);
  await connected;
  await passes(9);
  sent.length = wakes = timers = 0;
  await passes(60);
  const beats = sent.filter((datagram) => datagram[24] === HEARTBEAT).length;
  assert.equal(beats, 12, "one each five seconds");
  assert.equal(sent.length, beats);
  // To send it, to send it again if need be, and to look for a sign of life.
  assert.ok(wakes <= 3 * beats, `woke up ${wakes} times`);
  assert.ok(timers <= 3 * beats, `${timers} timers`);
  assert.equal(inner.pending, 1);
  await inner.settle(session.close());
  assert.equal(inner.pending, 0);
});
