import assert from "node:assert/strict";
import { RpcSession } from "../../lib/dhip/session.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import {
  type Script,
  ScriptedDevice,
  SESSION_UNKNOWN,
  withLogin,
} from "../support/scripted_device.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

async function open(script: Script) {
  const clock = new VirtualClock();
  const device = new ScriptedDevice(withLogin(script));
  const guard = new MemoryLoginGuard(clock);
  const session = await clock.settle(
    RpcSession.open(device.dialer, { user: "u", password: "p" }, { clock, guard }),
  );
  return { clock, device, session };
}

const NOT_FOUND = { result: false, error: { code: 268894210, message: "Method not found!" } };
const STALE = { result: false, error: { code: 268894209, message: "invalid request" } };

Deno.test("an instance is asked for once per service and parameters", async () => {
  let next = 10;
  const { clock, device, session } = await open(() => ({ result: next++ }));
  const ids = await Promise.all([
    session.instances.instance("ptz", { channel: 0 }),
    session.instances.instance("ptz", { channel: 0 }),
    session.instances.instance("ptz", { channel: 1 }),
  ]);
  assert.deepEqual(ids, [10, 10, 11]);
  assert.equal(device.count("ptz.factory.instance"), 2);
  await clock.settle(session.close());
});

Deno.test("a failed instance is asked for again", async () => {
  let fail = true;
  const { clock, session } = await open(() => fail ? { result: 0 } : { result: 5 });
  await assert.rejects(session.instances.instance("netApp"), { code: "DHIP_DEVICE_REFUSED" });
  fail = false;
  assert.equal(await session.instances.instance("netApp"), 5);
  await clock.settle(session.close());
});

Deno.test("firmwares without objects get the channel in params, found out once", async () => {
  const { clock, device, session } = await open(({ method, params, object }) =>
    method.includes("factory") ? NOT_FOUND : { result: true, params: { params, object } }
  );
  const call = () => session.instances.call("ptz", { channel: 2 }, "stop", { code: "Up" });
  assert.deepEqual(await call(), { params: { channel: 2, code: "Up" } });
  await call();
  assert.equal(device.count("ptz.factory.instance"), 1);
  await clock.settle(session.close());
});

Deno.test("a stale object id is replaced once", async () => {
  let valid = 1;
  const { clock, device, session } = await open(({ method, object }) =>
    method.includes("factory")
      ? { result: valid }
      : object === valid
      ? { result: true, params: { object } }
      : STALE
  );
  assert.deepEqual(await session.instances.call("ptz", { channel: 0 }, "getStatus"), { object: 1 });
  valid = 2;
  assert.deepEqual(await session.instances.call("ptz", { channel: 0 }, "getStatus"), { object: 2 });
  assert.equal(device.count("ptz.factory.instance"), 2);
  valid = -1;
  await assert.rejects(session.instances.call("ptz", { channel: 0 }, "getStatus"));
  await clock.settle(session.close());
});

Deno.test("after a renewal a call on an instance is repeated with a new object", async () => {
  let forgotten = 0;
  const { clock, session } = await open(({ method, session, object }) => {
    if (session === forgotten) return SESSION_UNKNOWN;
    if (method.includes("factory")) return { result: session! * 10 };
    return object === session! * 10 ? { result: true, params: { object } } : STALE;
  });
  const call = () => session.instances.call("ptz", { channel: 0 }, "getStatus");
  assert.deepEqual(await call(), { object: 2010 });
  forgotten = 201;
  assert.deepEqual(await clock.settle(call()), { object: 2020 });
  await clock.settle(session.close());
});

Deno.test("a created object is destroyed exactly once, even when its calls fail", async () => {
  const { clock, device, session } = await open(({ method }) =>
    method.endsWith("create") ? { result: 77 } : NOT_FOUND
  );
  await assert.rejects(async () => {
    await using finder = await session.instances.create("mediaFileFind");
    assert.equal(finder.id, 77);
    await finder.call("findFile", { condition: {} });
  }, { code: "DHIP_METHOD_NOT_FOUND", method: "mediaFileFind.findFile" });
  assert.equal(device.count("mediaFileFind.destroy"), 1);
  const finder = await session.instances.create("mediaFileFind");
  await finder.destroy();
  await finder.destroy();
  assert.equal(device.count("mediaFileFind.destroy"), 2);
  assert.equal(device.asked.find((asked) => asked.method.endsWith("destroy"))!.object, 77);
  await clock.settle(session.close());
});
