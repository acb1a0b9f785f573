/** Local ports in front of a dialer in memory: clients that leave, half-close, or never read. */

import assert from "node:assert/strict";
import type { ByteStream, CallOptions, Dialer } from "../../lib/net/stream.ts";
import { Forward, type ForwardEvent } from "../../lib/p2p/forward.ts";

const HOST = "127.77.61.1";

/** One end of a connection in memory; the other is its `peer`. */
class Pipe implements ByteStream {
  peer!: Pipe;
  isClosed = false;
  readonly #chunks: Uint8Array[] = [];
  #wake = () => {};

  static pair(): [Pipe, Pipe] {
    const [a, b] = [new Pipe(), new Pipe()];
    [a.peer, b.peer] = [b, a];
    return [a, b];
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#chunks.length === 0) {
      if (this.isClosed || this.peer.isClosed) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const chunk = this.#chunks.shift()!;
    buffer.set(chunk.subarray(0, buffer.length));
    if (chunk.length > buffer.length) this.#chunks.unshift(chunk.subarray(buffer.length));
    return Math.min(chunk.length, buffer.length);
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.isClosed || this.peer.isClosed) return Promise.reject(new Error("closed"));
    this.peer.#chunks.push(bytes.slice());
    this.peer.#wake();
    return Promise.resolve();
  }

  close(): void {
    this.isClosed = true;
    this.#wake();
    this.peer.#wake();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}

/** A dialer whose device's ends are kept. */
class MemoryDialer implements Dialer {
  readonly host = "sn:TEST";
  readonly ends: Pipe[] = [];
  /** While it is pending, nobody is connected. */
  gate: Promise<void> = Promise.resolve();
  #dialed = Promise.withResolvers<Pipe>();

  /** The device's end of the next connection. */
  get next(): Promise<Pipe> {
    return this.#dialed.promise;
  }

  async dial(_port: number, { signal }: CallOptions = {}): Promise<ByteStream> {
    const gone = new Promise<never>((_, reject) =>
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true })
    );
    await Promise.race([this.gate, gone]);
    const [ours, theirs] = Pipe.pair();
    this.ends.push(theirs);
    this.#dialed.resolve(theirs);
    this.#dialed = Promise.withResolvers();
    return ours;
  }
}

function world(options: Partial<ConstructorParameters<typeof Forward>[0]> = {}) {
  const dialer = new MemoryDialer();
  const events: ForwardEvent[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<ForwardEvent>();
  const forward = new Forward({
    dialer,
    host: HOST,
    remotePort: 80,
    onEvent: (event) => {
      events.push(event);
      if (event.type !== "opened") resolve(event);
    },
    ...options,
  });
  const connect = () => Deno.connect({ hostname: HOST, port: forward.port });
  return { dialer, events, ended, forward, connect };
}

Deno.test("a client that has asked and closed its side still gets the answer", async () => {
  const { dialer, forward, connect, ended } = world();
  await using _ = forward;
  const next = dialer.next;
  using client = await connect();
  await client.write(Uint8Array.of(1, 2, 3));
  await client.closeWrite();
  const device = await next;
  const buffer = new Uint8Array(10);
  assert.equal(await device.read(buffer), 3);
  await device.write(Uint8Array.of(4, 5));
  device.close();
  assert.equal(await client.read(buffer), 2);
  assert.equal(await client.read(buffer), null);
  const event = await ended;
  assert.ok(event.type === "closed" && event.reason === "device");
  assert.deepEqual([event.bytesIn, event.bytesOut], [2, 3]);
});

Deno.test("a client that leaves while the device is called is not waited for", async () => {
  const { dialer, forward, connect, ended } = world();
  await using _ = forward;
  dialer.gate = new Promise(() => {});
  (await connect()).close();
  const event = await ended;
  assert.ok(event.type === "failed");
  assert.equal(event.error.code, "DHIP_CLOSED");
  assert.equal(forward.connections, 0);
});

Deno.test("a client that connects and says nothing is connected, and hears the device", async () => {
  const { dialer, forward, connect } = world();
  await using _ = forward;
  const next = dialer.next;
  using client = await connect();
  const device = await next;
  await device.write(Uint8Array.of(9));
  assert.equal(await client.read(new Uint8Array(10)), 1);
});

Deno.test("closing ends clients in every state, those too that come at that moment", async () => {
  for (let turns = 0; turns < 40; turns++) {
    const { dialer, forward, connect } = world();
    const clients = await Promise.all([connect(), connect(), connect()]);
    if (turns % 3 === 0) dialer.gate = new Promise(() => {});
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    if (turns % 2 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    await forward.close();
    assert.equal(forward.connections, 0, `after ${turns} turns`);
    assert.ok(dialer.ends.every(({ peer }) => peer.isClosed));
    for (const client of clients) client.close();
  }
});

Deno.test("a client that never reads is closed with the forward", async () => {
  const { dialer, forward, connect } = world();
  const next = dialer.next;
  using _client = await connect();
  const device = await next;
  for (let i = 0; i < 200; i++) await device.write(new Uint8Array(65_536));
  await new Promise((resolve) => setTimeout(resolve, 20));
  await forward.close();
  assert.equal(forward.connections, 0);
});

Deno.test("one client more than allowed is turned away, and told", async () => {
  const { dialer, forward, connect, ended } = world({ maxConnections: 1 });
  await using _ = forward;
  const next = dialer.next;
  using _first = await connect();
  await next;
  using second = await connect();
  assert.equal(await second.read(new Uint8Array(1)), null);
  const event = await ended;
  assert.ok(event.type === "failed" && event.error.code === "DHIP_TOO_MANY_CALLS");
});

Deno.test("a port that is taken, an address that is not ours, and ports that are none", () => {
  using listener = Deno.listen({ hostname: HOST, port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  assert.throws(() => world({ port }), { code: "DHIP_LISTEN", message: /taken/ });
  for (const remotePort of [0, 65_536, 1.5]) assert.throws(() => world({ remotePort }), RangeError);
});
