/** Realms of a device whose transport is libnice's, which merges and splits messages as it likes. */

import assert from "node:assert/strict";
import { DhipError } from "../../lib/errors.ts";
import { systemClock } from "../../lib/net/clock.ts";
import type { ByteStream } from "../../lib/net/stream.ts";
import { openDatagrams } from "../../lib/net/udp.ts";
import { PtcpSession } from "../../lib/p2p/session.ts";
import { type NiceOptions, type NicePeer, niceTest, startNicePeer } from "../support/nice_peer.ts";
import { scaled } from "../support/random.ts";
import { isPattern, patternAt } from "./_wire.ts";

const MB = 1_000_000;

/** A TCP server on loopback that sends back what it gets, until its end is closed. */
function echoServer(): { readonly port: number } & AsyncDisposable {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served: Promise<unknown>[] = [];
  const accepted = (async () => {
    for await (const connection of listener) {
      served.push(connection.readable.pipeTo(connection.writable).catch(() => {}));
    }
  })();
  return {
    port: listener.addr.port,
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepted;
      await Promise.all(served);
    },
  };
}

/** A session with a device that forwards port 7 to an echo. */
async function withDevice(
  options: NiceOptions,
  use: (session: PtcpSession, device: NicePeer) => Promise<void>,
): Promise<void> {
  await using echo = echoServer();
  await using device = await startNicePeer({ ...options, device: { 7: echo.port } });
  await using socket = await openDatagrams({ host: "127.0.0.1" });
  const to = { host: "127.0.0.1", port: device.port };
  const session = new PtcpSession({
    host: "sn:TEST",
    random: Math.random,
    clock: systemClock,
    send: (datagram) => socket.send(datagram, to),
  });
  const received = (async () => {
    for await (const { bytes } of socket) session.input(bytes);
  })();
  try {
    await session.connect();
    await use(session, device);
  } finally {
    await session.close();
    socket.close();
    await received;
  }
}

/** Sends a pattern and takes it back. */
async function echoed(stream: ByteStream, number: number, size: number): Promise<void> {
  const writing = (async () => {
    for (let at = 0; at < size; at += 5_000) {
      await stream.write(patternAt(number, at, Math.min(5_000, size - at)));
    }
  })();
  const buffer = new Uint8Array(16_384);
  for (let at = 0; at < size;) {
    const count = await stream.read(buffer);
    assert.ok(count !== null, `realm ${number} ended at ${at} of ${size}`);
    assert.ok(isPattern(number, at, buffer.subarray(0, count)), `realm ${number} at ${at}`);
    at += count;
  }
  await writing;
}

async function echoes(session: PtcpSession, realms: number, size: number): Promise<void> {
  await Promise.all(
    Array.from({ length: realms }, async (_, number) => {
      const stream = await session.open(7);
      try {
        await echoed(stream, number, size);
      } finally {
        stream.close();
      }
    }),
  );
}

niceTest(
  "eight realms at once",
  () => withDevice({}, (session) => echoes(session, 8, scaled(5 * MB))),
);

niceTest("four realms at once at 1 % loss, with duplicates", () => {
  const way = { loss: 1, dup: 1 };
  return withDevice({ in: way, out: way }, (session) => echoes(session, 4, scaled(MB)));
});

niceTest("a realm that nobody reads stalls no other", () =>
  withDevice({}, async (session) => {
    const idle = await session.open(7);
    const stuck = idle.write(new Uint8Array(4 * MB)).catch(() => {});
    await echoes(session, 2, scaled(5 * MB));
    idle.close();
    await stuck;
  }));

niceTest(
  "a closed port is refused, a sign is given and taken, and realms open after",
  () =>
    withDevice({}, async (session, device) => {
      await assert.rejects(
        session.open(81),
        (error) => error instanceof DhipError && error.code === "DHIP_BIND_REFUSED",
      );
      const sign = await session.requestSign();
      assert.ok(sign !== null);
      assert.equal(await session.authorise(sign), true);
      await echoes(session, 1, 10_000);
      await session.close();
      const { binds, overrun } = await device.end();
      assert.equal(binds, 2);
      assert.equal(overrun, 0);
    }),
);
