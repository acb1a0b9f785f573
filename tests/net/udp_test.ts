/** Datagrams on the loopback interface. */

import assert from "node:assert/strict";
import { openDatagrams } from "../../lib/net/udp.ts";

const HERE = "127.77.0.37";

Deno.test("datagrams arrive whole, with their sender, in one reused buffer", async () => {
  await using a = await openDatagrams({ host: HERE });
  await using b = await openDatagrams({ host: HERE });
  await a.send(new Uint8Array([1, 2, 3]), b.address);
  const first = (await b.receive())!;
  assert.deepEqual([[...first.bytes], first.from], [[1, 2, 3], a.address]);
  await a.send(new Uint8Array(60_000).fill(9), b.address);
  const second = (await b.receive())!;
  assert.equal(second.bytes.length, 60_000);
  assert.equal(second.bytes.buffer, first.bytes.buffer);
});

Deno.test("what is longer than the limit is cut", async () => {
  await using a = await openDatagrams({ host: HERE });
  await using b = await openDatagrams({ host: HERE, maxSize: 100 });
  await a.send(new Uint8Array(500), b.address);
  assert.equal((await b.receive())!.bytes.length, 100);
});

Deno.test("close ends a pending receive and the iteration", async () => {
  await using a = await openDatagrams({ host: HERE });
  const b = await openDatagrams({ host: HERE });
  await a.send(new Uint8Array([7]), b.address);
  const seen: number[] = [];
  for await (const { bytes } of b) {
    seen.push(bytes[0]!);
    queueMicrotask(() => b.close());
  }
  assert.deepEqual(seen, [7]);
  b.close();
  assert.equal(await b.receive(), null);
});

Deno.test("an address that cannot be used is told in words", async () => {
  await using a = await openDatagrams({ host: HERE });
  await assert.rejects(openDatagrams(a.address), {
    code: "DHIP_UNREACHABLE",
    message: /the port is in use/,
  });
  await assert.rejects(openDatagrams({ host: "192.0.2.1" }), {
    code: "DHIP_UNREACHABLE",
    message: /no permission/,
    hint: /--allow-net/,
  });
  await assert.rejects(a.send(new Uint8Array(1), { host: "192.0.2.1", port: 9 }), {
    code: "DHIP_UNREACHABLE",
    message: /192\.0\.2\.1:9/,
  });
});

Deno.test("without Deno's unstable network API the error says which switch is missing", async () => {
  const module = new URL("../../lib/net/udp.ts", import.meta.url).href;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      "--no-config",
      `
      const { openDatagrams } = await import("${module}");
      await openDatagrams().catch(({ code, hint }) => console.log(code, hint));`,
    ],
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  assert.match(
    text.decode(stdout),
    /^DHIP_UNREACHABLE Run it with --unstable-net/,
    text.decode(stderr),
  );
});

Deno.test("a group on the loopback interface is heard by those who joined it", async () => {
  // The permission of the tests covers the group; on a network nothing of this is seen.
  const group = "239.255.255.251";
  await using member = await openDatagrams({
    host: "0.0.0.0",
    multicast: { group, interfaceAddress: "127.0.0.1" },
  });
  await using sender = await openDatagrams({ host: "127.0.0.1", multicast: { group, ttl: 2 } });
  await sender.send(new Uint8Array([5]), { host: group, port: member.address.port });
  const { bytes, from } = (await member.receive())!;
  assert.deepEqual([[...bytes], from], [[5], sender.address]);
});
