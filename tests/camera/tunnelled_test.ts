/** A camera behind a tunnel: what differs from one that has an address. */

import assert from "node:assert/strict";
import { diagnose } from "../../lib/camera/doctor/mod.ts";
import { DahuaCamera } from "../../lib/camera/mod.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { P2pTunnel } from "../../lib/p2p/mod.ts";
import { Simulator, type SimulatorOptions } from "../../lib/simulator/mod.ts";

const PASSWORD = "p";

async function scene(
  test: (at: {
    simulator: Simulator;
    target: string;
    dialer: P2pTunnel;
    connect: () => Promise<DahuaCamera>;
  }) => Promise<void>,
  options: SimulatorOptions = {},
): Promise<void> {
  const host = "127.77.96.1";
  await using simulator = await Simulator.start({
    ...{ host, dhipPort: 0, httpPort: 0, rtspPort: 0, p2pPort: 0, password: PASSWORD },
    ...options,
  });
  const profile = simulator.ready.cloud!;
  const { serial } = simulator.devices[0]!;
  const guard = new MemoryLoginGuard();
  const credentials = { user: "admin", password: PASSWORD };
  await using dialer = new P2pTunnel({ serial, profile, credentials, guard });
  await dialer.ready();
  const target = `sn:${serial}`;
  const connect = () => DahuaCamera.connect(target, { ...credentials, dialer, guard });
  await test({ simulator, target, dialer, connect });
}

Deno.test("cameras share a tunnel, which stays open when they are closed", () =>
  scene(async ({ simulator, dialer, connect, target }) => {
    for (let round = 0; round < 2; round++) {
      await using camera = await connect();
      assert.equal(camera.host, `${target}:5000`);
      assert.equal((await camera.system.info()).serial, target.slice(3));
    }
    assert.equal(dialer.stats().path, "direct");
    assert.equal(simulator.stats().devices[0]!.p2p.binds, 2);
    assert.equal(simulator.stats().devices[0]!.p2p.channels, 1, "one handshake");
  }));

Deno.test("a DHIP port that the device does not serve there means HTTP", () =>
  scene(async ({ simulator, connect, target }) => {
    simulator.fault("bind-refused", { port: 5000 });
    await using camera = await connect();
    assert.equal(camera.host, `${target}:80`);
    assert.equal((await camera.system.info()).serial, target.slice(3));
    assert.equal(simulator.stats().logins, 1);
  }));

Deno.test("RTSP names the device's own loopback, and packets come inside the connection", () =>
  scene(async ({ connect }) => {
    await using camera = await connect();
    const lines: string[] = [];
    await using stream = await camera.live.open({ via: "rtsp" });
    for await (const unit of stream) {
      lines.push(unit.track.kind);
      if (lines.length >= 5) break;
    }
    assert.equal(lines.length, 5);
    await assert.rejects(camera.live.open({ rtspTransport: "udp" }), {
      name: "TypeError",
      message: /UDP does not go through a tunnel/,
    });
  }));

Deno.test("a serial number needs a dialer", async () => {
  const options = { password: PASSWORD };
  await assert.rejects(DahuaCamera.connect("sn:EXAMPLE0001", options), { name: "TypeError" });
  await assert.rejects(diagnose("sn:EXAMPLE0001"), { name: "TypeError" });
});
