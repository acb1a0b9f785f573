/** How a session lives and ends: keep-alives, renewals, closing. */

import assert from "node:assert/strict";
import { CHALLENGE, SESSION_UNKNOWN, withLogin } from "../support/scripted_device.ts";
import { setup } from "./_session_support.ts";

Deno.test("keep-alives go out before the device's interval ends", async () => {
  const { clock, device, open } = setup(withLogin(() => ({ result: true }), 20));
  const session = await open();
  await clock.advance(61_000);
  assert.equal(device.count("global.keepAlive"), 4);
  assert.equal(device.count("global.login"), 2);
  await clock.settle(session.close());
  assert.equal(clock.pending, 0);
});

Deno.test("a half-open link is noticed within two heartbeats and ends every call", async () => {
  const { clock, device, open } = setup(withLogin(() => ({ result: true }), 20));
  const session = await open({ timeout: 120_000 });
  device.alive = false;
  const call = session.call("a.b");
  const pushes = session.subscribe();
  const next = pushes.next();
  const start = clock.now();
  const failures = Promise.allSettled([call, next]);
  const [reason] = await Promise.all([clock.settle(session.closed), failures]);
  assert.equal(reason?.code, "DHIP_CONNECTION_LOST");
  assert.ok(clock.now() - start <= 2 * 20_000);
  await assert.rejects(call, { code: "DHIP_CONNECTION_LOST", method: "a.b" });
  await assert.rejects(next, { code: "DHIP_CONNECTION_LOST" });
  await assert.rejects(session.call("later"), { code: "DHIP_CONNECTION_LOST" });
  await clock.settle(session.close());
});

Deno.test("a slow device that answers something else is not called dead", async () => {
  const { clock, device, open } = setup(
    withLogin(({ method }) => method === "global.keepAlive" ? undefined : { result: true }, 20),
  );
  const session = await open();
  for (let i = 0; i < 60; i++) {
    await clock.advance(2_000);
    assert.equal(await session.call("a.b"), true);
  }
  assert.ok(device.count("global.keepAlive") >= 7);
  await clock.settle(session.close());
});

Deno.test("a forgotten session is renewed once for all calls that found it forgotten", async () => {
  let forgotten = false;
  const { clock, device, open } = setup(withLogin(({ method, session }) => {
    if (forgotten && session === 201) return SESSION_UNKNOWN;
    return { result: true, params: { echo: method, session } };
  }));
  const session = await open();
  await session.call("first");
  const pushes = session.subscribe();
  forgotten = true;
  const calls = Array.from({ length: 20 }, (_, i) => session.call(`call.${i}`));
  const answers = await clock.settle(Promise.all(calls));
  assert.deepEqual(answers[7], { echo: "call.7", session: 202 });
  assert.equal(device.count("global.login"), 4);
  assert.equal(session.generation, 2);
  // What was attached is gone: the subscriber is told instead of waiting for ever.
  await assert.rejects(pushes.next(), { code: "DHIP_SESSION_LOST" });
  await clock.settle(session.close());
});

for (const code of [287637504, 287637505]) {
  Deno.test(`a keep-alive refused with ${code} renews the session once`, async () => {
    let refuse = false;
    const { clock, device, open } = setup(withLogin(({ method, session }) => {
      if (method === "global.keepAlive" && refuse && session === 201) {
        return { result: false, error: { code } };
      }
      return { result: true };
    }, 20));
    const session = await open();
    await session.call("a.b");
    refuse = true;
    await clock.advance(16_000);
    assert.equal(device.count("global.login"), 4);
    assert.equal(session.generation, 2);
    await clock.advance(100_000);
    assert.equal(device.count("global.login"), 4);
    await clock.settle(session.close());
  });
}

Deno.test("a keep-alive refused for another reason costs no login while calls work", async () => {
  let forgotten = 0;
  const { clock, device, open } = setup(withLogin(({ method, session }) => {
    if (session === forgotten) {
      return method === "global.keepAlive" ? { result: false } : SESSION_UNKNOWN;
    }
    if (method === "global.keepAlive") return { result: false, error: { code: 268894210 } };
    return { result: true };
  }, 60));
  const session = await open();
  await clock.advance(600_000);
  assert.equal(device.count("global.login"), 2);
  assert.ok(device.count("global.getCurrentTime") >= 9);
  // The same refusal, and this time the session is gone: the call behind it finds out.
  forgotten = 201;
  await clock.advance(60_000);
  assert.equal(device.count("global.login"), 4);
  assert.equal(session.generation, 2);
  await clock.settle(session.close());
});

