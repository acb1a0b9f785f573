/** What a peer can do between the handshake and the first read. */

import assert from "node:assert/strict";
import { setImmediate, setTimeout as pause } from "node:timers/promises";
import { DhipError } from "../../lib/errors.ts";
import { MemoryPinStore } from "../../lib/net/pin_store.ts";
import type { ByteStream, Dialer } from "../../lib/net/stream.ts";
import { tcpDialer } from "../../lib/net/tcp.ts";
import { tlsDialer } from "../../lib/net/tls.ts";
import { freePort, peerTest } from "../support/peers.ts";
import { makeKeys, OPENSSL, serve } from "./_openssl.ts";

/** What the next read gets in place of the device's bytes. */
type Break = (buffer: Uint8Array) => number | null;

const BREAKS: Record<string, Break> = {
  garbage: (buffer) => buffer.subarray(0, 100).fill(0xaa).length,
  "a record that nobody encrypted": (buffer) => {
    buffer.set([0x17, 3, 3, 0, 32]);
    return 37;
  },
  "a reset": () => {
    throw new DhipError("DHIP_CONNECTION_LOST", "reset by the device or the network");
  },
  "an end": () => null,
};

/** A dialer whose connection the test can break. */
class BreakableDialer implements Dialer {
  readonly host = "127.0.0.1";
  readonly #broken = Promise.withResolvers<Break>();

  break(how: Break): void {
    this.#broken.resolve(how);
  }

  async dial(port: number): Promise<ByteStream> {
    const direct = await tcpDialer(this.host).dial(port);
    return {
      read: async (buffer) => {
        const first = await Promise.race([direct.read(buffer), this.#broken.promise]);
        return typeof first === "function" ? first(buffer) : first;
      },
      write: (bytes) => direct.write(bytes),
      close: () => direct.close(),
      [Symbol.asyncDispose]: () => direct[Symbol.asyncDispose](),
    };
  }
}

/** A store that is asked after the handshake, and answers when `meanwhile` has happened. */
class SlowPinStore extends MemoryPinStore {
  readonly #meanwhile: () => Promise<void>;

  constructor(meanwhile: () => Promise<void>) {
    super();
    this.#meanwhile = meanwhile;
  }

  override async get(endpoint: string) {
    await this.#meanwhile();
    return await super.get(endpoint);
  }
}

/** Dials and reads; an error of either is the outcome. */
async function dialAndRead(dialer: Dialer, port: number, pins: MemoryPinStore) {
  await using stream = await tlsDialer(dialer, { pins }).dial(port);
  return await stream.read(new Uint8Array(10));
}

for (const version of ["-tls1_2", "-tls1_3"]) {
  for (const [what, how] of Object.entries(BREAKS)) {
    peerTest(
      `${what} while the certificate is judged is an error, not a crash (${version})`,
      OPENSSL,
      async () => {
        await using keys = await makeKeys();
        const port = freePort();
        await using _ = await serve(keys, "one", port, version);
        const dialer = new BreakableDialer();
        const pins = new SlowPinStore(async () => {
          dialer.break(how);
          for (let i = 0; i < 20; i++) await setImmediate();
        });
        const outcome = dialAndRead(dialer, port, pins);
        // An end is one before the stream is used as well as after.
        if (what === "an end" && await outcome.catch(() => null) === null) return;
        await assert.rejects(outcome, { code: "DHIP_CONNECTION_LOST" });
      },
    );
  }
}

peerTest("a device that asks for a client certificate is named, not a crash", OPENSSL, async () => {
  await using keys = await makeKeys();
  const port = freePort();
  await using _ = await serve(keys, "one", port, "-tls1_3", "-Verify", "1");
  for (const slow of [true, false]) {
    const pins = new SlowPinStore(async () => {
      if (slow) await pause(100); // the device's alert is on its way
    });
    await assert.rejects(dialAndRead(tcpDialer("127.0.0.1"), port, pins), {
      code: "DHIP_CONNECTION_LOST",
      hint: "The device asks for a client certificate.",
      retryable: false,
    });
  }
});
