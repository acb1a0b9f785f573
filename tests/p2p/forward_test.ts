/** Local ports that lead to a device: what clients and devices see of each other, and how it ends. */

import assert from "node:assert/strict";
import { DhipError } from "../../lib/errors.ts";
import { streamPair } from "../../lib/net/memory.ts";
import type { ByteStream, CallOptions, Dialer } from "../../lib/net/stream.ts";
import { Forward, type ForwardEvent, type ForwardOptions } from "../../lib/p2p/forward.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const HOST = "127.77.91.1";

/** A device whose end of every connection is the test's. */
class FakeDevice implements Dialer {
  readonly host = "sn:EXAMPLE0001";
  readonly dialled: { readonly port: number; readonly options: CallOptions }[] = [];
  readonly #streams: ByteStream[] = [];
  readonly #waiting: ((stream: ByteStream) => void)[] = [];
  /** What ends connections instead of the device. */
  lost: DhipError | undefined;
  /** What dialling waits for. */
  gate: Promise<void> = Promise.resolve();

  async dial(port: number, options: CallOptions = {}): Promise<ByteStream> {
    this.dialled.push({ port, options });
    const left = Promise.withResolvers<never>();
    left.promise.catch(() => {});
    const { signal } = options;
    signal?.addEventListener("abort", () => left.reject(signal.reason));
    await Promise.race([this.gate, left.promise]);
    const [near, far] = streamPair({ capacity: 256 * 1024 });
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#streams.push(far);
    else waiting(far);
    const read = async (buffer: Uint8Array) => {
      const count = await near.read(buffer);
      if (count === null && this.lost !== undefined) throw this.lost;
      return count;
    };
    return {
      read,
      write: (bytes) => near.write(bytes),
      close: () => near.close(),
      [Symbol.asyncDispose]: () => near[Symbol.asyncDispose](),
    };
  }

