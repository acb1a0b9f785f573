/** The device's PseudoTcp, segment by segment: what libnice's was seen to do. */

import assert from "node:assert/strict";
import vectors from "../../vectors/ptcp_segments.json" with { type: "json" };
import { Bench, read, segment, SYN } from "./_segments.ts";

const text = (value: string) => new TextEncoder().encode(value);
const NOTHING = new Uint8Array(0);

interface State {
  readonly rcvNxt?: number;
  readonly rcvNxtAfterEach?: readonly number[];
  readonly closed?: boolean;
  readonly peerWindowAfterEach?: readonly number[];
}

for (const vector of vectors) {
  const { name, initialRcvNxt, datagrams_hex, expected } = vector;
  const state = (expected as { state?: State }).state ?? {};
  Deno.test(`vector: ${name}`, () => {
    const syn = initialRcvNxt === 0;
    const open = syn ? new Bench() : Bench.open({
      peerInitialSequence: (initialRcvNxt - 4) >>> 0,
      initialSequence: 4,
    });
    const nexts = datagrams_hex.map((hex, index) => {
      const datagram = Uint8Array.fromHex(hex);
      const header = expected.headers[index];
      if (header) {
        const { body, control, ...seen } = read(datagram);
        assert.equal(seen.sequence, header.seq);
        assert.equal(seen.acknowledgement, header.ack);
        assert.equal(control, header.control);
        assert.equal(seen.flags, header.flags);
        assert.equal(seen.window, header.window);
        assert.equal(seen.timestamp, header.timestamp);
        assert.equal(seen.timestampEcho, header.timestampEcho);
        assert.equal(body.length, header.bodyLength);
      }
      // Stock PseudoTcp takes the body whatever the control byte says.
      if (header?.control !== 1) open.tcp.input(datagram, open.now);
      if (state.peerWindowAfterEach) {
        assert.equal(open.tcp.peerWindow, state.peerWindowAfterEach[index]);
      }
      const ours = open.out();
      open.wait(open.now + 100);
      return [...ours, ...open.out()].at(-1)?.acknowledgement;
    });
    if ("error" in expected) assert.deepEqual(nexts, [undefined]);
    if (state.rcvNxt !== undefined && state.rcvNxt !== initialRcvNxt) {
      assert.equal(nexts.at(-1), state.rcvNxt);
    }
    if (state.rcvNxtAfterEach) assert.deepEqual(nexts, state.rcvNxtAfterEach);
    assert.equal(open.tcp.state === "closed", state.closed === true);
  });
}

Deno.test("it answers a SYN with the SYN of libnice, and repeats it every second, 30 times", () => {
  const bench = new Bench();
  bench.in(SYN);
  const [first] = bench.out();
  assert.equal(first!.flags, 2);
  assert.equal(first!.window, 60 * 1024);
  assert.equal(first!.acknowledgement, 4);
  assert.deepEqual(first!.body, Uint8Array.of(0, 3, 1, 0));
  for (let i = 1; i < 30; i++) {
    bench.wait();
    assert.equal(bench.now, i * 1000);
    assert.deepEqual(bench.out().map(({ flags, sequence }) => [flags, sequence]), [[2, 0]]);
  }
  bench.wait();
  assert.equal(bench.tcp.state, "closed");
  assert.deepEqual(bench.out(), []);
});

Deno.test("with a buffer of 65535 its first segment is that of the captures", () => {
  const bench = new Bench({ receiveBuffer: 65_535 });
  bench.in(SYN);
  assert.equal(bench.out()[0]!.window, 0xffff);
});

Deno.test("it is established by the first segment that is no SYN", () => {
  const bench = new Bench();
  bench.in(SYN);
  bench.in(SYN);
  assert.equal(bench.tcp.state, "syn-received");
  bench.in(segment({ sequence: 4, acknowledgement: 4 }));
  assert.equal(bench.tcp.state, "established");
});

