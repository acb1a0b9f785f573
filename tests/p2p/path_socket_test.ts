/** A socket that passes from one reader to the next, over real UDP. */

import assert from "node:assert/strict";
import { type Datagrams, openDatagrams } from "../../lib/net/udp.ts";
import { PathSocket } from "../../lib/p2p/_path_socket.ts";

interface Pair extends AsyncDisposable {
  readonly socket: PathSocket;
  /** Sends one byte to the socket. */
  send(byte: number): Promise<void>;
}

async function pair(): Promise<Pair> {
  const other: Datagrams = await openDatagrams({ host: "127.0.0.1" });
  const socket = new PathSocket(await openDatagrams({ host: "127.0.0.1" }));
  return {
    socket,
    send: (byte) => other.send(Uint8Array.of(byte), socket.address),
    [Symbol.asyncDispose]: () => {
      other.close();
      socket.close();
      return Promise.resolve();
    },
  };
}

/** A reader whose bytes can be waited for. */
function taker() {
  const bytes: number[] = [];
  let wake = () => {};
  return {
    bytes,
    take: ({ bytes: datagram }: { readonly bytes: Uint8Array }) => {
      bytes.push(datagram[0]!);
      wake();
    },
    async has(count: number) {
      while (bytes.length < count) await new Promise<void>((resolve) => wake = resolve);
    },
  };
}

Deno.test("what arrives after the handshake goes to the next reader, the waiting read included", async () => {
  await using it = await pair();
  const { bytes, take, has } = taker();
  const stop = it.socket.pump(take);
  await it.send(1);
  await it.send(2);
  await has(2);
  stop();
  await it.send(3);
  await it.send(4);
  assert.equal((await it.socket.receive())!.bytes[0], 3);
  assert.equal((await it.socket.receive())!.bytes[0], 4);
  assert.deepEqual(bytes, [1, 2]);
});

Deno.test("a datagram that arrives in the moment of the hand-over is not lost", async () => {
  for (let round = 0; round < 50; round++) {
    await using it = await pair();
    const { bytes, take, has } = taker();
    const stop = it.socket.pump(take);
    await it.send(1);
    await it.send(2);
    await has(1);
    for (let ticks = 0; ticks < round % 8; ticks++) await Promise.resolve();
    stop();
    await it.send(3);
    const rest: number[] = [];
    while (rest.at(-1) !== 3) rest.push((await it.socket.receive())!.bytes[0]!);
    assert.deepEqual([...bytes, ...rest], [1, 2, 3]);
  }
});

Deno.test("a reader that still waits does not keep the last words from being heard", async () => {
  await using it = await pair();
  const abandoned = it.socket.receive();
  const { bytes, take, has } = taker();
  const stop = it.socket.pump(take);
  await it.send(7);
  await has(1);
  await it.send(8);
  await has(2);
  assert.deepEqual(bytes, [7, 8]);
  assert.ok((await abandoned) !== null);
  stop();
});

Deno.test("closing ends the pump and the reader", async () => {
  await using it = await pair();
  const { take } = taker();
  it.socket.pump(take)();
  const read = it.socket.receive();
  it.socket.close();
  assert.equal(await read, null);
  for await (const _ of it.socket) assert.fail();
});
