import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { DhipError } from "../../lib/errors.ts";
import { HttpClient, type HttpClientOptions } from "../../lib/http/client.ts";
import { readParts } from "../../lib/http/multipart_parts.ts";
import { scaled } from "../support/random.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { answer, type Script, ScriptedServer } from "./_scripted_server.ts";
import { bytesOf } from "./_replay.ts";

function start(script: Script, options: HttpClientOptions & { host?: string; secure?: true } = {}) {
  const clock = new VirtualClock();
  const server = new ScriptedServer(script, options);
  const client = new HttpClient(server.dialer, { clock, ...options });
  return { clock, server, client };
}

async function text(client: HttpClient, target: string): Promise<string> {
  return await (await client.request(target)).text();
}

Deno.test("requests follow one another over one connection", async () => {
  const { client, server, clock } = start(({ target }) => answer(target.slice(1)));
  for (const name of ["a", "b", "c"]) assert.equal(await text(client, `/${name}`), name);
  assert.equal(server.connections, 1);
  const [first] = server.asked;
  assert.equal(first!.headers.get("host"), "camera.test");
  assert.equal(first!.headers.get("user-agent"), "dhip");
  assert.equal(first!.headers.get("content-length"), null);
  client.close();
  assert.equal(clock.pending, 0);
});

Deno.test("bodies and headers are sent as given, a target is not touched", async () => {
  const { client, server } = start(() => answer("ok"), { port: 8080, headers: { "X-A": "1" } });
  const target = "/cgi-bin/eventManager.cgi?action=attach&codes=[All]&b=%5B";
  const body = `{"id":1,"é":"я"}`;
  await client.request(target, {
    method: "POST",
    body,
    headers: { "Content-Type": "application/json", "x-a": "2" },
  });
  await client.request("/empty", { method: "POST" });
  const [first, second] = server.asked;
  assert.equal(first!.target, target);
  assert.equal(first!.headers.get("host"), "camera.test:8080");
  assert.equal(first!.headers.get("x-a"), "2");
  assert.equal(new TextDecoder().decode(bytesOf(first!.body)), body);
  assert.equal(second!.headers.get("content-length"), "0");
  for (const bad of ["relative", "/a b", "/a\r\nX: y", "/é", "/a#b", ""]) {
    await assert.rejects(client.request(bad), TypeError, bad);
  }
  await assert.rejects(client.request("/", { method: "GE T" }), TypeError);
  await assert.rejects(client.request("/", { headers: { a: "b\r\nc: d" } }), TypeError);
  client.close();
});

Deno.test("bodies of every framing are read whole", async () => {
  const { client, server } = start(async ({ target }, stream) => {
    if (target === "/length") return answer("hello");
    if (target === "/chunked") {
      return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n";
    }
    await stream.write(bytesOf("HTTP/1.1 200 OK\r\n\r\nhel"));
    await stream.write(bytesOf("lo"));
    await setImmediate();
    stream.close();
    return undefined;
  });
  for (const kind of ["/length", "/chunked"]) assert.equal(await text(client, kind), "hello");
  assert.equal(server.connections, 1);
  client.close();
});

