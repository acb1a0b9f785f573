/** One suite for every way to the device's RPC: what holds over DHIP holds over HTTP. */

import assert from "node:assert/strict";
import { DahuaCamera } from "../../lib/camera/mod.ts";
import type { ConnectOptions } from "../../lib/camera/mod.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { Simulator, type SimulatorOptions } from "../../lib/simulator/mod.ts";

const PASSWORD = "transport-test";

interface Way {
  readonly name: string;
  readonly simulator: SimulatorOptions;
  readonly connect: (simulator: Simulator) => [string, Partial<ConnectOptions>];
}

const http = (simulator: Simulator): [string, Partial<ConnectOptions>] => [
  `${simulator.host}:${simulator.devices[0]!.httpPort}`,
  { transport: "http" },
];

const WAYS: Way[] = [
  {
    name: "DHIP",
    simulator: {},
    connect: (simulator) => [`${simulator.host}:${simulator.dhipPort}`, { transport: "dhip" }],
  },
  ...(["DhWebClientSessionID", "WebClientHttpSessionID"] as const).map((webGeneration): Way => ({
    name: `HTTP, ${webGeneration}`,
    simulator: { httpPort: 0, webGeneration },
    connect: http,
  })),
  {
    name: "HTTP with sessions in hex",
    simulator: { httpPort: 0, httpSession: "hex" },
    connect: http,
  },
  {
    name: "HTTPS",
    simulator: { httpsPort: 0 },
    connect: (simulator) => [
      `${simulator.host}:${simulator.devices[0]!.httpsPort}`,
      { transport: "http", tls: true },
    ],
  },
  {
    name: "HTTP redirected to HTTPS",
    simulator: { httpPort: 0, httpsPort: 0, redirectToHttps: 302 },
    connect: http,
  },
];

async function withCamera(
  way: Way,
  test: (camera: DahuaCamera, simulator: Simulator) => Promise<void>,
  options: SimulatorOptions = {},
): Promise<void> {
  await using simulator = await Simulator.start({
    password: PASSWORD,
    ...way.simulator,
    ...options,
  });
  await using camera = await connect(way, simulator);
  await test(camera, simulator);
}

function connect(
  way: Way,
  simulator: Simulator,
  options: Partial<ConnectOptions> = {},
): Promise<DahuaCamera> {
  const [target, own] = way.connect(simulator);
  return DahuaCamera.connect(target, {
    password: PASSWORD,
    guard: new MemoryLoginGuard(),
    timeout: 5_000,
    ...own,
    ...options,
  });
}

for (const way of WAYS) {
  Deno.test(`${way.name}: logs in once, reads, writes, logs out`, async () => {
    await using simulator = await Simulator.start({ password: PASSWORD, ...way.simulator });
    {
      await using camera = await connect(way, simulator);
      const info = await camera.system.info();
      assert.equal(info.serial, simulator.devices[0]!.serial);
      assert.deepEqual(info.problems, []);
      const plan = await camera.config.plan([
        { path: { table: "NTP", steps: ["Address"] }, value: "ntp.example.org" },
      ]);
      assert.equal(plan.differences.length, 1);
      assert.deepEqual((await camera.config.apply(plan)).notHeld, []);
      const table = await camera.config.get("NTP") as { Address: string };
      assert.equal(table.Address, "ntp.example.org");
    }
    const { logins, logouts, sessionsOpen, refusedLogins } = simulator.stats();
    assert.deepEqual({ logins, logouts, sessionsOpen, refusedLogins }, {
      logins: 1,
      logouts: 1,
      sessionsOpen: 0,
      refusedLogins: 0,
    });
  });

  Deno.test(`${way.name}: tells a wrong password with attempts left, and sends it once`, async () => {
    await using simulator = await Simulator.start({ password: PASSWORD, ...way.simulator });
    await assert.rejects(connect(way, simulator, { password: "wrong" }), {
      code: "DHIP_AUTH_REFUSED",
      attemptsLeft: 4,
    });
    assert.equal(simulator.stats().refusedLogins, 1);
  });

  Deno.test(`${way.name}: tells a locked account with its time`, async () => {
    await using simulator = await Simulator.start({ password: PASSWORD, ...way.simulator });
    simulator.fault("locked-account", { seconds: 200 });
    await assert.rejects(connect(way, simulator), { code: "DHIP_AUTH_LOCKED" });
  });

  Deno.test(`${way.name}: renews a forgotten session once for many calls`, () =>
    withCamera(way, async (camera, simulator) => {
      await camera.rpc.call("magicBox.getSerialNo");
      simulator.fault("session-expiry");
      const calls = Array.from({ length: 8 }, () => camera.rpc.call("magicBox.getDeviceType"));
      assert.equal(new Set((await Promise.all(calls)).map((one) => JSON.stringify(one))).size, 1);
      assert.equal(simulator.stats().logins, 2);
    }));

  Deno.test(`${way.name}: a device's refusal keeps its code, meaning and method`, () =>
    withCamera(way, async (camera) => {
      await assert.rejects(camera.rpc.call("magicBox.fly"), {
        code: "DHIP_METHOD_NOT_FOUND",
        method: "magicBox.fly",
        deviceCode: 268894210,
      });
      const { envelope } = await camera.rpc.request("magicBox.fly");
      assert.equal(envelope.result, false);
    }));

  Deno.test(`${way.name}: many calls at once each get their own answer`, () =>
    withCamera(way, async (camera) => {
      const names = ["General", "NTP", "Encode", "Network", "Locales", "Snap"];
      const each = await Promise.all(
        [...names, ...names].map((name) => camera.config.get(name)),
      );
      for (const [i, name] of names.entries()) {
        assert.deepEqual(each[i], each[i + names.length]);
        assert.deepEqual(each[i], await camera.config.get(name), name);
      }
    }));

  Deno.test(`${way.name}: a slow answer times out, an aborted call ends at once`, () =>
    withCamera(way, async (camera, simulator) => {
      simulator.fault("late-reply", { method: "magicBox.getVendor", delay: 400 });
      await assert.rejects(camera.rpc.call("magicBox.getVendor", null, { timeout: 100 }), {
        code: "DHIP_TIMEOUT",
        method: "magicBox.getVendor",
      });
      const controller = new AbortController();
      const call = camera.rpc.call("magicBox.getVendor", null, { signal: controller.signal });
      controller.abort();
      await assert.rejects(call, { code: "DHIP_INTERRUPTED" });
      assert.ok(await camera.rpc.call("magicBox.getSerialNo"));
    }));

  Deno.test(`${way.name}: closing ends calls in flight and later ones`, async () => {
    await using simulator = await Simulator.start({ password: PASSWORD, ...way.simulator });
    const camera = await connect(way, simulator);
    simulator.fault("late-reply", { method: "magicBox.getVendor", delay: 300 });
    const call = camera.rpc.call("magicBox.getVendor");
    const outcome = assert.rejects(call, { code: "DHIP_CLOSED" });
    await camera.close();
    await outcome;
    await assert.rejects(camera.rpc.call("magicBox.getVendor"), { code: "DHIP_CLOSED" });
    assert.equal(simulator.stats().sessionsOpen, 0);
  });
}
