import assert from "node:assert/strict";
import { DahuaCamera } from "../../lib/camera/mod.ts";
import { AuthError, DhipError } from "../../lib/errors.ts";
import { sleep } from "../../lib/net/deadline.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import type { ByteStream, Dialer } from "../../lib/net/stream.ts";
import { Simulator } from "../../lib/simulator/mod.ts";
import { type Script, ScriptedDevice, withLogin } from "../support/scripted_device.ts";
import { scriptedCamera } from "../support/scripted_camera.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const cut: Script = (_, device) => {
  device.stream!.close();
  return undefined;
};
const ORDERS = {
  "magicBox.reboot": (camera: DahuaCamera) => camera.power.reboot(),
  "magicBox.shutdown": (camera: DahuaCamera) => camera.power.shutdown(),
  "configManager.restoreExcept": (camera: DahuaCamera) => camera.power.restoreDefaults({}),
};

Deno.test("an order is a success when the device says yes or its connection ends", async () => {
  for (const [method, order] of Object.entries(ORDERS)) {
    for (const script of [() => ({ result: true }), cut]) {
      await using scripted = await scriptedCamera(script);
      const outcome = await scripted.clock.settle(order(scripted.camera));
      assert.equal(outcome.confirmed, true, method);
      assert.equal(scripted.device.count(method), 1);
    }
  }
});

Deno.test("silence on a connection that stays says nothing", async () => {
  for (const order of Object.values(ORDERS)) {
    await using scripted = await scriptedCamera(() => undefined);
    const outcome = await scripted.clock.settle(order(scripted.camera));
    assert.equal(outcome.confirmed, false);
  }
});

Deno.test("who gives a device more time gets its late answer", async () => {
  const clock = new VirtualClock();
  const device = new ScriptedDevice(withLogin(async ({ method }) => {
    if (method === "magicBox.reboot") await sleep(8_000, undefined, clock);
    return { result: true };
  }));
  const { dialer } = device;
  const guard = new MemoryLoginGuard(clock);
  const camera = await clock.settle(
    DahuaCamera.connect("device.test", { password: "p", dialer, clock, guard, timeout: 20_000 }),
  );
  assert.equal((await clock.settle(camera.power.reboot())).confirmed, true);
  await clock.settle(camera.close());
});

Deno.test("silence, and then a port that is closed, is a device that went away", async () => {
  for (const order of Object.values(ORDERS)) {
    const clock = new VirtualClock();
    const device = new ScriptedDevice(withLogin(() => undefined));
    let dials = 0;
    const dialer: Dialer = {
      host: "device.test",
      dial: (port, options) =>
        dials++ === 0
          ? device.dialer.dial(port, options)
          : Promise.reject(new DhipError("DHIP_UNREACHABLE", "nobody there")),
    };
    const options = { password: "p", dialer, clock, guard: new MemoryLoginGuard(clock) };
    const camera = await clock.settle(DahuaCamera.connect("device.test", options));
    assert.equal((await clock.settle(order(camera))).confirmed, true);
    await clock.settle(camera.close());
  }
});

Deno.test("a refusal is an error, with and without a reason", async () => {
  for (const order of Object.values(ORDERS)) {
    await using denied = await scriptedCamera(() => ({
      result: false,
      error: { code: 285278249 },
    }));
    await assert.rejects(denied.clock.settle(order(denied.camera)), { code: "DHIP_NO_PERMISSION" });
    await using plain = await scriptedCamera(() => ({ result: false }));
    await assert.rejects(plain.clock.settle(order(plain.camera)), { code: "DHIP_DEVICE_REFUSED" });
  }
});

Deno.test("an order that could not be given is no success", async () => {
  const clock = new VirtualClock();
  const dialer: Dialer = {
    host: "device.test",
    dial: () => Promise.reject(new DhipError("DHIP_UNREACHABLE", "nobody there")),
  };
  const options = { password: "p", dialer, clock, guard: new MemoryLoginGuard(clock) };
  for (const order of Object.values(ORDERS)) {
    const camera = DahuaCamera.at("device.test", options);
    await assert.rejects(clock.settle(order(camera)), { code: "DHIP_UNREACHABLE" });
    await clock.settle(camera.close());
  }
});

Deno.test("restoring names the tables to keep, or the only ones to restore", async () => {
  await using scripted = await scriptedCamera(() => ({ result: true }));
  const { camera, device } = scripted;
  await camera.power.restoreDefaults({});
  assert.deepEqual(device.asked.at(-1)!.params, { names: [] });
  assert.equal(device.asked.at(-1)!.method, "configManager.restoreExcept");
  await camera.power.restoreDefaults({ except: ["Network"] });
  assert.deepEqual(device.asked.at(-1)!.params, { names: ["Network"] });
  await camera.power.restoreDefaults({ only: ["NTP", "Email"] });
  assert.equal(device.asked.at(-1)!.method, "configManager.restore");
  assert.deepEqual(device.asked.at(-1)!.params, { names: ["NTP", "Email"] });
  await assert.rejects(camera.power.restoreDefaults({ only: [] }), RangeError);
});

interface Restart {
  /** Between the answer and the end of the connection, in ms. */
  readonly delay?: number;
  /** How long nobody answers the port. */
  readonly down?: number;
  /** How long the port is open before logins are answered. */
  readonly early?: number;
  /** Refuses the login afterwards. */
  readonly refuses?: boolean;
  /** The old connection does not end: it is just never answered again. */
  readonly halfOpen?: boolean;
}

