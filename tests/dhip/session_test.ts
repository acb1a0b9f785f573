import assert from "node:assert/strict";
import { RpcSession } from "../../lib/dhip/session.ts";
import type { SessionOptions } from "../../lib/dhip/session_options.ts";
import { encodeMessage } from "../../lib/dhip/frame.ts";
import { DhipError } from "../../lib/errors.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import {
  CHALLENGE,
  type Script,
  ScriptedDevice,
  SESSION_UNKNOWN,
  withLogin,
} from "../support/scripted_device.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const credentials = { user: "admin", password: "canary-secret" };

interface Setup {
  clock: VirtualClock;
  device: ScriptedDevice;
  open(options?: SessionOptions): Promise<RpcSession>;
}

function setup(script: Script): Setup {
  const clock = new VirtualClock();
  const device = new ScriptedDevice(script);
  const guard = new MemoryLoginGuard(clock);
  return {
    clock,
    device,
    open: (options) =>
      clock.settle(
        RpcSession.open(device.dialer, credentials, { clock, guard, ...options }),
      ),
  };
}

const echo: Script = ({ method }) => ({ result: true, params: { echo: method } });

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

Deno.test("a wrong password is told with attempts and lock time, and tried once", async () => {
  const { clock, device, open } = setup(({ params }) =>
    params?.password === "" ? CHALLENGE : {
      result: false,
      error: { code: 268632085, message: "User or password not valid!" },
      params: { remainLoginTimes: 4, remainLockSecond: 0 },
    }
  );
  await assert.rejects(open(), {
    code: "DHIP_AUTH_REFUSED",
    attemptsLeft: 4,
    lockSeconds: 0,
    deviceCode: 268632085,
  });
  assert.equal(device.count("global.login"), 2);
  // The guard knows the password now: nothing reaches the device.
  await assert.rejects(open(), { code: "DHIP_AUTH_GUARDED" });
  assert.equal(device.connections, 1);
  await clock.advance(31 * 60_000);
  await assert.rejects(open(), { code: "DHIP_AUTH_REFUSED" });
  assert.equal(device.connections, 2);
});

Deno.test("a locked account is told before any password is sent", async () => {
  const { device, open } = setup(() => ({
    result: false,
    error: { code: 268632081 },
    params: { remainLockSecond: 280 },
  }));
  await assert.rejects(open(), { code: "DHIP_AUTH_LOCKED", lockSeconds: 280 });
  assert.equal(device.asked.length, 1);
});

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

Deno.test("an interrupted login remembers a refusal that came meanwhile", async () => {
  const controller = new AbortController();
  const { clock, device, open } = setup(({ params }) => {
    if (params?.password === "") return CHALLENGE;
    controller.abort();
    return { result: false, error: { code: 268632085 }, params: { remainLoginTimes: 4 } };
  });
  await assert.rejects(open({ signal: controller.signal }), { code: "DHIP_AUTH_REFUSED" });
  await assert.rejects(open(), { code: "DHIP_AUTH_GUARDED" });
  assert.equal(device.count("global.login"), 2);
  assert.equal(clock.pending, 0);
});

Deno.test("an account that was locked before a password was sent is not held against it", async () => {
  let locked = true;
  const login = withLogin(() => ({ result: true }));
  const { clock, open } = setup((asked, device) =>
    locked ? { result: false, error: { code: 268632073 } } : login(asked, device)
  );
  await assert.rejects(open(), { code: "DHIP_AUTH_LOCKED" });
  locked = false;
  const session = await open();
  await clock.settle(session.close());
});

Deno.test("a login whose guard fails is logged out", async () => {
  const { clock, device, open } = setup(withLogin(() => ({ result: true })));
  let told = 0;
  const guard = {
    enter: () =>
      Promise.resolve({
        accepted: () => Promise.reject(new DhipError("DHIP_FILE", "disk full")),
        refused: () => Promise.resolve(void told++),
        undecided: () => Promise.resolve(void told++),
      }),
  };
  await assert.rejects(open({ guard }), { code: "DHIP_FILE" });
  assert.equal(device.count("global.logout"), 1);
  assert.equal(told, 0);
  assert.equal(clock.pending, 0);
});

Deno.test("subscribing while the session closes ends at once", async () => {
  const { clock, open } = setup(withLogin(() => undefined));
  const session = await open();
  const closing = session.close();
  const pushes = session.subscribe();
  assert.equal((await pushes.next()).done, true);
  await clock.settle(closing);
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

Deno.test("an interrupted login leaves no session behind", async () => {
  const controller = new AbortController();
  const { clock, device, open } = setup(withLogin(() => ({ result: true })));
  const answered = device.send.bind(device);
  device.send = async (json, id, binary) => {
    if (json.result === true && json.params !== undefined) controller.abort();
    await answered(json, id, binary);
  };
  await assert.rejects(open({ signal: controller.signal }), { code: "DHIP_INTERRUPTED" });
  assert.equal(device.count("global.logout"), 1);
  assert.equal(clock.pending, 0);
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

Deno.test("no error of a session carries the password", async () => {
  const { open } = setup(() => ({ result: false, error: { code: 268632071 } }));
  const error = await open().catch((caught) => caught);
  assert.ok(error instanceof DhipError);
  assert.ok(!Deno.inspect(error, { depth: 20, showHidden: true }).includes("canary"));
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

Deno.test("a stream that is broken from the start is a lost connection", async () => {
  const clock = new VirtualClock();
  const broken = () => Promise.reject(new DhipError("DHIP_CONNECTION_LOST", "broken"));
  const dialer = {
    host: "device.test",
    dial: () =>
      Promise.resolve({
        read: broken,
        write: broken,
        close: () => {},
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
  };
  const guard = new MemoryLoginGuard(clock);
  const session = clock.settle(RpcSession.open(dialer, credentials, { clock, guard }));
  await assert.rejects(session, { code: "DHIP_CONNECTION_LOST", host: "device.test:5000" });
  assert.equal(clock.pending, 0);
});