Deno.test("a large body streams with backpressure, and both directions go on", async () => {
  const size = 5_000_000;
  let written = 0;
  const { client } = start(async (_, stream) => {
    await stream.write(bytesOf(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`));
    const block = new Uint8Array(50_000);
    for (; written < size; written += block.length) await stream.write(block);
  });
  const response = await client.request("/");
  const reader = response.body.getReader();
  await reader.read();
  for (let i = 0; i < 20; i++) await setImmediate();
  assert.ok(written < 1_000_000, "nobody reads, so nobody may send on");
  let total = 0;
  reader.releaseLock();
  for await (const chunk of response.body) total += chunk.length;
  assert.ok(total > size - 65_537 && total < size);
  assert.equal(response.body, response.body);
  await assert.rejects(response.text(), TypeError);
  client.close();
});

Deno.test("many requests at once share the few connections", async () => {
  const { client, server } = start(async ({ target }) => {
    await setImmediate();
    return answer(target);
  }, { maxConnections: 3 });
  const targets = Array.from({ length: 30 }, (_, i) => `/${i}`);
  const answers = await Promise.all(targets.map((target) => text(client, target)));
  assert.deepEqual(answers, targets);
  assert.equal(server.connections, 3);
  client.close();
});

Deno.test("a kept connection that died is replaced once, unseen", async () => {
  const { client, server } = start(({ target, connection }, stream) => {
    if (connection !== 1 || target !== "/second") return answer(target);
    stream.close();
    return undefined;
  });
  await text(client, "/first");
  assert.equal(
    await (await client.request("/second", { method: "POST", body: "x" })).text(),
    "/second",
  );
  assert.equal(server.connections, 2);
  assert.deepEqual(server.asked.map(({ body }) => body), ["", "x", "x"]);
  client.close();
});

Deno.test("not replaced: a fresh connection, one that answered, and what must not be", async () => {
  const { client, server } = start(async ({ target }, stream) => {
    if (target === "/first") return answer("");
    if (target === "/half") await stream.write(bytesOf("HTTP/1.1 2"));
    stream.close();
    return undefined;
  });
  await assert.rejects(client.request("/fresh"), { code: "DHIP_CONNECTION_LOST" });
  await text(client, "/first");
  await assert.rejects(client.request("/half"), { code: "DHIP_CONNECTION_LOST" });
  await text(client, "/first");
  await assert.rejects(client.request("/once", { retry: false }), { code: "DHIP_CONNECTION_LOST" });
  assert.equal(server.asked.length, 5);
  client.close();
});

Deno.test("an idle connection that the device closes, or talks on, is dropped at once", async () => {
  const { client, server } = start(() => answer("x"));
  await text(client, "/");
  server.streams[0]!.close();
  await setImmediate();
  await text(client, "/");
  assert.equal(server.connections, 2);
  await server.streams[1]!.write(bytesOf("HTTP/1.1 200 OK\r\n\r\n")); // unasked
  await setImmediate();
  assert.equal(await text(client, "/"), "x");
  assert.equal(server.connections, 3);
  assert.equal(server.asked.length, 3);
  client.close();
});

Deno.test("an unused connection is closed after its time", async () => {
  const { client, server, clock } = start(() => answer("x"), { keepAlive: 5_000 });
  await text(client, "/");
  await clock.advance(5_001);
  assert.equal(await server.streams[0]!.read(new Uint8Array(1)), null);
  client.close();
});

Deno.test("a signal ends the wait for the head, and the body", async () => {
  const { client, clock } = start(({ target }) =>
    target === "/none" ? undefined : "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"
  );
  const first = new AbortController();
  const waiting = client.request("/none", { signal: first.signal });
  await setImmediate();
  first.abort();
  await assert.rejects(waiting, { code: "DHIP_INTERRUPTED" });
  const second = new AbortController();
  const response = await client.request("/body", { signal: second.signal });
  const body = response.text();
  await setImmediate();
  second.abort();
  await assert.rejects(body, { code: "DHIP_INTERRUPTED" });
  await assert.rejects(client.request("/", { signal: second.signal }), {
    code: "DHIP_INTERRUPTED",
  });
  client.close();
  assert.equal(clock.pending, 0);
});

Deno.test("closing the client ends what is under way", async () => {
  const { client } = start(() => undefined, { maxConnections: 1 });
  const first = client.request("/");
  const second = client.request("/");
  await setImmediate();
  client.close();
  for (const request of [first, second, client.request("/")]) {
    await assert.rejects(request, { code: "DHIP_CLOSED" });
  }
});

Deno.test("limits: heads, bodies in memory, bodies as streams", async () => {
  const { client } = start(
    ({ target }) =>
      target === "/head" ? answer("", 200, `A: ${"x".repeat(2000)}\r\n`) : answer("x".repeat(1000)),
    { limits: { maxHead: 1000 } },
  );
  await assert.rejects(client.request("/head"), {
    code: "DHIP_HTTP_TOO_LARGE",
    host: "camera.test:80",
  });
  const read = async (maxBody: number) => await (await client.request("/", { maxBody })).text();
  assert.equal((await read(1000)).length, 1000);
  await assert.rejects(read(999), { code: "DHIP_HTTP_TOO_LARGE" });
  await assert.rejects((await client.request("/")).bytes({ maxBody: 10 }), {
    code: "DHIP_HTTP_TOO_LARGE",
  });
  const { body } = await client.request("/", { maxBody: 10 });
  await assert.rejects(Array.fromAsync(body), { code: "DHIP_HTTP_TOO_LARGE" });
  client.close();
});

Deno.test("an answer that is let go gives its connection back, or up", async () => {
  const { client, server } = start(async ({ target }, stream) => {
    const size = target === "/short" ? 30_000 : 500_000;
    await stream.write(bytesOf(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`));
    for (let sent = 0; sent < size; sent += 10_000) {
      await stream.write(new Uint8Array(10_000)).catch(() => {});
    }
  });
  {
    await using _ = await client.request("/short");
  }
  {
    await using _ = await client.request("/long");
  }
  assert.equal(server.connections, 1);
  const response = await client.request("/short");
  assert.equal(server.connections, 2);
  await response.discard();
  await response.discard();
  client.close();
});

Deno.test("an old answer can neither read nor break the next one on its connection", async () => {
  const { client, server } = start(async ({ target }, stream) => {
    await stream.write(bytesOf("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"));
    await setImmediate();
    await stream.write(bytesOf(target));
  });
  const old = await client.request("/old");
  const reader = old.body.getReader();
  assert.deepEqual((await reader.read()).value, bytesOf("/old"));
  const next = await client.request("/new");
  assert.ok((await reader.read()).done);
  await old.discard();
  assert.equal(await next.text(), "/new");
  assert.equal(server.connections, 1);
  client.close();
});

