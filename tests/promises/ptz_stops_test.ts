/**
 * Promise 6, in motion: whatever ends `dhip ptz left`, the camera is told to stop within a second.
 * Simulator and command are processes; times are those that the simulator wrote down.
 */

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { DahuaCamera } from "../../lib/camera/mod.ts";
import type { DeviceStats, PtzCommand } from "../../lib/simulator/mod.ts";
import { privateHome, startDhip } from "../support/cli_process.ts";

const HOST = "127.77.40.1";
const PASSWORD = "right-one";

interface World extends AsyncDisposable {
  stats(): Promise<DeviceStats>;
  post(path: string, body: unknown): Promise<void>;
  /** Waits until the camera has seen that many orders; they follow. */
  orders(code: string, count: number): Promise<PtzCommand[]>;
  /** Leaves a mark in the simulator's list of orders, and returns its time. */
  mark(): Promise<number>;
  /** Begins `dhip ptz left` and waits until the camera moves. */
  left(...options: string[]): Promise<Deno.ChildProcess>;
}

async function world(): Promise<World> {
  const home = await privateHome();
  const env = { ...home.env, DHIP_PASSWORD: PASSWORD };
  const simulator = startDhip(
    ["simulate", "--host", HOST, "--dhip-port", "0", "--control-port", "0", "-P", PASSWORD],
    { env },
  );
  const reader = simulator.stdout.getReader();
  const ready = JSON.parse(new TextDecoder().decode((await reader.read()).value));
  const control = `http://127.0.0.1:${ready.controlPort}/`;
  const target = `${HOST}:${ready.dhipPort}`;
  const stats = async (): Promise<DeviceStats> => await (await fetch(`${control}stats`)).json();
  const orders = async (code: string, count: number) => {
    for (let polls = 0;; polls++) {
      assert.ok(polls < 1_000, `no ${count} orders ${code}`);
      const found = (await stats()).ptz.filter((order) => order.code === code);
      if (found.length >= count) return found;
      await pause(20);
    }
  };
  return {
    stats,
    orders,
    async post(path, body) {
      const response = await fetch(control + path, { method: "POST", body: JSON.stringify(body) });
      assert.equal(response.status, 200, await response.text());
    },
    async mark() {
      await using camera = await DahuaCamera.connect(target, { password: PASSWORD });
      await camera.ptz.switchAux("wiper", true);
      return (await orders("auxControl", 1)).at(-1)!.time;
    },
    async left(...options) {
      const child = startDhip(["ptz", "left", target, ...options], { env });
      await orders("Left", 1);
      return child;
    },
    async [Symbol.asyncDispose]() {
      simulator.kill("SIGTERM");
      await reader.cancel();
      await simulator.stderr.cancel();
      await simulator.status;
      await home[Symbol.asyncDispose]();
    },
  };
}

/** Start and first stop of the movement to the left. */
async function startAndStop(world: World): Promise<[PtzCommand, PtzCommand]> {
  const [start, stop] = await world.orders("Left", 2);
  assert.deepEqual([start!.action, stop!.action], ["start", "stop"]);
  assert.ok(start!.accepted && stop!.accepted);
  return [start!, stop!];
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.test(`${signal} stops a moving camera within a second and logs out`, async () => {
    await using it = await world();
    const child = await it.left("--duration", "10");
    const output = child.output();
    const marked = await it.mark();
    child.kill(signal);
    if (signal === "SIGHUP") child.kill(signal); // from the shell and from the system
    assert.equal((await output).code, 130);
    const [, stop] = await startAndStop(it);
    assert.ok(stop.time - marked <= 1_000, `${stop.time - marked} ms`);
    const { logins, logouts, sessionsOpen } = await it.stats();
    assert.deepEqual({ logins, logouts, sessionsOpen }, { logins: 2, logouts: 2, sessionsOpen: 0 });
  });
}

Deno.test("a link that is cut stops the camera within a second, over a new one", async () => {
  await using it = await world();
  const child = await it.left("--duration", "10");
  const output = child.output();
  const marked = await it.mark();
  await it.post("restart", {});
  const { code, stderr } = await output;
  assert.equal(code, 3);
  assert.match(new TextDecoder().decode(stderr), /the camera was stopped over a new one/);
  const [start, stop] = await startAndStop(it);
  assert.ok(stop.time - marked <= 1_000, `${stop.time - marked} ms`);
  assert.notEqual(start.session, stop.session);
  assert.equal((await it.stats()).sessionsOpen, 0);
});

Deno.test("Ctrl-C on a link that has gone silent stops the camera within a second", async () => {
  await using it = await world();
  const child = await it.left("--duration", "10");
  const output = child.output();
  const marked = await it.mark();
  await it.post("fault", { name: "half-open", options: { scope: "present" } });
  child.kill("SIGINT");
  assert.equal((await output).code, 130);
  const [, stop] = await startAndStop(it);
  assert.ok(stop.time - marked <= 1_000, `${stop.time - marked} ms`);
  // The session on the silent link cannot be logged out; the one that stopped the camera was.
  const { logins, logouts } = await it.stats();
  assert.deepEqual({ logins, logouts }, { logins: 3, logouts: 2 });
});

Deno.test("a link that has gone silent delays the end of a movement by a second at most", async () => {
  await using it = await world();
  const child = await it.left("--duration", "2");
  const output = child.output();
  await it.post("fault", { name: "half-open", options: { scope: "present" } });
  assert.equal((await output).code, 0);
  const [start, stop] = await startAndStop(it);
  assert.ok(stop.time - start.time <= 3_000, `${stop.time - start.time} ms`);
});
