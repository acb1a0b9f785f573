/** Calls of a session: replies, pushes, limits. */

import assert from "node:assert/strict";
import { encodeMessage } from "../../lib/dhip/frame.ts";
import { withLogin } from "../support/scripted_device.ts";
import { echo, setup } from "./_session_support.ts";

Deno.test("session uses the number of the second stage and numbers its calls", async () => {
  const { clock, device, open } = setup(withLogin(echo));
  const session = await open();
  assert.equal(session.id, 201);
  assert.deepEqual(await session.call("a.b"), { echo: "a.b" });
  await clock.settle(session.close());
  const [first, second, call, logout] = device.asked;
  assert.equal(first!.session, undefined);
  assert.equal(second!.session, 100);
  assert.equal(call!.session, 201);
  assert.equal(logout!.method, "global.logout");
  assert.deepEqual(device.asked.map((asked) => asked.id), [1, 2, 3, 4]);
});

Deno.test("a push between request and reply disturbs no call", async () => {
  const { clock, open } = setup(withLogin(async ({ id, method }, device) => {
    await device.send({ id, method: "client.notifyEventStream", params: { SID: 1 } }, id);
    return { result: true, params: { echo: method } };
  }));
  const session = await open();
  const pushes = session.subscribe();
  assert.deepEqual(await session.call("x.y"), { echo: "x.y" });
  const { value } = await pushes.next();
  assert.equal(value?.method, "client.notifyEventStream");
  await clock.settle(session.close());
  assert.equal((await pushes.next()).done, true);
});

Deno.test("a reply after its time limit is dropped and the next call gets its own", async () => {
  const { clock, open } = setup(withLogin(async ({ method }) => {
    if (method === "slow") await new Promise<void>((done) => void clock.timer(done, 5_000));
    return { result: true, params: { echo: method } };
  }));
  const session = await open();
  const slow = session.call("slow", null, { timeout: 1_000 });
  await assert.rejects(clock.settle(slow), { code: "DHIP_TIMEOUT", method: "slow" });
  const fast = session.call("fast");
  await clock.advance(10_000);
  assert.deepEqual(await fast, { echo: "fast" });
  await clock.settle(session.close());
});

Deno.test("a reply in several frames may take its limit for each of them", async () => {
  const { clock, open } = setup(withLogin(async ({ id }, device) => {
    for (let packageIndex = 0; packageIndex < 4; packageIndex++) {
      await new Promise<void>((done) => void clock.timer(done, 600));
      const json = packageIndex === 0 ? { id, result: true } : { id };
      const binary = new Uint8Array([packageIndex]);
      await device.sendBytes(encodeMessage({ requestId: id, json, binary, packageIndex }));
    }
    return undefined;
  }));
  const session = await open({ timeout: 1_000 });
  const reply = session.request("file.read", null, { isComplete: (_, length) => length === 4 });
  assert.deepEqual([...(await clock.settle(reply)).binary], [0, 1, 2, 3]);
  await clock.settle(session.close());
});

Deno.test("progress extends a limit sixty times and no further", async () => {
  const { clock, open } = setup(withLogin(async ({ id }, device) => {
    const whole = encodeMessage({ requestId: id, json: { id, text: "x".repeat(500) } });
    await device.sendBytes(whole.subarray(0, 33));
    for (let at = 33; at < whole.length; at++) {
      await new Promise<void>((done) => void clock.timer(done, 900));
      await device.sendBytes(whole.subarray(at, at + 1));
    }
    return undefined;
  }));
  const session = await open({ timeout: 1_000 });
  const start = clock.now();
  await assert.rejects(clock.settle(session.call("drip")), { code: "DHIP_TIMEOUT" });
  assert.ok(clock.now() - start <= 62_000);
  await clock.settle(session.close());
  await clock.advance(600_000);
});

Deno.test("abort ends one call at once and leaves the others alone", async () => {
  const { clock, open } = setup(
    withLogin(({ method }) => method === "never" ? undefined : { result: true }),
  );
  const session = await open();
  const controller = new AbortController();
  const never = session.call("never", null, { signal: controller.signal });
  controller.abort();
  await assert.rejects(never, { code: "DHIP_INTERRUPTED" });
  await assert.rejects(session.call("x", null, { signal: controller.signal }), {
    code: "DHIP_INTERRUPTED",
  });
  assert.equal(await session.call("a.b"), true);
  await clock.settle(session.close());
});