Deno.test("an answer that comes before the request is sent is still an answer", async () => {
  const [body, clock] = ["x".repeat(3_000_000), new VirtualClock()];
  const server = { connections: 0 };
  const { streamPair } = await import("../../lib/net/memory.ts");
  const client = new HttpClient({
    host: "camera.test",
    dial: async () => {
      server.connections++;
      const [ours, theirs] = streamPair();
      await theirs.write(bytesOf(answer("too large", 413)));
      return ours;
    },
  }, { clock });
  const response = await client.request("/", { method: "POST", body });
  assert.equal(response.status, 413);
  assert.equal(await response.text(), "too large");
  await clock.advance(2_000);
  assert.equal((await client.request("/")).status, 413);
  assert.equal(server.connections, 2, "the first still has half a request in it");
  client.close();
});

Deno.test("cookies of the device are kept, those of the caller added", async () => {
  const { client, server } = start(({ target }) =>
    target === "/set"
      ? answer("", 200, "Set-Cookie: id=7; Path=/; HttpOnly\r\nSet-Cookie: s=1; Secure\r\n")
      : answer("")
  );
  client.cookies.set("DhWebClientSessionID", "123");
  await client.request("/set");
  await client.request("/", { headers: { Cookie: "username=admin" } });
  assert.deepEqual(server.asked.map(({ headers }) => headers.get("cookie")), [
    "DhWebClientSessionID=123",
    "DhWebClientSessionID=123; id=7; username=admin",
  ]);
  client.close();
});

Deno.test("errors and traces name method and path, never the query", async () => {
  const lines: string[] = [];
  const { client, clock } = start(
    ({ target }) => target.startsWith("/none") ? undefined : answer("nothing", 404),
    { onTrace: (line) => void lines.push(line) },
  );
  const secret = "canary";
  const checkError = (error: DhipError) => {
    assert.ok(!Deno.inspect(error).includes(secret));
    assert.match(error.message, /GET \/\w+/);
    return true;
  };
  const response = await client.request(`/gone?pwd=${secret}`);
  await assert.rejects(response.json(), (error: DhipError) => {
    assert.equal(error.code, "DHIP_BAD_JSON");
    return checkError(error);
  });
  await assert.rejects(clock.settle(client.request(`/none?pwd=${secret}`)), checkError);
  assert.deepEqual(lines, ["GET /gone -> 404"]);
  client.close();
});

Deno.test("parts of a multipart answer arrive one by one", async () => {
  const type = 'Content-Type: multipart/x-mixed-replace; boundary="b"';
  let send = (_: string): Promise<void> => Promise.resolve();
  const { client } = start(async ({ target }, stream) => {
    if (target === "/plain") return answer("x", 200, "Content-Type: text/plain\r\n");
    send = (text) => stream.write(bytesOf(text));
    await send(`HTTP/1.1 200 OK\r\n${type}\r\n\r\n`);
    return undefined;
  });
  const parts = readParts(await client.request("/events"));
  await send("--b\r\nContent-Length: 3\r\n\r\none");
  assert.deepEqual((await parts.next()).value!.body, bytesOf("one"));
  await send("\r\n--b\r\nA: 1\r\n\r\ntwo\r\n--b\r\n");
  const second = (await parts.next()).value!;
  assert.equal(second.headers.get("a"), "1");
  assert.deepEqual(second.body, bytesOf("two"));
  await parts.return();
  await assert.rejects(readParts(await client.request("/plain")).next(), { code: "DHIP_BAD_HTTP" });
  client.close();
});

Deno.test("a device without a host name gets a Host header all the same", async () => {
  for (
    const [host, port, header] of [
      ["sn:4A0012FPAZ", 80, "127.0.0.1"],
      ["2001:db8::7", 8080, "[2001:db8::7]:8080"],
      ["2001:db8::7", 80, "[2001:db8::7]"],
    ] as const
  ) {
    const { client, server } = start(() => answer(""), { host, port });
    await client.request("/");
    assert.equal(server.asked[0]!.headers.get("host"), header);
    client.close();
  }
});

Deno.test("whatever a server sends and however it ends, a request ends too", async () => {
  const pieces = [
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    'HTTP/1.1 401 No\r\nWWW-Authenticate: Digest nonce="n"\r\n',
    "Content-Length: 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Set-Cookie: a=b\r\n",
    "\r\n",
    "hello",
    "5\r\nhello\r\n",
    "0\r\n\r\n",
    "\0",
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...pieces), { maxLength: 8 }),
      fc.boolean(),
      async (sent, hangUp) => {
        const { client, clock } = start(async (_, stream) => {
          for (const piece of sent) await stream.write(bytesOf(piece)).catch(() => {});
          await setImmediate();
          if (hangUp) stream.close();
          return undefined;
        });
        for (let i = 0; i < 2; i++) {
          try {
            const response = await clock.settle(client.request("/", { method: "POST" }));
            await clock.settle(response.bytes());
          } catch (error) {
            assert.ok(error instanceof DhipError, String(error));
            assert.equal(error.host, "camera.test:80");
          }
        }
        client.close();
        assert.equal(clock.pending, 0);
      },
    ),
    { numRuns: scaled(5_000) },
  );
});
