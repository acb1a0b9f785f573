/** Two of the simulator's PseudoTcps over bad links, on virtual time and by seed. */

import assert from "node:assert/strict";
import { ImpairedLink, type Impairment } from "../../../lib/simulator/p2p/impairment.ts";
import { PseudoTcp } from "../../../lib/simulator/p2p/pseudo_tcp.ts";
import type { PseudoTcpOptions } from "../../../lib/simulator/p2p/pseudo_tcp_options.ts";
import { between, scaled, seeded } from "../../support/random.ts";
import { segment } from "./_segments.ts";

interface Run {
  readonly sent: Uint8Array;
  readonly received: Uint8Array;
  readonly a: PseudoTcp;
  readonly b: PseudoTcp;
  readonly time: number;
}

/** Lets `a` send to `b`, and `b` answer with nothing but acknowledgements. */
function run(seed: number, size: number, impairment: Impairment, options: PseudoTcpOptions): Run {
  const random = seeded(seed);
  const [first, second] = [between(random, 0, 2 ** 32 - 1), between(random, 0, 2 ** 32 - 1)];
  const links = [new ImpairedLink(impairment, random), new ImpairedLink(impairment, random)];
  const flights: { at: number; to: number; bytes: Uint8Array }[] = [];
  const received: Uint8Array[] = [];
  let now = 0;
  let unread = 0;
  const ends = [0, 1].map((index): PseudoTcp => {
    const link = links[index]!;
    return new PseudoTcp({
      emit: (datagram) => {
        for (const { bytes, at } of link.send(datagram.slice(), now)) {
          flights.push({ at, to: 1 - index, bytes });
        }
      },
      deliver: (bytes) => {
        received.push(bytes.slice());
        unread += bytes.length;
      },
    }, {
      ...options,
      random,
      initialSequence: index === 0 ? first : second,
      peerInitialSequence: index === 0 ? second : first,
    });
  });
  const [a, b] = ends as [PseudoTcp, PseudoTcp];
  // Neither opens by itself: each gets the other's connect message as if it had.
  const syn = Uint8Array.of(0, 3, 1, 0);
  a.input(segment({ flags: 2, sequence: second }, syn), now);
  b.input(segment({ flags: 2, sequence: first }, syn), now);
  const sent = Uint8Array.from({ length: size }, () => between(random, 0, 255));
  let offset = 0;
  for (let steps = 0; a.state !== "closed" && b.state !== "closed"; steps++) {
    assert.ok(steps < 1_000_000, "no end");
    while (offset < size) {
      const piece = sent.subarray(offset, offset + between(random, 1, 1280));
      if (a.room < piece.length) break;
      a.send(piece, new Uint8Array(0), now);
      offset += piece.length;
    }
    if (unread > 0 && random() < 0.5) {
      b.consume(unread, now);
      unread = 0;
    }
    const total = received.reduce((sum, each) => sum + each.length, 0);
    if (total === size && a.inFlight === 0) break;
    flights.sort((x, y) => x.at - y.at);
    const next = Math.min(flights[0]?.at ?? Infinity, a.deadline, b.deadline, now + 1000);
    now = Math.max(now, next);
    while (flights[0] !== undefined && flights[0].at <= now) {
      const { to, bytes } = flights.shift()!;
      ends[to]!.input(bytes, now);
    }
    a.tick(now);
    b.tick(now);
  }
  const whole = new Uint8Array(received.reduce((sum, each) => sum + each.length, 0));
  let at = 0;
  for (const each of received) {
    whole.set(each, at);
    at += each.length;
  }
  return { sent, received: whole, a, b, time: now };
}

function holds(seed: number, { sent, received, a, b }: Run): void {
  const where = `seed ${seed}: ${a.reason || b.reason || "open"}`;
  assert.deepEqual(received, sent.slice(0, received.length), where);
  if (a.state !== "closed" && b.state !== "closed") {
    assert.equal(received.length, sent.length, where);
  }
  assert.equal(b.counters.overruns, 0, where);
}

Deno.test("a clean link loses, repeats and probes nothing", () => {
  const done = run(1, 500_000, { delay: 5 }, {});
  holds(1, done);
  assert.equal(done.a.state, "established");
  assert.equal(done.a.counters.retransmissions, 0);
});

Deno.test("every byte arrives in order whatever the network does", () => {
  for (let seed = 1; seed <= scaled(2000); seed++) {
    const random = seeded(seed * 7919);
    const impairment: Impairment = {
      loss: random() * 0.1,
      duplicate: random() * 0.2,
      reorder: random() * 0.2,
      delay: random() * 40,
      jitter: random() * 20,
      truncate: random() * 0.05,
      stray: random() * 0.1,
    };
    const options: PseudoTcpOptions = {
      merge: random() < 0.5 ? random() : 0,
      split: random() < 0.5 ? random() : 0,
      nagle: random() < 0.5,
      receiveBuffer: between(random, 500, 65_535),
    };
    holds(seed, run(seed, between(random, 1, 30_000), impairment, options));
  }
});

Deno.test("a peer that does not overrun a window is not said to, at any size of it", () => {
  for (const receiveBuffer of [300, 1292, 5000, 65_535, 500_000]) {
    const done = run(receiveBuffer, 50_000, { delay: 10 }, { receiveBuffer });
    holds(receiveBuffer, done);
    assert.equal(done.a.state, "established");
  }
});
