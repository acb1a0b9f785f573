/** Which way `auto` takes, and that it never costs a second login. */

import assert from "node:assert/strict";
import { DahuaCamera } from "../../lib/camera/mod.ts";
import { DhipError } from "../../lib/errors.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import type { Dialer } from "../../lib/net/stream.ts";
import { tcpDialer } from "../../lib/net/tcp.ts";
import { Simulator } from "../../lib/simulator/mod.ts";

const PASSWORD = "way-test";

/** Leads the usual ports to the simulator's; a port without a place is refused. */
function dialer(places: Record<number, number | null>): Dialer {
  const tcp = tcpDialer("127.0.0.1");
  return {
    host: "127.0.0.1",
    dial: (port, options) => {
      const place = places[port];
      if (typeof place === "number") return tcp.dial(place, options);
      return Promise.reject(new DhipError("DHIP_UNREACHABLE", `Cannot connect to ${port}`));
    },
  };
}

const options = () => ({ password: PASSWORD, guard: new MemoryLoginGuard(), timeout: 400 });

Deno.test("auto goes to HTTP when nothing listens on the DHIP port", async () => {
  await using simulator = await Simulator.start({ password: PASSWORD, httpPort: 0 });
  const way = dialer({ 80: simulator.devices[0]!.httpPort });
  await using camera = await DahuaCamera.connect("127.0.0.1", { ...options(), dialer: way });
  assert.ok(await camera.rpc.call("magicBox.getVendor"));
  assert.equal(simulator.stats().byService.rpc2.logins, 1);
});

Deno.test("auto goes to HTTP when the named port speaks it", async () => {
  await using simulator = await Simulator.start({ password: PASSWORD, httpPort: 0 });
  const target = `127.0.0.1:${simulator.devices[0]!.httpPort}`;
  await using camera = await DahuaCamera.connect(target, options());
  assert.ok(await camera.rpc.call("magicBox.getVendor"));
});

Deno.test("auto tells about the DHIP port when neither answers", async () => {
  const way = dialer({});
  await assert.rejects(DahuaCamera.connect("127.0.0.1", { ...options(), dialer: way }), {
    code: "DHIP_UNREACHABLE",
    message: /5000/,
  });
});

Deno.test("auto tells what is wrong with DHIP when HTTP is no help", async () => {
  for (const [fault, code] of [["half-open", "DHIP_TIMEOUT"], ["garbage", "DHIP_WRONG_PROTOCOL"]]) {
    await using simulator = await Simulator.start({ password: PASSWORD, faults: [fault!] });
    await assert.rejects(DahuaCamera.connect(`127.0.0.1:${simulator.dhipPort}`, options()), {
      code: code!,
    });
  }
  await using simulator = await Simulator.start({ password: PASSWORD, httpsPort: 0 });
  const target = `127.0.0.1:${simulator.devices[0]!.httpsPort}`;
  await assert.rejects(DahuaCamera.connect(target, options()), {
    code: "DHIP_WRONG_PROTOCOL",
    hint: /--tls/,
  });
});

for (const password of [PASSWORD, "wrong"]) {
  Deno.test(`auto never logs in twice when DHIP is slow (${password})`, async () => {
    await using simulator = await Simulator.start({ password: PASSWORD, httpPort: 0 });
    const way = dialer({ 5000: simulator.dhipPort, 80: simulator.devices[0]!.httpPort });
    simulator.fault("late-reply", { method: "global.login", after: 1, delay: 1500 });
    await assert.rejects(
      DahuaCamera.connect("127.0.0.1", { ...options(), password, dialer: way }),
      { code: "DHIP_TIMEOUT" },
    );
    const { rpc2 } = simulator.stats().byService;
    assert.equal(rpc2.logins + rpc2.refusedLogins, 0);
  });
}

Deno.test("one refused password is not tried over the other transport", async () => {
  await using simulator = await Simulator.start({ password: PASSWORD, httpPort: 0 });
  const way = dialer({ 5000: simulator.dhipPort, 80: simulator.devices[0]!.httpPort });
  const guard = new MemoryLoginGuard();
  const wrong = { ...options(), guard, password: "wrong", dialer: way };
  await assert.rejects(DahuaCamera.connect("127.0.0.1", { ...wrong, transport: "dhip" }), {
    code: "DHIP_AUTH_REFUSED",
  });
  await assert.rejects(DahuaCamera.connect("127.0.0.1", { ...wrong, transport: "http" }), {
    code: "DHIP_AUTH_GUARDED",
  });
  assert.equal(simulator.stats().refusedLogins, 1);
});

Deno.test("slow calls over HTTP are not taken for a dead device", async () => {
  await using simulator = await Simulator.start({
    password: PASSWORD,
    httpPort: 0,
    keepAliveInterval: 1,
  });
  const target = `127.0.0.1:${simulator.devices[0]!.httpPort}`;
  simulator.fault("late-reply", { method: "magicBox.getVendor", delay: 2500 });
  {
    await using camera = await DahuaCamera.connect(target, {
      ...options(),
      transport: "http",
      timeout: 10_000,
    });
    const calls = [camera.rpc.call("magicBox.getVendor"), camera.rpc.call("magicBox.getVendor")];
    assert.equal((await Promise.all(calls)).length, 2);
  }
  assert.equal(simulator.stats().sessionsOpen, 0);
});

Deno.test("a camera tells when its session is over", async () => {
  await using simulator = await Simulator.start({ password: PASSWORD, host: "127.77.0.3" });
  const target = `127.77.0.3:${simulator.dhipPort}`;
  const camera = await DahuaCamera.connect(target, options());
  const lost = camera.closed;
  await simulator.restart();
  assert.equal((await lost)?.code, "DHIP_CONNECTION_LOST");
  await camera.close();
});