  /** The device's end of the next connection. */
  next(): Promise<ByteStream> {
    const stream = this.#streams.shift();
    if (stream !== undefined) return Promise.resolve(stream);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

interface Bench extends AsyncDisposable {
  readonly device: FakeDevice;
  readonly forward: Forward;
  readonly events: ForwardEvent[];
  /** A client. */
  connect(): Promise<Deno.TcpConn>;
  /** Resolves when an event of that type has come. */
  seen(type: ForwardEvent["type"]): Promise<ForwardEvent>;
}

function bench(options: Partial<ForwardOptions> = {}): Bench {
  const device = new FakeDevice();
  const events: ForwardEvent[] = [];
  const listeners = new Set<() => void>();
  const forward = new Forward({
    dialer: device,
    remotePort: 554,
    host: HOST,
    ...options,
    onEvent: (event) => {
      events.push(event);
      for (const listener of [...listeners]) listener();
    },
  });
  return {
    device,
    forward,
    events,
    connect: () => Deno.connect({ hostname: HOST, port: forward.port }),
    seen: (type) =>
      new Promise((resolve) => {
        const look = () => {
          const event = events.find((event) => event.type === type);
          if (event === undefined) return;
          listeners.delete(look);
          resolve(event);
        };
        listeners.add(look);
        look();
      }),
    [Symbol.asyncDispose]: () => forward.close(),
  };
}

const text = (words: string) => new TextEncoder().encode(words);

async function readText(stream: { read(buffer: Uint8Array): Promise<number | null> }) {
  const buffer = new Uint8Array(1024);
  const count = await stream.read(buffer);
  return count === null ? null : new TextDecoder().decode(buffer.subarray(0, count));
}

/** Everything up to the end. */
async function readAll(client: Deno.TcpConn): Promise<number> {
  const buffer = new Uint8Array(64 * 1024);
  let sum = 0;
  for (let count = await client.read(buffer); count !== null; count = await client.read(buffer)) {
    sum += count;
  }
  return sum;
}

Deno.test("bytes go both ways, and events tell who ended it and how much there was", async () => {
  await using at = bench();
  using client = await at.connect();
  const device = await at.device.next();
  await client.write(text("question"));
  assert.equal(await readText(device), "question");
  await device.write(text("answer!"));
  assert.equal(await readText(client), "answer!");
  device.close();
  assert.equal(await readText(client), null);
  client.close();
  const closed = await at.seen("closed");
  assert.deepEqual({ ...closed, client: "", error: undefined }, {
    type: "closed",
    connection: 1,
    client: "",
    reason: "device",
    error: undefined,
    bytesIn: 7,
    bytesOut: 8,
  });
  assert.match(closed.client, /^127\.\d+\.\d+\.\d+:\d+$/);
  assert.deepEqual(at.events.map(({ type }) => type), ["opened", "closed"]);
  assert.equal(at.device.dialled[0]!.port, 554);
});

Deno.test("a client that has nothing more to say still gets its answer", async () => {
  await using at = bench();
  using client = await at.connect();
  await client.write(text("GET /"));
  await client.closeWrite();
  const device = await at.device.next();
  assert.equal(await readText(device), "GET /");
  await device.write(text("late answer"));
  assert.equal(await readText(client), "late answer");
  device.close();
  assert.equal(await readText(client), null);
  assert.equal((await at.seen("closed") as { reason: string }).reason, "device");
});

Deno.test("a client without questions is kept for its answer, and not for ever", async () => {
  const clock = new VirtualClock();
  await using at = bench({ clock, lingerTimeout: 30_000 });
  using client = await at.connect();
  const device = await at.device.next();
  await client.write(text("x"));
  assert.equal(await readText(device), "x");
  await client.closeWrite();
  while (clock.pending === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await clock.advance(29_000);
  await device.write(text("more"));
  assert.equal(await readText(client), "more");
  await clock.advance(4_000);
  await device.write(text("and more"));
  assert.equal(await readText(client), "and more");
  await clock.advance(4_000);
  assert.equal(at.forward.connections, 1, "counted from the last byte");
  await clock.advance(1_001);
  assert.equal((await at.seen("closed") as { reason: string }).reason, "client");
  assert.equal(await readText(device), null);
});

Deno.test("a client without an answer is let go after half a minute", async () => {
  const clock = new VirtualClock();
  await using at = bench({ clock });
  using client = await at.connect();
  const device = await at.device.next();
  await client.write(text("x"));
  assert.equal(await readText(device), "x");
  await client.closeWrite();
  while (clock.pending === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await clock.advance(29_999);
  assert.equal(at.forward.connections, 1);
  await clock.advance(1);
  assert.equal((await at.seen("closed") as { reason: string }).reason, "client");
});

Deno.test("what a device sent before it closed arrives, even while the client is talking", async () => {
  await using at = bench();
  using client = await at.connect();
  const device = await at.device.next();
  await client.write(text("nobody will read this"));
  const sent = new Uint8Array(200_000).fill(7);
  await device.write(sent);
  device.close();
  assert.equal(await readAll(client), sent.length);
});

Deno.test("a client waits for a tunnel that is being opened, and one that left does not", async () => {
  await using at = bench({ dialTimeout: 45_000 });
  const { promise, resolve } = Promise.withResolvers<void>();
  at.device.gate = promise;
  using patient = await at.connect();
  await patient.write(text("early"));
  const impatient = await at.connect();
  while (at.device.dialled.length < 2) await new Promise((wake) => setTimeout(wake, 1));
  assert.deepEqual(at.device.dialled.map(({ options }) => options.timeout), [45_000, 45_000]);
  impatient.close();
  const failed = await at.seen("failed") as { error: DhipError; connection: number };
  assert.deepEqual([failed.connection, failed.error.code], [2, "DHIP_CLOSED"]);
  assert.equal(at.forward.connections, 1);
  resolve();
  const device = await at.device.next();
  assert.equal(await readText(device), "early");
});

Deno.test("a port that the device does not serve closes the client with the reason", async () => {
  await using at = bench();
  const refusal = new DhipError("DHIP_BIND_REFUSED", "Port 554: refused by the device");
  at.device.gate = Promise.reject(refusal);
  at.device.gate.catch(() => {});
  using client = await at.connect();
  assert.equal(await readText(client), null);
  assert.equal((await at.seen("failed") as { error: DhipError }).error, refusal);
});

Deno.test("a tunnel that breaks closes its clients, and the port goes on", async () => {
  await using at = bench();
  using first = await at.connect();
  const device = await at.device.next();
  at.device.lost = new DhipError("DHIP_TUNNEL_LOST", "The tunnel broke");
  device.close();
  assert.equal(await readText(first), null);
  const closed = await at.seen("closed") as { reason: string; error?: DhipError };
  assert.deepEqual([closed.reason, closed.error?.code], ["lost", "DHIP_TUNNEL_LOST"]);
  using second = await at.connect();
  const again = await at.device.next();
  await again.write(text("back"));
  assert.equal(await readText(second), "back");
});

Deno.test("a client that never reads stalls nobody", async () => {
  await using at = bench();
  using slow = await at.connect();
  const stuck = await at.device.next();
  const flood = (async () => {
    for (let round = 0; round < 1000; round++) await stuck.write(new Uint8Array(64 * 1024));
  })();
  flood.catch(() => {});
  using quick = await at.connect();
  const device = await at.device.next();
  for (let round = 0; round < 20; round++) {
    await device.write(text(`round ${round}`));
    assert.equal(await readText(quick), `round ${round}`);
  }
  slow.close();
  await at.seen("closed");
  await assert.rejects(flood);
});

Deno.test("more clients than allowed are turned away", async () => {
  await using at = bench({ maxConnections: 1 });
  using _first = await at.connect();
  await at.device.next();
  using second = await at.connect();
  assert.equal(await readText(second), null);
  const { error } = await at.seen("failed") as { error: DhipError };
  assert.equal(error.code, "DHIP_TOO_MANY_CALLS");
});

Deno.test("closing ends everything: clients that wait, and clients that copy", async () => {
  const at = bench();
  using open = await at.connect();
  await at.device.next();
  at.device.gate = new Promise(() => {});
  using waiting = await at.connect();
  while (at.device.dialled.length < 2) await new Promise((wake) => setTimeout(wake, 1));
  await at.forward.close();
  await at.forward.close();
  assert.equal(await readText(open).catch(() => null), null);
  assert.equal(await readText(waiting).catch(() => null), null);
  const ends = at.events.filter(({ type }) => type !== "opened");
  assert.deepEqual(ends.map((event) => "reason" in event ? event.reason : event.type).sort(), [
    "failed",
    "stopped",
  ]);
  await assert.rejects(at.connect(), Deno.errors.ConnectionRefused);
});

Deno.test("a port that cannot be listened on says why", async () => {
  await using at = bench();
  const { port } = at.forward;
  assert.throws(() => new Forward({ dialer: at.device, remotePort: 80, host: HOST, port }), {
    code: "DHIP_LISTEN",
    message: `Cannot listen on ${HOST}:${port}: it is taken`,
  });
  assert.throws(
    () => new Forward({ dialer: at.device, remotePort: 80, host: "198.51.100.1" }),
    { code: "DHIP_LISTEN" },
  );
});