Deno.test("a SYN that comes again draws an acknowledgement and changes nothing", () => {
  const bench = Bench.open();
  bench.in(SYN);
  assert.deepEqual(bench.out().map((each) => [each.body.length, each.acknowledgement]), [[0, 4]]);
});

Deno.test("one segment is acknowledged after 100 ms, the second of two at once", () => {
  const bench = Bench.open();
  bench.in(segment({ sequence: 4, acknowledgement: 4 }, text("abc")));
  assert.deepEqual(bench.out(), []);
  bench.wait();
  assert.equal(bench.now, 100);
  assert.equal(bench.out()[0]!.acknowledgement, 7);
  bench.in(segment({ sequence: 7, acknowledgement: 4 }, text("d")));
  bench.in(segment({ sequence: 8, acknowledgement: 4 }, text("e")));
  assert.deepEqual(bench.out().map((each) => each.acknowledgement), [9]);
  assert.equal(bench.text(), "abcde");
});

Deno.test("a hole draws an acknowledgement at once, and so does its filling", () => {
  const bench = Bench.open();
  bench.in(segment({ sequence: 7, acknowledgement: 4 }, text("def")));
  assert.deepEqual(bench.out().map((each) => each.acknowledgement), [4]);
  bench.in(segment({ sequence: 10, acknowledgement: 4 }, text("ghi")));
  bench.in(segment({ sequence: 7, acknowledgement: 4 }, text("def")));
  assert.deepEqual(bench.out().map((each) => each.acknowledgement), [4, 4]);
  bench.in(segment({ sequence: 4, acknowledgement: 4 }, text("abc")));
  assert.deepEqual(bench.out().map((each) => each.acknowledgement), [13]);
  assert.equal(bench.text(), "abcdefghi");
});

Deno.test("an empty segment is answered when it is not in its place, and only then", () => {
  const bench = Bench.open();
  bench.in(segment({ sequence: 4, acknowledgement: 4 }));
  assert.deepEqual(bench.out(), []);
  bench.in(segment({ sequence: 3, acknowledgement: 4 }));
  bench.in(segment({ sequence: 99, acknowledgement: 4 }));
  assert.equal(bench.out().length, 2);
});

Deno.test("three empty repetitions of an acknowledgement mean a loss", () => {
  const bench = Bench.open();
  for (let i = 0; i < 2; i++) bench.tcp.send(text("x".repeat(1292)), NOTHING, 0);
  bench.out();
  const again = segment({ sequence: 4, acknowledgement: 4 });
  bench.in(again);
  bench.in(again);
  assert.deepEqual(bench.out(), []);
  bench.in(again);
  assert.deepEqual(bench.out().map((each) => each.sequence), [4]);
  assert.equal(bench.tcp.counters.retransmissions, 1);
});

Deno.test("a segment is sent again after its time limit, doubling, 15 times in all", () => {
  const bench = Bench.open();
  bench.tcp.send(text("hello"), NOTHING, 0);
  const times: number[] = [];
  while (bench.tcp.state !== "closed") {
    for (const each of bench.out()) {
      assert.equal(new TextDecoder().decode(each.body), "hello");
      times.push(bench.now);
    }
    bench.wait();
  }
  assert.equal(times.length, 15);
  const gaps = times.slice(1).map((at, i) => at - times[i]!);
  assert.deepEqual(gaps.slice(0, 3), [gaps[0], 2 * gaps[0]!, 4 * gaps[0]!]);
  assert.equal(gaps.at(-1), 60_000);
  assert.match(bench.tcp.reason, /never acknowledged/);
});

Deno.test("the round trip is measured by the echo of timestamps", () => {
  const bench = Bench.open();
  bench.now = 1000;
  bench.tcp.send(text("hello"), NOTHING, bench.now);
  const [sent] = bench.out();
  bench.now += 80;
  bench.in(segment({ sequence: 4, acknowledgement: 9, timestampEcho: sent!.timestamp }));
  assert.equal(bench.tcp.roundTrip, 80);
  assert.equal(bench.tcp.deadline, Infinity);
});