Deno.test("keep-alives name the device's own interval", async () => {
  const { clock, device, open } = setup(withLogin(() => ({ result: true }), 20));
  const session = await open();
  await clock.advance(16_000);
  const asked = device.asked.find(({ method }) => method === "global.keepAlive")!;
  assert.deepEqual(asked.params, { timeout: 20, active: true });
  await clock.settle(session.close());
});

Deno.test("a call that waits for a renewal keeps its own limit and signal", async () => {
  let forgotten = 0;
  const login = withLogin(({ session }) =>
    session === forgotten ? SESSION_UNKNOWN : { result: true }
  );
  const { clock, open } = setup((asked, device) =>
    asked.method === "global.login" && forgotten > 0 ? undefined : login(asked, device)
  );
  const session = await open();
  await session.call("a.b");
  forgotten = 201;
  const start = clock.now();
  const controller = new AbortController();
  const slow = session.call("first", null, { timeout: 100 });
  const stopped = session.call("second", null, { signal: controller.signal });
  const outcomes = Promise.allSettled([slow, stopped]);
  await clock.advance(50);
  controller.abort();
  await assert.rejects(stopped, { code: "DHIP_INTERRUPTED" });
  await assert.rejects(clock.settle(slow), { code: "DHIP_TIMEOUT" });
  assert.ok(clock.now() - start <= 1_000);
  await outcomes;
  await clock.settle(session.close());
});

Deno.test("subscribing while the session closes ends at once", async () => {
  const { clock, open } = setup(withLogin(() => undefined));
  const session = await open();
  const closing = session.close();
  const pushes = session.subscribe();
  assert.equal((await pushes.next()).done, true);
  await clock.settle(closing);
});

Deno.test("a device that forgets every session at once is not logged in to for ever", async () => {
  const { clock, device, open } = setup(withLogin(() => SESSION_UNKNOWN));
  const session = await open();
  await assert.rejects(clock.settle(session.call("a.b")), { code: "DHIP_SESSION_LOST" });
  assert.equal(device.count("global.login"), 2);
  assert.equal((await session.closed)?.code, "DHIP_SESSION_LOST");
});

Deno.test("no second login after a renewal was refused", async () => {
  let changed = false;
  const { clock, device, open } = setup((asked) => {
    if (asked.method !== "global.login") return changed ? SESSION_UNKNOWN : { result: true };
    if (asked.params?.password === "") return CHALLENGE;
    return changed
      ? { result: false, error: { code: 268632085 }, params: { remainLoginTimes: 3 } }
      : { session: 9, result: true, params: { keepAliveInterval: 60 } };
  });
  const session = await open();
  await session.call("a.b");
  changed = true;
  const calls = [session.call("c.d"), session.call("e.f")];
  const outcome = await clock.settle(Promise.allSettled(calls));
  assert.ok(outcome.every((one) => one.status === "rejected"));
  await assert.rejects(session.call("g.h"), { code: "DHIP_AUTH_REFUSED" });
  await clock.advance(300_000);
  assert.equal(device.count("global.login"), 4);
});

Deno.test("close answers pending calls, logs out, and waits no longer than its bound", async () => {
  const login = withLogin(() => undefined);
  const { clock, device, open } = setup((asked, device) =>
    asked.method === "global.logout" ? undefined : login(asked, device)
  );
  const session = await open();
  const pending = Array.from({ length: 10 }, (_, i) => session.call(`call.${i}`));
  const settled = Promise.allSettled(pending);
  const start = clock.now();
  await clock.settle(session.close());
  assert.ok(clock.now() - start <= 2_000);
  assert.equal(device.count("global.logout"), 1);
  for (const one of await settled) {
    assert.ok(one.status === "rejected" && one.reason.code === "DHIP_CLOSED");
  }
  await assert.rejects(session.call("late"), { code: "DHIP_CLOSED" });
  await session.close();
  assert.equal(clock.pending, 0);
});

Deno.test("closing during a renewal leaves no session behind", async () => {
  let forgotten = 0;
  const login = withLogin(({ session }) =>
    session === forgotten ? SESSION_UNKNOWN : { result: true }
  );
  const { clock, device, open } = setup(async (asked, device) => {
    if (asked.method === "global.login" && forgotten > 0) {
      await new Promise<void>((done) => void clock.timer(done, 100));
    }
    return login(asked, device);
  });
  const session = await open();
  await session.call("a.b");
  forgotten = 201;
  const call = session.call("c.d");
  const outcome = Promise.allSettled([call]);
  await clock.advance(50);
  await clock.settle(session.close());
  assert.equal((await outcome)[0]!.status, "rejected");
  assert.equal(device.asked.at(-1)!.method, "global.logout");
  assert.equal(device.asked.at(-1)!.session, 202);
  assert.equal(clock.pending, 0);
});