/** A device that goes away when it is told to restart. */
function restarting(clock: VirtualClock, restart: Restart = {}) {
  const { delay = 5_000, down = 30_000, early = 0, refuses = false, halfOpen = false } = restart;
  let old: ByteStream | undefined;
  let downAt = Infinity;
  const count = { logins: 0, dials: 0 };
  const since = () => clock.now() - downAt;
  const works = withLogin(({ method }, device) => {
    if (method !== "magicBox.reboot") return { result: true, params: { timeout: 60 } };
    downAt = clock.now() + delay;
    old = device.stream!; // not those of the looks at the port, which come later
    if (!halfOpen) clock.timer(() => old!.close(), delay);
    return { result: true };
  });
  const device = new ScriptedDevice((asked, self) => {
    const isLogin = asked.method === "global.login";
    if (since() >= 0 && asked.session === 201) return undefined; // nobody is there any more
    if (isLogin && asked.params?.password !== "") count.logins++;
    if (!isLogin || since() < 0) return works(asked, self);
    if (since() < down + early) return cut(asked, self);
    const isAnswer = asked.params?.password !== "";
    return refuses && isAnswer ? { result: false, error: { code: 268632085 } } : works(asked, self);
  });
  const dialer: Dialer = {
    host: "device.test",
    async dial(port): Promise<ByteStream> {
      count.dials++;
      if (since() >= 0 && since() < down) throw new DhipError("DHIP_UNREACHABLE", "refused");
      return await device.dialer.dial(port);
    },
  };
  return { dialer, count };
}

async function connected(restart?: Restart) {
  const clock = new VirtualClock();
  const { dialer, count } = restarting(clock, restart);
  const guard = new MemoryLoginGuard(clock);
  const camera = await clock.settle(
    DahuaCamera.connect("device.test", { password: "p", dialer, clock, guard, timeout: 2_000 }),
  );
  count.logins = 0;
  return { clock, camera, count };
}

Deno.test("waiting for a restart: the port is tried, and then there is one login", async () => {
  const { clock, camera, count } = await connected();
  const steps: string[] = [];
  const onStep = (step: string) => void steps.push(step);
  const start = clock.now();
  const { confirmed, back } = await clock.settle(camera.power.reboot({ wait: 120_000, onStep }));
  assert.equal(confirmed, true);
  assert.ok(back! >= 35_000 && back! < 45_000, `${back}`);
  assert.equal(clock.now() - start >= 35_000, true);
  assert.deepEqual(steps, ["going-down", "down", "up"]);
  assert.equal(count.logins, 1);
  assert.ok(count.dials < 40);
  assert.equal(await clock.settle(camera.rpc.call("a.b").then(() => true)), true);
  await clock.settle(camera.close());
});

Deno.test("ports that open before logins work cost a few logins, not a storm", async () => {
  const { clock, camera, count } = await connected({ early: 25_000 });
  const { back } = await clock.settle(camera.power.reboot({ wait: 300_000 }));
  assert.ok(back! >= 60_000);
  assert.equal(count.logins, 1); // those that nobody answered never came to the password
  assert.ok(count.dials < 60);
  await clock.settle(camera.close());
});

Deno.test("a connection that hangs is not taken for the device's return", async () => {
  const { clock, camera, count } = await connected({ halfOpen: true });
  const { back } = await clock.settle(camera.power.reboot({ wait: 300_000 }));
  assert.ok(back! >= 35_000);
  assert.equal(count.logins, 1);
  await clock.settle(camera.close());
});

Deno.test("a device that does not come back, or never goes, ends the wait", async () => {
  for (const restart of [{ down: 1e9 }, { delay: 1e9 }]) {
    const { clock, camera } = await connected(restart);
    const start = clock.now();
    await assert.rejects(clock.settle(camera.power.reboot({ wait: 60_000 })), {
      code: "DHIP_TIMEOUT",
    });
    assert.ok(clock.now() - start < 70_000);
    await clock.settle(camera.close());
  }
});

Deno.test("a login that is refused afterwards is not tried again", async () => {
  const { clock, camera, count } = await connected({ refuses: true });
  await assert.rejects(
    clock.settle(camera.power.reboot({ wait: 300_000 })),
    (error) => error instanceof AuthError && error.code === "DHIP_AUTH_REFUSED",
  );
  assert.equal(count.logins, 1);
  await clock.settle(camera.close());
});

Deno.test("whoever gives up waiting is let go at once", async () => {
  const { clock, camera } = await connected();
  const controller = new AbortController();
  const { signal } = controller;
  const waiting = camera.power.reboot({ wait: 120_000, signal });
  waiting.catch(() => {});
  await clock.advance(10_000);
  controller.abort();
  const start = clock.now();
  await assert.rejects(clock.settle(waiting), { code: "DHIP_INTERRUPTED" });
  assert.ok(clock.now() - start < 3_000);
  await clock.settle(camera.close());
});

Deno.test("a simulated device restarts and can be used again, over both transports", async () => {
  const host = "127.77.22.2";
  for (const transport of ["dhip", "http"] as const) {
    await using simulator = await Simulator.start({
      host,
      password: "x",
      bootTime: 50,
      httpPort: 0,
    });
    const [device] = simulator.devices;
    await using camera = await DahuaCamera.connect(host, {
      password: "x",
      transport,
      port: device!.dhipPort,
      httpPort: device!.httpPort!,
      guard: new MemoryLoginGuard(),
    });
    const { back } = await camera.power.reboot({ wait: 30_000 });
    assert.ok(back! > 0);
    assert.ok(await camera.rpc.call("magicBox.getSerialNo"));
    assert.equal(simulator.stats().logins, 2);
  }
});