Deno.test("the peer's timestamp is echoed from the segment that covers the last acknowledgement", () => {
  const bench = Bench.open({ ackDelay: 0 });
  bench.in(segment({ sequence: 4, acknowledgement: 4, timestamp: 777 }, text("a")));
  bench.in(segment({ sequence: 9, acknowledgement: 4, timestamp: 888 }, text("b")));
  bench.in(segment({ sequence: 5, acknowledgement: 4, timestamp: 999 }));
  assert.deepEqual(bench.out().map((each) => each.timestampEcho), [777, 777]);
});

Deno.test("one message is one segment; a window too small cuts it only when nothing is under way", () => {
  const bench = Bench.open();
  bench.tcp.send(text("one"), NOTHING, 0);
  bench.tcp.send(text("two"), NOTHING, 0);
  assert.deepEqual(bench.out().map((each) => new TextDecoder().decode(each.body)), ["one", "two"]);
  bench.in(segment({ sequence: 4, acknowledgement: 10, window: 5 }));
  bench.tcp.send(text("three"), NOTHING, 0);
  bench.tcp.send(text("four"), NOTHING, 0);
  assert.deepEqual(bench.out().map((each) => each.body.length), [5]);
  bench.in(segment({ sequence: 4, acknowledgement: 15, window: 3 }));
  assert.deepEqual(bench.out().map((each) => new TextDecoder().decode(each.body)), ["fou"]);
  bench.in(segment({ sequence: 4, acknowledgement: 18, window: 3 }));
  assert.deepEqual(bench.out().map((each) => new TextDecoder().decode(each.body)), ["r"]);
});

Deno.test("messages merge and split when that is asked for, never those that may not", () => {
  const random = () => 0.5;
  const bench = Bench.open({ merge: 1, random });
  for (const word of ["one", "two", "six"]) bench.tcp.send(text(word), NOTHING, 0);
  assert.deepEqual(bench.out().map((each) => each.body.length), [3]);
  bench.in(segment({ sequence: 4, acknowledgement: 7 }));
  assert.deepEqual(bench.out().map((each) => new TextDecoder().decode(each.body)), ["twosix"]);
  const cutting = Bench.open({ split: 1, random });
  cutting.tcp.send(text("abc"), text("defgh"), 0);
  cutting.tcp.send(text("whole"), NOTHING, 0, true);
  const bodies = cutting.out().map((each) => new TextDecoder().decode(each.body));
  assert.deepEqual(bodies, ["abcd", "efgh", "whole"]);
});

Deno.test("with Nagle a small message waits for the one under way", () => {
  const bench = Bench.open({ nagle: true });
  bench.tcp.send(text("one"), NOTHING, 0);
  bench.tcp.send(text("two"), NOTHING, 0);
  assert.equal(bench.out().length, 1);
  bench.in(segment({ sequence: 4, acknowledgement: 7 }));
  assert.deepEqual(bench.out().map((each) => new TextDecoder().decode(each.body)), ["two"]);
});

Deno.test("its window closes while nobody reads, bytes beyond it are dropped and counted", () => {
  const bench = Bench.open({ receiveBuffer: 1000, ackDelay: 0 });
  bench.reads = false;
  bench.in(segment({ sequence: 4, acknowledgement: 4 }, text("x".repeat(600))));
  assert.equal(bench.out()[0]!.window, 400);
  assert.equal(bench.tcp.counters.overruns, 0);
  bench.in(segment({ sequence: 604, acknowledgement: 4 }, text("y".repeat(600))));
  const [last] = bench.out();
  assert.deepEqual([last!.acknowledgement, last!.window], [1004, 0]);
  assert.equal(bench.tcp.counters.overruns, 1);
  // Reopening is told at once, and only when it was shut.
  bench.tcp.consume(499, 0);
  assert.deepEqual(bench.out(), []);
  bench.tcp.consume(1, 0);
  assert.deepEqual(bench.out().map((each) => each.window), [500]);
  bench.tcp.consume(500, 0);
  assert.deepEqual(bench.out(), []);
});

