/** Changes of tables: pushed, looked for, over lost links, and what does not count as one. */

import assert from "node:assert/strict";
import type { ConfigChange, ConfigStream, ConfigWatchOptions } from "../../lib/camera/mod.ts";
import { DahuaCamera, DahuaConfig, parseAssignment } from "../../lib/camera/mod.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { Simulator, type SimulatorOptions } from "../../lib/simulator/mod.ts";

const HOST = "127.77.61.1";
const PASSWORD = "watch secret";

interface Room extends AsyncDisposable {
  readonly simulator: Simulator;
  at(transport?: "dhip" | "http"): DahuaCamera;
  /** Somebody else writes. */
  set(...changes: string[]): Promise<void>;
}

async function room(options: SimulatorOptions = {}): Promise<Room> {
  const simulator = await Simulator.start({
    host: HOST,
    password: PASSWORD,
    httpPort: 0,
    ...options,
  });
  const device = simulator.devices[0]!;
  const at = (transport: "dhip" | "http" = "dhip") =>
    DahuaCamera.at(HOST, {
      password: PASSWORD,
      transport,
      port: transport === "http" ? device.httpPort! : device.dhipPort,
      httpPort: device.httpPort!,
      guard: new MemoryLoginGuard(),
    });
  return {
    simulator,
    at,
    async set(...changes) {
      await using camera = at();
      await camera.config.apply(await camera.config.plan(changes.map(parseAssignment)));
    },
    [Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose](),
  };
}

/** Starts to watch; resolves when all tables were read once. */
async function watched(
  camera: DahuaCamera,
  names: readonly string[],
  options?: ConfigWatchOptions,
): Promise<{ stream: ConfigStream; next: () => Promise<ConfigChange> }> {
  const reads = Promise.withResolvers<void>();
  const { config } = camera;
  const get = config.get.bind(config);
  let left = names.length;
  config.get = async (name, call) => {
    const table = await get(name, call);
    if (--left === 0) reads.resolve();
    return table;
  };
  const stream = config.watch(names, options);
  let first: Promise<IteratorResult<ConfigChange, void>> | undefined = stream.next();
  first.catch(() => {});
  await reads.promise;
  const next = async () => {
    const { value } = await (first ?? stream.next());
    first = undefined;
    assert.ok(value, "the stream ended");
    return value;
  };
  return { stream, next };
}

