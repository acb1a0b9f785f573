import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import type { DhipError } from "../../lib/errors.ts";
import { HttpClient } from "../../lib/http/client.ts";
import { fingerprintText } from "../../lib/net/certificate_trust.ts";
import { streamPair } from "../../lib/net/memory.ts";
import { MemoryPinStore } from "../../lib/net/pin_store.ts";
import { isSecure, type SecureDialer } from "../../lib/net/secure_dialer.ts";
import type { ByteStream, Dialer } from "../../lib/net/stream.ts";
import { tcpDialer } from "../../lib/net/tcp.ts";
import { tlsConnect, tlsDialer, type TlsOptions } from "../../lib/net/tls.ts";
import { freePort, peerTest, run, startPeer } from "../support/peers.ts";
import { fingerprint, makeKeys, OPENSSL, serve } from "./_openssl.ts";

const pure = { permissions: "none" } as const;

/** Dials, asks for a page over HTTP, and tells why the certificate was trusted. */
async function visit(port: number, options: TlsOptions, host = "127.0.0.1"): Promise<string> {
  const dialer = tlsDialer(named(host), options);
  const stream = await dialer.dial(port);
  stream.close();
  await using client = new HttpClient(dialer, { port });
  const response = await client.request("/");
  assert.equal(response.status, 200);
  assert.match(await response.text(), /s_server/);
  return stream.certificate.trust;
}

/** Connects to 127.0.0.1 under another name. */
function named(host: string): Dialer {
  return { ...tcpDialer("127.0.0.1"), host };
}

peerTest(
  "a self-signed certificate is pinned, loudly, and must stay the same",
  OPENSSL,
  async () => {
    await using keys = await makeKeys();
    const port = freePort();
    const notices: string[] = [];
    const pins = new MemoryPinStore();
    const options = { pins, onNotice: (text: string) => void notices.push(text) };
    const [one, two] = [await fingerprint(keys, "one"), await fingerprint(keys, "two")];
    {
      await using _ = await serve(keys, "one", port);
      const stream = await tlsDialer(tcpDialer("127.0.0.1"), options).dial(port);
      assert.equal(stream.certificate.trust, "first-use");
      assert.equal(stream.certificate.subject, "one");
      assert.equal(stream.certificate.protocol, "TLSv1.3");
      assert.equal(fingerprintText(stream.certificate.sha256), one);
      stream.close();
      assert.equal((await pins.get(`127.0.0.1:${port}`))!.sha256, stream.certificate.sha256);
      assert.equal(notices.length, 1);
      assert.ok(notices[0]!.includes(one));
      assert.equal(await visit(port, options), "pinned");
      assert.equal(notices.length, 1);
    }
    await using _ = await serve(keys, "two", port);
    await assert.rejects(visit(port, options), (error: DhipError) => {
      assert.equal(error.code, "DHIP_TLS_UNTRUSTED");
      assert.equal(error.host, `127.0.0.1:${port}`);
      assert.ok(error.message.includes(one) && error.message.includes(two));
      assert.match(error.hint!, /dhip trust TARGET --accept/);
      return true;
    });
    assert.equal(await visit(port, { ...options, insecure: true }), "insecure");
    await assert.rejects(visit(port, options), { code: "DHIP_TLS_UNTRUSTED" });
    await assert.rejects(visit(port, { pins: new MemoryPinStore(), trustOnFirstUse: false }), {
      code: "DHIP_TLS_UNTRUSTED",
      message: new RegExp(`SELF_SIGNED.*${two}`),
    });
  },
);

peerTest(
  "an authority vouches for its own certificates and their names only",
  OPENSSL,
  async () => {
    await using keys = await makeKeys();
    const port = freePort();
    await using _ = await serve(keys, "signed", port);
    const ca = [await Deno.readTextFile(`${keys.path}/ca.pem`)];
    const strict = () => ({ pins: new MemoryPinStore(), trustOnFirstUse: false });
    assert.equal(await visit(port, { ...strict(), ca }, "localhost"), "authority");
    // Without the authority, under another name, or under an address: not vouched for.
    for (
      const [options, host] of [[{}, "localhost"], [{ ca }, "other.test"], [
        { ca },
        "127.0.0.1",
      ]] as const
    ) {
      const error = { code: "DHIP_TLS_UNTRUSTED" };
      await assert.rejects(visit(port, { ...strict(), ...options }, host), error, host);
    }
    // A device behind a tunnel has no name that a certificate could be for.
    const pins = new MemoryPinStore();
    assert.equal(await visit(port, { pins, ca }, "sn:4A0012FPAZ"), "first-use");
  },
);

