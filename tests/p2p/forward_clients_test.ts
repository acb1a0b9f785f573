/** Local ports of a tunnel: clients that leave, in the ways in which clients leave. */

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { DhipError } from "../../lib/errors.ts";
import { streamPair } from "../../lib/net/memory.ts";
import type { ByteStream } from "../../lib/net/stream.ts";
import { Forward, type ForwardEvent } from "../../lib/p2p/forward.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

/** A forward to a device in memory, on virtual time. */
class Bench implements AsyncDisposable {
  readonly clock = new VirtualClock();
  readonly events: ForwardEvent[] = [];
  /** The device's ends of the connections. */
  readonly streams: ByteStream[] = [];
  readonly forward: Forward;
  /** The tunnel under all of them. */
  readonly broken = Promise.withResolvers<DhipError>();

  constructor() {
    this.forward = new Forward({
      dialer: {
        host: "sn:EXAMPLE",
        dial: () => {
          const [near, far] = streamPair();
          this.streams.push(far);
          return Promise.resolve({
            broken: this.broken.promise,
            read: (buffer) => near.read(buffer),
            write: (bytes) => near.write(bytes),
            close: () => near.close(),
            [Symbol.asyncDispose]: () => near[Symbol.asyncDispose](),
          });
        },
      },
      remotePort: 80,
      clock: this.clock,
      onEvent: (event) => void this.events.push(event),
    });
  }

  /** A client whose connection the device has. */
  async client(): Promise<Deno.TcpConn> {
    const before = this.streams.length;
    const tcp = await Deno.connect({ hostname: "127.0.0.1", port: this.forward.port });
    await this.until(() => this.streams.length > before);
    return tcp;
  }

  /** Sockets take their own time. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await pause(5);
  }

  /** Lets virtual time pass until connection `number` is over; returns how much. */
  async ended(number: number): Promise<number> {
    const began = this.clock.now();
    const isOver = () =>
      this.events.some((event) => event.type === "closed" && event.connection === number);
    while (!isOver() && this.clock.now() - began < 100_000) {
      await this.clock.advance(100);
      await pause(2);
    }
    return this.clock.now() - began;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stream of this.streams) stream.close();
    await this.forward.close();
  }
}

const bytes = (text: string) => new TextEncoder().encode(text);

async function read(stream: { read(buffer: Uint8Array): Promise<number | null> }): Promise<string> {
  const buffer = new Uint8Array(1_000);
  return new TextDecoder().decode(buffer.subarray(0, await stream.read(buffer) ?? 0));
}

Deno.test("a client that says nothing more is answered, and waited for half a minute", async () => {
  await using bench = new Bench();
  using client = await bench.client();
  await client.write(bytes("question"));
  await client.closeWrite();
  assert.equal(await read(bench.streams[0]!), "question");
  await pause(100); // the end of what it says has to arrive
  await bench.clock.advance(20_000);
  await bench.streams[0]!.write(bytes("answer"));
  assert.equal(await read(client), "answer");
  await bench.clock.advance(20_000);
  await bench.streams[0]!.write(bytes("more"));
  assert.equal(await read(client), "more");
  const waited = await bench.ended(1);
  assert.ok(waited >= 29_000 && waited <= 31_000, `${waited}`);
  assert.equal(await read(bench.streams[0]!), "");
});

Deno.test("a client that leaves after its answer is not waited for so long", async () => {
  await using bench = new Bench();
  const client = await bench.client();
  await client.write(bytes("question"));
  await read(bench.streams[0]!);
  await bench.streams[0]!.write(bytes("answer"));
  await read(client);
  client.close();
  const waited = await bench.ended(1);
  assert.ok(waited >= 9_000 && waited <= 11_000, `${waited}`);
});

Deno.test("a client that has left for good is let go as soon as the device speaks", async () => {
  await using bench = new Bench();
  const client = await bench.client();
  await client.write(bytes("question"));
  await read(bench.streams[0]!);
  client.close();
  await pause(100);
  await bench.streams[0]!.write(bytes("too late"));
  const waited = await bench.ended(1);
  assert.ok(waited <= 1_000, `${waited}`);
});

Deno.test("those that have left do not keep new ones out", async () => {
  await using bench = new Bench();
  for (let number = 1; number <= 300; number++) (await bench.client()).close();
  await bench.until(() => bench.forward.connections <= 40);
  assert.ok(bench.events.every(({ type }) => type !== "failed"));
});

Deno.test("a client that does not read hears that its connection is lost, once it could have read", async () => {
  await using bench = new Bench();
  using _client = await bench.client();
  const writing = (async () => {
    for (;;) await bench.streams[0]!.write(new Uint8Array(1 << 16));
  })();
  const cut = assert.rejects(writing);
  await pause(200); // now nothing moves any more
  bench.broken.resolve(new DhipError("DHIP_TUNNEL_LOST", "lost"));
  const waited = await bench.ended(1);
  assert.ok(waited >= 900 && waited <= 1_200, `${waited}`);
  const closed = bench.events.find((event) => event.type === "closed")!;
  assert.deepEqual([closed.reason, closed.error?.code], ["lost", "DHIP_TUNNEL_LOST"]);
  await cut;
});
