import assert from "node:assert/strict";
import type { DhipError } from "../../lib/errors.ts";
import { backoff } from "../../lib/net/backoff.ts";
import { sleep, withDeadline } from "../../lib/net/deadline.ts";
import { streamPair } from "../../lib/net/memory.ts";
import { parseTarget } from "../../lib/net/target.ts";
import { tcpDialer } from "../../lib/net/tcp.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { scaled } from "../support/random.ts";

Deno.test("backoff grows to its cap and jitter only shortens", () => {
  const take = (options: Parameters<typeof backoff>[0], n: number) => {
    const waits = backoff(options);
    return Array.from({ length: n }, () => waits.next().value);
  };
  assert.deepEqual(take({ base: 100, cap: 450, jitter: 0 }, 5), [100, 200, 400, 450, 450]);
  assert.deepEqual(take({ base: 100, cap: 400, random: () => 0.999 }, 2).map(Math.round), [
    50,
    100,
  ]);
  assert.ok(take({ base: 1, cap: 8 }, 100).every((wait) => wait >= 0.5 && wait <= 8));
  for (const bad of [{ base: 0 }, { base: 2, cap: 1 }, { factor: 0.5 }, { jitter: 2 }]) {
    assert.throws(() => backoff(bad).next(), RangeError);
  }
});

Deno.test("withDeadline tells time-out and interruption apart and gives its signal", async () => {
  const clock = new VirtualClock();
  let seen: AbortSignal | undefined;
  const never = (signal: AbortSignal) => {
    seen = signal;
    return new Promise<never>(() => {});
  };
  const late = withDeadline(never, { what: "wait", host: "h", timeout: 300, clock });
  await assert.rejects(clock.settle(late), { code: "DHIP_TIMEOUT", host: "h" });
  assert.equal((seen!.reason as DhipError).code, "DHIP_TIMEOUT");
  const controller = new AbortController();
  const aborted = withDeadline(never, { what: "wait", signal: controller.signal, clock });
  controller.abort();
  await assert.rejects(aborted, { code: "DHIP_INTERRUPTED" });
  assert.equal(await withDeadline(() => Promise.resolve(5), { what: "x", timeout: 1, clock }), 5);
  assert.equal(clock.pending, 0);
});

Deno.test("sleep ends early on abort", async () => {
  const clock = new VirtualClock();
  const controller = new AbortController();
  const nap = sleep(1000, controller.signal, clock);
  controller.abort();
  await assert.rejects(nap, { code: "DHIP_INTERRUPTED" });
  await clock.settle(sleep(1000, undefined, clock));
  assert.equal(clock.now(), 1000);
  assert.equal(clock.pending, 0);
});

Deno.test("the in-memory pair delivers in order, with backpressure, and ends", async () => {
  const [a, b] = streamPair({ capacity: 10 });
  const received: number[] = [];
  const reader = (async () => {
    const buffer = new Uint8Array(7);
    for (;;) {
      const length = await b.read(buffer);
      if (length === null) return;
      received.push(...buffer.subarray(0, length));
    }
  })();
  const sent = Array.from({ length: 100 }, (_, i) => i);
  for (let i = 0; i < 100; i += 9) await a.write(new Uint8Array(sent.slice(i, i + 9)));
  while (received.length < 100) await Promise.resolve();
  a.close();
  await reader;
  assert.deepEqual(received, sent);
  await assert.rejects(b.write(new Uint8Array(1)), { code: "DHIP_CONNECTION_LOST" });
  let blocked = true;
  const [c, d] = streamPair({ capacity: 4 });
  await c.write(new Uint8Array(4));
  const second = c.write(new Uint8Array(1)).then(() => blocked = false);
  await Promise.resolve();
  assert.ok(blocked);
  await d.read(new Uint8Array(4));
  await second;
  d.close();
});

Deno.test("targets are read as people write them", () => {
  for (
    const [text, target] of [
      ["192.0.2.7", { host: "192.0.2.7" }],
      ["cam-1.example.org:5001", { host: "cam-1.example.org", port: 5001 }],
      ["2001:db8::7", { host: "2001:db8::7" }],
      ["[2001:db8::7]", { host: "2001:db8::7" }],
      ["[fe80::1%eth0]:5000", { host: "fe80::1%eth0", port: 5000 }],
      ["dhip://admin@gate:5000/", { host: "gate", port: 5000, user: "admin" }],
      ["dhip://a%40b@gate", { host: "gate", user: "a@b" }],
      ["dhip://gate", { host: "gate" }],
      ["камера.рф", { host: "камера.рф" }],
    ] as const
  ) assert.deepEqual(parseTarget(text), target, text);
});

Deno.test("a bad target is a SyntaxError that never repeats a password", () => {
  for (
    const text of ["", "a b", "host:0", "host:65536", "host:x", "-x", "http://h", "[::1", "a/b"]
  ) {
    assert.throws(() => parseTarget(text), SyntaxError, text);
  }
  for (
    const text of [
      "dhip://admin:canary@h",
      "admin:canary@h",
      "dhip://admin:canary",
      "admin:canary",
      "dhip://admin:can@ary:canary@h x",
    ]
  ) {
    assert.throws(() => parseTarget(text), (error: Error) => {
      assert.ok(error instanceof SyntaxError);
      assert.ok(!error.message.includes("canary"), error.message);
      return true;
    });
  }
});

Deno.test("random text is a target or a SyntaxError, nothing else", async () => {
  const fc = (await import("fast-check")).default;
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      try {
        const target = parseTarget(text);
        assert.ok(target.host.length > 0);
      } catch (error) {
        assert.ok(error instanceof SyntaxError);
      }
    }),
    { numRuns: scaled(20_000) },
  );
});

Deno.test("TCP reads, writes and ends like any byte stream", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const server = (async () => {
    using connection = await listener.accept();
    await connection.write(new Uint8Array([1, 2, 3]));
    const buffer = new Uint8Array(16);
    let total = 0;
    for (let n; (n = await connection.read(buffer)) !== null;) total += n;
    return total;
  })();
  const stream = await tcpDialer("127.0.0.1").dial(listener.addr.port);
  const buffer = new Uint8Array(8);
  assert.equal(await stream.read(buffer), 3);
  await stream.write(new Uint8Array(1000));
  const pending = stream.read(buffer);
  stream.close();
  assert.equal(await pending, null);
  await assert.rejects(stream.write(buffer), { code: "DHIP_CONNECTION_LOST" });
  assert.equal(await server, 1000);
  listener.close();
});

Deno.test("a refused connection and a missing permission are told apart", async () => {
  const listener = Deno.listen({ hostname: "127.77.0.2", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await assert.rejects(tcpDialer("127.77.0.2").dial(port), {
    code: "DHIP_UNREACHABLE",
    host: `127.77.0.2:${port}`,
    message: `Cannot connect to 127.77.0.2:${port}: connection refused`,
  });
  await assert.rejects(tcpDialer("192.0.2.1").dial(5000), (error: DhipError) => {
    assert.equal(error.code, "DHIP_UNREACHABLE");
    assert.match(error.hint!, /--allow-net/);
    return true;
  });
});