for (
  const [what, ...args] of [
    ["TLS 1.0", "-tls1", "-cipher", "DEFAULT@SECLEVEL=0"],
    ["TLS 1.1", "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"],
    ["RSA key exchange", "-tls1_2", "-cipher", "AES128-SHA"],
    ["RSA key exchange with GCM", "-tls1_2", "-cipher", "AES128-GCM-SHA256"],
    ["CBC ciphers", "-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA"],
  ] as const
) {
  peerTest(`only ${what}: DHIP_TLS_TOO_OLD with the remedy`, OPENSSL, async () => {
    await using keys = await makeKeys();
    const port = freePort();
    await using _ = await serve(keys, "one", port, ...args);
    for (const insecure of [false, true]) {
      const pins = new MemoryPinStore();
      await assert.rejects(visit(port, { pins, insecure }), (error: DhipError) => {
        assert.equal(error.code, "DHIP_TLS_TOO_OLD");
        assert.match(error.hint!, /tunnel.*--allow-plain/);
        return true;
      });
    }
  });
}

peerTest("only an RSA key of 1024 bits: DHIP_TLS_TOO_OLD", OPENSSL, async () => {
  await using keys = await makeKeys();
  const files = ["-keyout", "weak.key", "-out", "weak.pem", "-subj", "/CN=weak"];
  await run("openssl", ["req", "-x509", "-newkey", "rsa:1024", "-nodes", ...files], keys.path);
  const port = freePort();
  await using _ = await serve(keys, "weak", port, "-cipher", "DEFAULT@SECLEVEL=0");
  await assert.rejects(visit(port, { pins: new MemoryPinStore() }), {
    code: "DHIP_TLS_TOO_OLD",
    message: /key is too weak/,
  });
});

peerTest(
  "old-fashioned certificates can be pinned: X.509 v1, SHA-1, TLS 1.2",
  OPENSSL,
  async () => {
    await using keys = await makeKeys();
    const openssl = (...args: string[]) => run("openssl", args, keys.path);
    await openssl(
      "req",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      "v1.key",
      "-out",
      "v1.csr",
      "-subj",
      "/CN=v1",
    );
    await openssl("x509", "-req", "-sha1", "-in", "v1.csr", "-signkey", "v1.key", "-out", "v1.pem");
    const port = freePort();
    await using _ = await serve(keys, "v1", port, "-tls1_2", "-cipher", "DEFAULT@SECLEVEL=0");
    assert.equal(await visit(port, { pins: new MemoryPinStore() }), "first-use");
  },
);

peerTest("a large download over TLS waits for its reader", OPENSSL, async () => {
  await using keys = await makeKeys();
  const size = 20_000_000;
  await Deno.writeFile(`${keys.path}/large`, new Uint8Array(size).fill(7));
  const port = freePort();
  const args = ["s_server", "-accept", `127.0.0.1:${port}`, "-WWW", "-quiet"];
  const own = ["-cert", "one.pem", "-key", "one.key"];
  await using _ = await startPeer("openssl", [...args, ...own], port, { cwd: keys.path });
  let received = 0;
  const counting: Dialer = {
    host: "127.0.0.1",
    dial: async (port, options) => {
      const stream = await tcpDialer("127.0.0.1").dial(port, options);
      return {
        read: async (buffer) => {
          const length = await stream.read(buffer);
          received += length ?? 0;
          return length;
        },
        write: (bytes) => stream.write(bytes),
        close: () => stream.close(),
        [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose](),
      };
    },
  };
  const dialer = tlsDialer(counting, { pins: new MemoryPinStore() });
  await using client = new HttpClient(dialer, { port });
  const response = await client.request("/large");
  for (let i = 0; i < 50; i++) await setImmediate();
  assert.ok(received < 1_000_000, "nobody reads, so nothing may pile up");
  let total = 0;
  for await (const chunk of response.body) {
    assert.ok(chunk.every((byte) => byte === 7));
    total += chunk.length;
  }
  assert.equal(total, size);
});

/** A listener that answers the first bytes with others, and then hangs up or stays silent. */
function answering(bytes: string | null, stay = false): Dialer & { end(): void } {
  let theirs: ByteStream | undefined;
  return {
    host: "camera.test",
    end: () => theirs?.close(),
    dial: () => {
      const [ours, peer] = streamPair();
      theirs = peer;
      (async () => {
        await peer.read(new Uint8Array(4096));
        if (bytes !== null) await peer.write(Uint8Array.from(bytes, (sign) => sign.charCodeAt(0)));
        if (!stay) peer.close();
      })();
      return Promise.resolve(ours);
    },
  };
}

const HELLO_1_0 = "\x16\x03\x01\0\x2a\x02\0\0\x26\x03\x01" + "r".repeat(32) + "\0\0\x2f\0";

