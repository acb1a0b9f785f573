/** Bodies that trickle, and limits that are none. */

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { HttpClient, type HttpClientOptions } from "../../lib/http/client.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { bytesOf } from "./_replay.ts";
import { answer, ScriptedServer } from "./_scripted_server.ts";

const IDLE = 10_000;

/** A device that is never silent for long, and sends a body of 100 bytes in 900 s. */
function trickle(options: HttpClientOptions = {}) {
  const clock = new VirtualClock();
  const server = new ScriptedServer(async ({ target }, stream) => {
    if (target === "/quick") return answer("quick");
    const chunked = target === "/chunked";
    const framing = chunked ? "Transfer-Encoding: chunked" : "Content-Length: 100";
    await stream.write(bytesOf(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n${chunked ? "64;" : ""}`));
    try {
      for (let i = 0; i < 100; i++) {
        await new Promise<void>((resolve) => clock.timer(resolve, 9_000));
        await stream.write(bytesOf("x"));
      }
    } catch {
      // the client has hung up
    }
    return undefined;
  });
  const client = new HttpClient(server.dialer, { clock, idleTimeout: IDLE, ...options });
  return { clock, server, client };
}

Deno.test("time limits: no answer, silence in a body; a slow body has more time", async () => {
  const clock = new VirtualClock();
  const server = new ScriptedServer(async ({ target }, stream) => {
    if (target === "/none") return undefined;
    await stream.write(bytesOf("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"));
    if (target === "/silent") return undefined;
    for (let i = 0; i < 5; i++) {
      await new Promise<void>((resolve) => clock.timer(resolve, 9_000));
      await stream.write(bytesOf("x"));
    }
    return undefined;
  });
  const client = new HttpClient(server.dialer, { clock, timeout: 12_000, idleTimeout: IDLE });
  await assert.rejects(clock.settle(client.request("/none")), { code: "DHIP_TIMEOUT" });
  await assert.rejects(clock.settle(client.request("/none", { timeout: 100 })), {
    code: "DHIP_TIMEOUT",
    host: "camera.test:80",
    message: "No answer within 100 ms: GET /none",
  });
  const silent = await client.request("/silent");
  await assert.rejects(clock.settle(silent.text()), { code: "DHIP_TIMEOUT" });
  const slow = await client.request("/slow");
  assert.equal(await clock.settle(slow.text()), "xxxxx");
  client.close();
  assert.equal(clock.pending, 0);
});

Deno.test("a body that trickles for ever into memory ends after 60 idle times", async () => {
  for (const target of ["/length", "/chunked"]) {
    for (const kind of ["bytes", "text", "json"] as const) {
      const { clock, client, server } = trickle();
      const response = await clock.settle(client.request(`${target}?pwd=canary`));
      const start = clock.now();
      await assert.rejects(clock.settle<unknown>(response[kind]()), {
        code: "DHIP_TIMEOUT",
        host: "camera.test:80",
        message: `No answer within ${60 * IDLE} ms: the whole body of GET ${target}`,
      });
      assert.equal(clock.now() - start, 60 * IDLE); // of virtual time
      assert.equal(await (await client.request("/quick")).text(), "quick");
      assert.equal(server.connections, 2);
      client.close();
    }
  }
});

Deno.test("a stream has all the time that its device keeps sending", async () => {
  const { clock, client } = trickle();
  const response = await clock.settle(client.request("/length"));
  const chunks = await clock.settle(Array.fromAsync(response.body));
  assert.equal(chunks.reduce((sum, chunk) => sum + chunk.length, 0), 100);
  client.close();
});

Deno.test("an unwanted body that trickles is cut after one idle time", async () => {
  const { clock, client, server } = trickle({ maxConnections: 1 });
  const response = await clock.settle(client.request("/length"));
  const start = clock.now();
  await clock.settle(response.discard());
  assert.equal(clock.now() - start, IDLE); // of virtual time
  assert.equal(await (await client.request("/quick")).text(), "quick");
  assert.equal(server.connections, 2);
  client.close();
});

Deno.test("a limit of Infinity, or beyond that of setTimeout, is no limit", async () => {
  for (const limit of [2 ** 31, Infinity]) {
    const server = new ScriptedServer(async (_, stream) => {
      await pause(10);
      await stream.write(bytesOf("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na"));
      await pause(10);
      return "b";
    });
    await using client = new HttpClient(server.dialer, {
      timeout: limit,
      idleTimeout: limit,
      keepAlive: limit,
      connectTimeout: limit,
    });
    for (let i = 0; i < 2; i++) {
      assert.equal(await (await client.request("/")).text(), "ab");
      await pause(10);
    }
    assert.equal(server.connections, 1);
    await (await client.request("/")).discard();
  }
});
