import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { DahuaCamera } from "../../lib/camera/mod.ts";
import { AuthError, DhipError } from "../../lib/errors.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { Simulator, type SimulatorOptions } from "../../lib/simulator/mod.ts";

const HOST = "127.77.10.1";
const PASSWORD = "link secret";

async function simulated(options: SimulatorOptions = {}) {
  const simulator = await Simulator.start({
    host: HOST,
    password: PASSWORD,
    httpPort: 0,
    ...options,
  });
  const device = simulator.devices[0]!;
  const at = (password = PASSWORD) =>
    DahuaCamera.at(HOST, {
      password,
      port: device.dhipPort,
      httpPort: device.httpPort!,
      guard: new MemoryLoginGuard(),
    });
  return { simulator, device, at };
}

Deno.test("a camera is contacted when it is first asked for something", async () => {
  const { simulator, at } = await simulated();
  await using _ = simulator;
  {
    await using camera = at();
    assert.equal(simulator.stats().connections, 0);
    const calls = [1, 2, 3].map(() => camera.rpc.call("magicBox.getSerialNo"));
    await Promise.all(calls);
    assert.equal(simulator.stats().logins, 1);
  }
  assert.equal(simulator.stats().logouts, 1);
});

Deno.test("closing a camera that was never asked contacts nobody", async () => {
  const { simulator, at } = await simulated();
  await using _ = simulator;
  const camera = at();
  await camera.close();
  await assert.rejects(camera.rpc.call("magicBox.getSerialNo"), { code: "DHIP_CLOSED" });
  assert.equal(simulator.stats().connections, 0);
});

Deno.test("a lost session is replaced when the next call needs one", async () => {
  const { simulator, at } = await simulated();
  await using _ = simulator;
  await using camera = at();
  await camera.rpc.call("magicBox.getSerialNo");
  const lost = camera.closed;
  await simulator.restart();
  assert.ok(await lost);
  assert.ok(await camera.rpc.call("magicBox.getSerialNo"));
  assert.equal(simulator.stats().logins, 2);
});

Deno.test("after a refused login there is no other", async () => {
  const { simulator, at } = await simulated();
  await using _ = simulator;
  await using camera = at("wrong");
  for (let attempt = 0; attempt < 3; attempt++) {
    await assert.rejects(camera.rpc.call("magicBox.getSerialNo"), (error) => {
      assert.ok(error instanceof AuthError);
      return error.code === "DHIP_AUTH_REFUSED";
    });
  }
  assert.equal(simulator.stats().refusedLogins, 1);
});

Deno.test("closing while the login is under way leaves no session open", async () => {
  const { simulator, at } = await simulated();
  await using _ = simulator;
  const camera = at();
  const call = assert.rejects(camera.rpc.call("magicBox.getSerialNo"));
  await camera.close();
  await call;
  assert.equal(simulator.stats().sessionsOpen, 0);
});

Deno.test("who has given up already starts no login", async () => {
  let dials = 0;
  const unreachable = () => {
    dials++;
    return Promise.reject(new DhipError("DHIP_UNREACHABLE", "nobody there"));
  };
  await using camera = DahuaCamera.at(HOST, {
    password: PASSWORD,
    dialer: { host: HOST, dial: unreachable },
    guard: new MemoryLoginGuard(),
  });
  const call = camera.rpc.call("magicBox.getSerialNo", null, { signal: AbortSignal.abort() });
  await assert.rejects(call, { code: "DHIP_INTERRUPTED" });
  await setImmediate(); // a login that nobody waits for would end the process here
  assert.equal(dials, 0);
});
