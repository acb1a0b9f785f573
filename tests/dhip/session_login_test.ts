/** How a session begins: logins, refusals, interruptions. */

import assert from "node:assert/strict";
import { RpcSession } from "../../lib/dhip/session.ts";
import { DhipError } from "../../lib/errors.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { CHALLENGE, withLogin } from "../support/scripted_device.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { credentials, setup } from "./_session_support.ts";

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
    forget: () => Promise.resolve(),
  };
  await assert.rejects(open({ guard }), { code: "DHIP_FILE" });
  assert.equal(device.count("global.logout"), 1);
  assert.equal(told, 0);
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

Deno.test("no error of a session carries the password", async () => {
  const { open } = setup(() => ({ result: false, error: { code: 268632071 } }));
  const error = await open().catch((caught) => caught);
  assert.ok(error instanceof DhipError);
  assert.ok(!Deno.inspect(error, { depth: 20, showHidden: true }).includes("canary"));
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