Deno.test("one reply that is not JSON fails its own call only", async () => {
  const { clock, open } = setup(
    withLogin(({ id, method }) =>
      method === "broken" ? encodeMessage({ requestId: id, json: "<html>" }) : { result: true }
    ),
  );
  const session = await open();
  await assert.rejects(session.call("broken"), { code: "DHIP_BAD_JSON", method: "broken" });
  assert.equal(await session.call("whole"), true);
  await clock.settle(session.close());
});

Deno.test("garbage ends the connection with its reason for every call", async () => {
  const { clock, open } = setup(withLogin(() => new TextEncoder().encode("HTTP/1.1 400 Bad")));
  const session = await open();
  const calls = [session.call("a.b"), session.call("c.d")];
  for (const one of await clock.settle(Promise.allSettled(calls))) {
    assert.ok(one.status === "rejected" && one.reason.code === "DHIP_WRONG_PROTOCOL");
    assert.equal(one.reason.host, "device.test:5000");
  }
  assert.equal((await session.closed)?.code, "DHIP_WRONG_PROTOCOL");
});

Deno.test("calls beyond the limit are refused at once", async () => {
  const { clock, open } = setup(withLogin(() => undefined));
  const session = await open({ maxPending: 3 });
  const calls = Promise.allSettled(Array.from({ length: 3 }, () => session.call("a.b")));
  await assert.rejects(session.call("a.b"), { code: "DHIP_TOO_MANY_CALLS" });
  await clock.settle(session.close());
  await calls;
});

Deno.test("a slow consumer of pushes loses the oldest and is told how many", async () => {
  const { clock, device, open } = setup(withLogin(() => ({ result: true })));
  const session = await open();
  const pushes = session.subscribe({ limit: 3, filter: (push) => push.method !== "client.skip" });
  for (let i = 0; i < 5; i++) await device.send({ method: "client.n", params: { i } });
  await device.send({ method: "client.skip", params: {} });
  await clock.advance(1);
  const first = (await pushes.next()).value!;
  assert.deepEqual(first.params, { i: 2 });
  assert.equal(first.dropped, 2);
  assert.equal((await pushes.next()).value!.dropped, 0);
  await pushes.return();
  assert.equal((await pushes.next()).done, true);
  await clock.settle(session.close());
});

Deno.test("a reply in several self-contained frames is joined when the caller can tell", async () => {
  const parts = [new Uint8Array([1, 2]), new Uint8Array([3]), new Uint8Array([4, 5, 6])];
  const { clock, device, open } = setup(withLogin(async ({ id }, device) => {
    for (const [packageIndex, binary] of parts.entries()) {
      const json = packageIndex === 0 ? { id, result: true, params: { length: 6 } } : { id };
      await device.sendBytes(encodeMessage({ requestId: id, json, binary, packageIndex }));
    }
    return undefined;
  }));
  assert.ok(device);
  const session = await open();
  const reply = await session.request("file.read", null, {
    isComplete: ({ params }, length) => length >= (params as { length: number }).length,
  });
  assert.deepEqual([...reply.binary], [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(reply.envelope.params, { length: 6 });
  await clock.settle(session.close());
});

Deno.test("trace lines name methods and never carry secrets", async () => {
  const lines: string[] = [];
  const { clock, open } = setup(withLogin(echo));
  const session = await open({ onTrace: (line) => lines.push(line) });
  await session.call("user.add", { password: "canary-other" });
  await clock.settle(session.close());
  const text = lines.join("\n");
  assert.match(text, /> user\.add #3, \d+ bytes/);
  assert.match(text, /< user\.add #3/);
  assert.ok(!text.includes("canary"));
});

Deno.test("a large reply that makes progress may take longer than the time limit", async () => {
  const { clock, open } = setup(withLogin(async ({ id, method }, device) => {
    const whole = encodeMessage({ requestId: id, json: { id, result: true, params: { method } } });
    if (method === "table") {
      await device.sendBytes(whole.subarray(0, 33));
      for (let at = 33; at < whole.length; at += 4) { // each piece just inside the limit
        await new Promise<void>((done) => void clock.timer(done, 900));
        await device.sendBytes(whole.subarray(at, at + 4));
      }
    } else if (method === "stuck") await device.sendBytes(whole.subarray(0, 50));
    return undefined;
  }));
  const session = await open({ timeout: 1_000 });
  assert.deepEqual(await clock.settle(session.call("table")), { method: "table" });
  await assert.rejects(clock.settle(session.call("stuck")), { code: "DHIP_TIMEOUT" });
  await clock.settle(session.close());
});