Deno.test("changes that somebody else makes are pushed, with table and places", async () => {
  await using it = await room();
  const { simulator, set } = it;
  await using camera = it.at();
  const notices: string[] = [];
  const onNotice = (text: string) => void notices.push(text);
  const { stream, next } = await watched(camera, ["NTP", "General"], { onNotice });
  await set("NTP.Port=1123");
  await set("Snap[0].Version=1").catch(() => {}); // not watched
  await set("NTP.Port=1124", "General.MachineName=gate");
  const port = (value: number) => ({ path: "NTP.Port", before: value - 1, after: value });
  const first = await next();
  assert.deepEqual([first.name, first.changes], ["NTP", [{ ...port(1123), before: 123 }]]);
  assert.equal((first.table as { Port: number }).Port, 1123);
  assert.match(first.time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assert.deepEqual((await next()).changes, [port(1124)]);
  assert.deepEqual((await next()).changes.map(({ path }) => path), ["General.MachineName"]);
  const calls = simulator.stats().calls;
  assert.equal(calls["configManager.attach"], 2);
  await stream.close();
  assert.equal(simulator.stats().calls["configManager.detach"], 2);
  assert.equal(simulator.stats().subscriptions, 0);
  assert.deepEqual([await stream.next(), notices], [{ done: true, value: undefined }, []]);
});

Deno.test("whole tables that are written or restored are changes too", async () => {
  await using it = await room();
  await using camera = it.at();
  const { stream, next } = await watched(camera, ["NTP"]);
  await using _ = stream;
  await using other = it.at();
  await other.rpc.call("configManager.setConfig", {
    name: "NTP",
    table: { ...await other.config.get("NTP") as object, Port: 5 },
    options: [],
  });
  assert.deepEqual((await next()).changes, [{ path: "NTP.Port", before: 123, after: 5 }]);
  await other.rpc.call("configManager.restore", { names: ["NTP"] });
  assert.deepEqual((await next()).changes, [{ path: "NTP.Port", before: 5, after: 123 }]);
});

Deno.test("where the device does not push, and over HTTP, tables are read, which is said once", async () => {
  for (
    const [options, transport] of [
      [{ quirks: { configPushes: false } }, "dhip"],
      [{}, "http"],
    ] as const
  ) {
    await using it = await room(options);
    await using camera = it.at(transport);
    const notices: string[] = [];
    const { stream, next } = await watched(camera, ["NTP"], {
      every: 100,
      onNotice: (text) => notices.push(text),
    });
    await using _ = stream;
    for (const port of [5, 6]) {
      await it.set(`NTP.Port=${port}`);
      assert.deepEqual((await next()).changes.map(({ after }) => after), [port]);
    }
    assert.equal(notices.length, 1, transport);
    assert.match(notices[0]!, /^Changes are looked for every 0.1 s: /);
  }
});

Deno.test("what changed while the link was lost is told when it is back", async () => {
  await using it = await room();
  const { simulator, set } = it;
  await using camera = it.at();
  const notices: string[] = [];
  const lost = Promise.withResolvers<void>();
  const { stream, next } = await watched(camera, ["NTP"], {
    onNotice: (text) => {
      notices.push(text);
      lost.resolve();
    },
  });
  await using _ = stream;
  await simulator.restart();
  await lost.promise;
  await set("NTP.Port=7"); // before the first attempt, which is half a second later, or after it
  assert.deepEqual((await next()).changes, [{ path: "NTP.Port", before: 123, after: 7 }]);
  await set("NTP.Port=8");
  assert.deepEqual((await next()).changes, [{ path: "NTP.Port", before: 7, after: 8 }]);
  assert.equal(notices.length, 2);
  assert.match(notices[1]!, /watched again/);
  assert.ok(simulator.stats().calls["configManager.attach"]! >= 2, "attached again");
});

Deno.test("a session that the device forgets is attached to again", async () => {
  await using it = await room();
  await using camera = it.at();
  const { stream, next } = await watched(camera, ["NTP"]);
  await using _ = stream;
  it.simulator.fault("session-expiry", { times: 1 });
  await camera.rpc.call("magicBox.getSerialNo").catch(() => {});
  await camera.rpc.call("magicBox.getSerialNo").catch(() => {});
  await it.set("NTP.Port=9");
  assert.deepEqual((await next()).changes, [{ path: "NTP.Port", before: 123, after: 9 }]);
});

Deno.test("a table that the device lacks, an interruption, a refused login, wrong options", async () => {
  await using it = await room();
  await using camera = it.at();
  await assert.rejects(camera.config.watch(["NTP", "NoSuch"]).next(), {
    code: "DHIP_NOT_SUPPORTED",
    message: /NoSuch/,
  });
  assert.equal(it.simulator.stats().subscriptions, 0, "the other one was let go");
  const stop = new AbortController();
  const { next } = await watched(camera, ["NTP"], { signal: stop.signal });
  stop.abort();
  await assert.rejects(next(), { code: "DHIP_INTERRUPTED" });
  assert.throws(() => camera.config.watch([]), RangeError);
  assert.throws(() => camera.config.watch([""]), RangeError);
  assert.throws(() => camera.config.watch(["NTP"], { every: 99 }), RangeError);
  const bare = new DahuaConfig(camera.rpc as never);
  assert.throws(() => bare.watch(["NTP"]), { code: "DHIP_NOT_SUPPORTED" });
  await using wrong = DahuaCamera.at(HOST, {
    password: "wrong",
    port: it.simulator.dhipPort,
    guard: new MemoryLoginGuard(),
  });
  await assert.rejects(wrong.config.watch(["NTP"]).next(), { code: "DHIP_AUTH_REFUSED" });
});

Deno.test("a camera that is let go ends it", async () => {
  await using it = await room();
  const camera = it.at();
  const { next } = await watched(camera, ["NTP"]);
  const end = assert.rejects(next(), { code: "DHIP_CLOSED" });
  await camera.close();
  await end;
});