Deno.test("a shut window is probed behind the expected byte; 15 s of silence end the session", () => {
  const bench = Bench.open();
  bench.in(segment({ sequence: 4, acknowledgement: 4, window: 0 }));
  bench.tcp.send(text("late"), NOTHING, 0);
  assert.deepEqual(bench.out(), []);
  const times: number[] = [];
  while (bench.tcp.state !== "closed") {
    for (const probe of bench.out()) {
      assert.deepEqual([probe.sequence, probe.body.length], [3, 0]);
      times.push(bench.now);
    }
    bench.wait();
  }
  assert.deepEqual(times, [1000, 3000, 7000]);
  assert.equal(bench.now, 15_000);
  assert.match(bench.tcp.reason, /silence/);
});

Deno.test("an answered probe keeps the session, and a window that opens lets it go on", () => {
  const bench = Bench.open();
  const shut = segment({ sequence: 4, acknowledgement: 4, window: 0 });
  bench.in(shut);
  bench.tcp.send(text("late"), NOTHING, 0);
  for (let i = 0; i < 8; i++) {
    bench.wait(5000 * (i + 1));
    bench.in(shut);
  }
  assert.equal(bench.now, 40_000);
  bench.out();
  bench.in(shut, { window: 100 });
  assert.deepEqual(bench.out().map((each) => new TextDecoder().decode(each.body)), ["late"]);
});

Deno.test("a reset ends it, both ways", () => {
  const bench = Bench.open();
  bench.tcp.reset(0);
  assert.deepEqual(bench.out().map((each) => each.flags), [4]);
  assert.equal(bench.tcp.state, "closed");
  assert.equal(bench.tcp.deadline, Infinity);
});

Deno.test("odd segments take no place in the stream, a SYN can be repeated for no reason", () => {
  const bench = Bench.open({ oddSegments: 1, repeatSyn: 2, random: () => 0 });
  bench.tcp.send(text("data"), NOTHING, 0);
  const [odd, data] = bench.out();
  assert.deepEqual([odd!.control, odd!.sequence, odd!.body[0], odd!.body.length], [1, 4, 10, 10]);
  assert.deepEqual([data!.control, data!.sequence], [0, 4]);
  bench.in(segment({ sequence: 4, acknowledgement: 8 }));
  bench.out();
  for (const at of [1000, 2000]) {
    bench.wait();
    assert.deepEqual([bench.now, ...bench.out().map((each) => each.flags)], [at, 2]);
  }
  assert.equal(bench.tcp.deadline, Infinity);
});

Deno.test("a scaled window works both ways, and not at all without the option", () => {
  const bench = new Bench({ receiveBuffer: 262_144 });
  bench.in(segment({ flags: 2, window: 0xffff }, Uint8Array.of(0, 3, 1, 2)));
  const [syn] = bench.out();
  assert.equal(syn!.body[3], 3);
  assert.equal(syn!.window << 3, 262_144);
  assert.equal(bench.tcp.peerWindow, 0xffff << 2);
  const plain = new Bench({ receiveBuffer: 262_144 });
  plain.in(segment({ flags: 2 }, Uint8Array.of(0)));
  assert.deepEqual([...plain.out()[0]!.body], [0, 3, 1, 0]);
});

Deno.test("bytes of nothing are ignored in every state", () => {
  const bench = Bench.open();
  for (const datagram of [NOTHING, text("PTCP"), new Uint8Array(24), new Uint8Array(1500)]) {
    bench.tcp.input(datagram, 0);
  }
  bench.in(segment({ flags: 2 }, Uint8Array.of(9)));
  assert.deepEqual(bench.out(), []);
  assert.equal(bench.tcp.state, "established");
});