for (
  const [what, bytes, code] of [
    ["an HTTP server", "HTTP/1.1 400 Bad Request\r\n\r\n", "DHIP_WRONG_PROTOCOL"],
    ["an SSH server", "SSH-2.0-OpenSSH_9.2\r\n", "DHIP_WRONG_PROTOCOL"],
    ["DHIP", " \0\0\0DHIP" + "\0".repeat(24), "DHIP_WRONG_PROTOCOL"],
    ["an alert: protocol version", "\x15\x03\x01\0\x02\x02\x46", "DHIP_TLS_TOO_OLD"],
    ["an alert: handshake failure", "\x15\x03\x01\0\x02\x02\x28", "DHIP_TLS_TOO_OLD"],
    ["a hello of TLS 1.0", HELLO_1_0, "DHIP_TLS_TOO_OLD"],
    ["an alert: internal error", "\x15\x03\x01\0\x02\x02\x50", "DHIP_CONNECTION_LOST"],
    ["a hang-up", null, "DHIP_CONNECTION_LOST"],
  ] as const
) {
  Deno.test(`in place of TLS ${what}: ${code}`, pure, async () => {
    const dialer = answering(bytes, bytes !== null);
    await assert.rejects(tlsDialer(dialer).dial(443), { code, host: "camera.test:443" });
    dialer.end();
  });
}

Deno.test("random bytes in place of TLS give a DhipError", pure, async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const noise = Array.from({ length: 200 }, (_, i) => String.fromCharCode((i * seed * 31) % 256));
    const start = seed % 2 === 0 ? "\x16\x03\x03\0\xc0" : "";
    const dialer = answering(start + noise.join(""));
    await assert.rejects(tlsDialer(dialer).dial(443), (error: DhipError) => {
      assert.match(error.code, /^DHIP_(WRONG_PROTOCOL|TLS_TOO_OLD|CONNECTION_LOST)$/);
      return true;
    });
  }
});

Deno.test(
  "a handshake without an answer ends with its time limit, or its signal",
  pure,
  async () => {
    const dialer = answering(null, true);
    const options = { handshakeTimeout: 20 };
    await assert.rejects(tlsDialer(dialer, options).dial(443), { code: "DHIP_TIMEOUT" });
    const [stream] = streamPair();
    const controller = new AbortController();
    const pending = tlsConnect(stream, "h", 443, {}, { signal: controller.signal });
    controller.abort();
    await assert.rejects(pending, { code: "DHIP_INTERRUPTED" });
    await assert.rejects(stream.write(new Uint8Array(1)), { code: "DHIP_CONNECTION_LOST" });
  },
);

peerTest("closing ends a pending read; writes afterwards fail", OPENSSL, async () => {
  await using keys = await makeKeys();
  const port = freePort();
  const peer = await serve(keys, "one", port);
  const dialer = tlsDialer(tcpDialer("127.0.0.1"), { pins: new MemoryPinStore() });
  assert.ok(isSecure(dialer) && !isSecure(tcpDialer("127.0.0.1")));
  const buffer = new Uint8Array(10);
  {
    await using stream = await dialer.dial(port);
    const pending = stream.read(buffer);
    stream.close();
    assert.equal(await pending, null);
    assert.equal(await stream.read(buffer), null);
    await assert.rejects(stream.write(buffer), { code: "DHIP_CONNECTION_LOST" });
  }
  const stream = await dialer.dial(port);
  const pending = stream.read(buffer).catch((error: DhipError) => error.code);
  await peer[Symbol.asyncDispose]();
  assert.ok([null, "DHIP_CONNECTION_LOST"].includes(await pending as string | null));
  stream.close();
});

peerTest("closing ends a pending write", OPENSSL, async () => {
  await using keys = await makeKeys();
  const port = freePort();
  await using _ = await serve(keys, "one", port);
  const direct = await tcpDialer("127.0.0.1").dial(port);
  let stuck = false;
  const stream = await tlsConnect(
    {
      read: (buffer) => direct.read(buffer),
      write: (bytes) => stuck ? new Promise<void>(() => {}) : direct.write(bytes),
      close: () => direct.close(),
      [Symbol.asyncDispose]: () => direct[Symbol.asyncDispose](),
    },
    "127.0.0.1",
    port,
    { pins: new MemoryPinStore() },
  );
  stuck = true;
  const pending = stream.write(new Uint8Array(1_000_000));
  await setImmediate();
  stream.close();
  await assert.rejects(pending, { code: "DHIP_CONNECTION_LOST" });
});

Deno.test("what is encrypted already is not encrypted twice", pure, async () => {
  const [stream] = streamPair();
  let dialled = 0;
  const secure: SecureDialer = {
    host: "camera.test",
    secure: true,
    dial: () => {
      dialled++;
      return Promise.resolve(stream);
    },
  };
  assert.equal(tlsDialer(secure), secure);
  const known: Dialer = secure; // as the options of a camera know it
  assert.equal(await tlsDialer(known).dial(443), stream);
  assert.equal(dialled, 1);
  const twice = tlsDialer(tlsDialer(tcpDialer("127.0.0.1")));
  assert.ok(isSecure(twice));
  stream.close();
});
