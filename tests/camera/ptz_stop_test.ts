/** A movement always ends with a stop: on virtual time, with a device that misbehaves. */

import assert from "node:assert/strict";
import { DahuaCamera } from "../../lib/camera/mod.ts";
import type { JsonObject } from "../../lib/dhip/frame.ts";
import { DhipError } from "../../lib/errors.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { NO_PERMISSION } from "../support/scripted_camera.ts";
import { ScriptedDevice, withLogin } from "../support/scripted_device.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { BENIGN } from "./_ptz_support.ts";

const OK: JsonObject = { result: true };

/** What a scripted device was told, and when. */
interface Order {
  readonly what: string;
  readonly at: number;
  /** Number of the connection, from 1. */
  readonly connection: number;
}

interface Moving extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly device: ScriptedDevice;
  readonly camera: DahuaCamera;
  readonly orders: Order[];
  /** What came after the first moment, without the start. */
  stops(): Order[];
}

type Answer = (device: ScriptedDevice, count: number) =>
  | JsonObject
  | undefined
  | Promise<
    JsonObject | undefined
  >;

/** A camera that moves when told; `onStop` and `onStart` may misbehave. */
async function moving(onStop: Answer = () => OK, onStart: Answer = () => OK): Promise<Moving> {
  const clock = new VirtualClock();
  const orders: Order[] = [];
  const device: ScriptedDevice = new ScriptedDevice(withLogin(({ method }, device) => {
    if (method === "ptz.factory.instance") return { result: 7 };
    if (method !== "ptz.start" && method !== "ptz.stop") return OK;
    const what = method.slice(4);
    orders.push({ what, at: clock.now(), connection: device.connections });
    const count = orders.filter((order) => order.what === what).length;
    return (what === "start" ? onStart : onStop)(device, count);
  }, 600));
  const camera = await clock.settle(
    DahuaCamera.connect("device.test", {
      password: "p",
      dialer: device.dialer,
      guard: new MemoryLoginGuard(clock),
      transport: "dhip", // another one is loaded when it is needed, which takes real time
      clock,
    }),
  );
  return {
    clock,
    device,
    camera,
    orders,
    stops: () => orders.filter(({ what }) => what === "stop"),
    async [Symbol.asyncDispose]() {
      await clock.settle(camera.close());
    },
  };
}

/** Ends without the sanitizer's complaint about a promise that nobody awaits yet. */
function watched<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

Deno.test("a movement stops at the end of its time", async () => {
  await using it = await moving();
  await it.clock.settle(it.camera.ptz.moveFor("left", 5_000));
  assert.deepEqual(it.orders.map(({ what }) => what), ["start", "stop"]);
  assert.equal(it.stops()[0]!.at - it.orders[0]!.at, 5_000);
});

Deno.test("an abort stops at once, and the stop is not aborted with it", async () => {
  await using it = await moving();
  const controller = new AbortController();
  const { signal } = controller;
  const move = watched(it.camera.ptz.moveFor("left", 60_000, { signal }));
  await it.clock.advance(2_000);
  controller.abort();
  await assert.rejects(it.clock.settle(move), { code: "DHIP_INTERRUPTED" });
  assert.equal(it.stops()[0]!.at, 2_000);
  assert.equal(it.stops().length, 1);
});

Deno.test("an abort while the start is on its way stops too", async () => {
  await using it = await moving(() => OK, () => undefined);
  const controller = new AbortController();
  const move = watched(it.camera.ptz.moveFor("left", 60_000, { signal: controller.signal }));
  await it.clock.advance(100);
  assert.equal(it.orders.length, 1);
  controller.abort();
  await assert.rejects(it.clock.settle(move), { code: "DHIP_INTERRUPTED" });
  assert.deepEqual(it.orders.map(({ what }) => what), ["start", "stop"]);
});

Deno.test("a start that is never answered is stopped", async () => {
  await using it = await moving(() => OK, () => undefined);
  await assert.rejects(it.clock.settle(it.camera.ptz.moveFor("left", 500)), {
    code: "DHIP_TIMEOUT",
  });
  assert.equal(it.stops().length, 1);
});

Deno.test("an abort before anything was sent sends nothing", async () => {
  await using it = await moving();
  await assert.rejects(
    it.clock.settle(it.camera.ptz.moveFor("left", 500, { signal: AbortSignal.abort() })),
    { code: "DHIP_INTERRUPTED" },
  );
  assert.deepEqual(it.orders, []);
});

Deno.test("a stop that is not acknowledged is repeated, on the same connection first", async () => {
  await using it = await moving((_, count) => count === 1 ? undefined : OK);
  await it.clock.settle(it.camera.ptz.moveFor("left", 1_000));
  const [first, second] = it.stops();
  assert.deepEqual([first!.connection, second!.connection], [1, 1]);
  assert.equal(second!.at - first!.at, 300, "an answer that took no time is not waited for long");
  assert.equal(it.stops().length, 2);
});

Deno.test("a device that needs time is given it", async () => {
  const late = async (): Promise<JsonObject> => {
    await new Promise<void>((resolve) => void it.clock.timer(resolve, 500));
    return OK;
  };
  await using it = await moving(late, late);
  await it.clock.settle(it.camera.ptz.moveFor("left", 1_000));
  assert.equal(it.stops().length, 1, "the start took 500 ms, so may the stop");
});

Deno.test("a silent connection is given up, and a new one stops the camera", async () => {
  await using it = await moving((device) => device.connections === 1 ? undefined : OK);
  await it.clock.settle(it.camera.ptz.moveFor("left", 1_000));
  assert.deepEqual(it.stops().map(({ connection }) => connection), [1, 1, 2]);
  assert.ok(it.stops()[2]!.at - it.stops()[0]!.at < 1_000);
});

Deno.test("two movements on a silent connection are both stopped over one new connection", async () => {
  await using it = await moving((device) => device.connections === 1 ? undefined : OK);
  await it.clock.settle(Promise.all([
    it.camera.ptz.moveFor("left", 1_000),
    it.camera.ptz.moveFor("zoom-in", 1_100),
  ]));
  assert.equal(it.stops().filter(({ connection }) => connection === 2).length, 2);
  assert.equal(it.device.connections, 2);
});

Deno.test("a lost link stops the camera over a new one at once", async () => {
  await using it = await moving();
  const move = watched(it.camera.ptz.moveFor("left", 60_000));
  await it.clock.advance(3_000);
  it.device.stream!.close();
  await assert.rejects(it.clock.settle(move), (error: DhipError) => {
    assert.equal(error.code, "DHIP_CONNECTION_LOST");
    assert.match(error.message, /the camera was stopped over a new one/);
    return true;
  });
  assert.deepEqual(it.stops().map(({ at, connection }) => [at, connection]), [[3_000, 2]]);
});

Deno.test("a device that restarts is stopped as soon as it answers again", async () => {
  await using it = await moving();
  const { dialer } = it.device;
  const dial = dialer.dial;
  const move = watched(it.camera.ptz.moveFor("left", 60_000));
  await it.clock.advance(1_000);
  const refused = new DhipError("DHIP_UNREACHABLE", "connection refused");
  dialer.dial = () => Promise.reject(refused);
  it.device.stream!.close();
  await it.clock.advance(2_000);
  assert.equal(it.stops().length, 0);
  dialer.dial = dial;
  await assert.rejects(it.clock.settle(move));
  assert.equal(it.stops().length, 1);
  assert.ok(it.stops()[0]!.at < 3_500);
});

Deno.test("a camera that cannot be stopped is reported, after ten seconds", async () => {
  await using it = await moving(() => undefined);
  const move = watched(it.camera.ptz.moveFor("left", 1_000));
  const failure = move.then(() => undefined, (error: DhipError) => error);
  const error = await it.clock.settle(failure);
  assert.equal(error?.code, "DHIP_TIMEOUT");
  assert.match(error!.message, /^The camera may still move \(turn left\)/);
  assert.equal(error!.hint, "Stop it: dhip ptz stop TARGET");
  const at = it.stops().map((stop) => stop.at);
  assert.ok(at.length >= 4 && at.at(-1)! - at[0]! < 10_000);
  assert.ok(it.clock.now() <= 11_001);
});

Deno.test("a stop that is refused is repeated twice and then reported", async () => {
  for (
    const [answer, code] of [
      [BENIGN, "DHIP_DEVICE_REFUSED"],
      [NO_PERMISSION, "DHIP_NO_PERMISSION"],
    ] as const
  ) {
    await using it = await moving(() => answer);
    await assert.rejects(it.clock.settle(it.camera.ptz.moveFor("left", 1_000)), { code });
    assert.equal(it.stops().length, 3);
  }
});

Deno.test("a refused login ends the attempts to stop", async () => {
  const clock = new VirtualClock();
  let refuses = false;
  const login = withLogin(({ method }) =>
    method === "ptz.factory.instance" ? { result: 7 } : { result: true }
  );
  const device = new ScriptedDevice((asked, device) =>
    refuses && asked.method === "global.login" && asked.params?.password !== ""
      ? { result: false, error: { code: 268632085 } }
      : login(asked, device)
  );
  const guard = new MemoryLoginGuard(clock);
  const options = { password: "p", dialer: device.dialer, guard, clock };
  await using camera = await clock.settle(DahuaCamera.connect("device.test", options));
  const move = watched(camera.ptz.moveFor("left", 60_000));
  await clock.advance(1_000);
  refuses = true;
  device.stream!.close();
  // The movement's own end is the lost link; what could not be stopped goes first.
  await assert.rejects(clock.settle(move), { code: "DHIP_AUTH_REFUSED" });
  const tries = device.asked.filter(({ method, params }) =>
    method === "global.login" && params?.password !== ""
  );
  assert.equal(tries.length, 2, "one login that worked and one that was refused");
});

Deno.test("disposing a movement stops it; twice stops once", async () => {
  await using it = await moving();
  {
    const movement = await it.clock.settle(it.camera.ptz.move("zoom-in"));
    await it.clock.advance(1_000);
    assert.equal(it.stops().length, 0, "nobody stopped it yet");
    await it.clock.settle(Promise.resolve(movement[Symbol.asyncDispose]()));
    await it.clock.settle(movement.stop());
    assert.equal(await movement.ended, undefined);
  }
  assert.equal(it.stops().length, 1);
});

Deno.test("closing the camera stops what it set in motion, and then logs out", async () => {
  const it = await moving();
  await it.clock.settle(it.camera.ptz.move("left"));
  await it.clock.settle(it.camera.close());
  const methods = it.device.asked.map(({ method }) => method);
  assert.deepEqual(methods.slice(-2), ["ptz.stop", "global.logout"]);
});

Deno.test("closing while the start is on its way leaves nothing in motion", async () => {
  const it = await moving(() => OK, () => undefined);
  const move = assert.rejects(it.camera.ptz.move("left"));
  await it.clock.advance(0);
  const close = it.camera.close();
  await it.clock.settle(close);
  await move;
  assert.equal(it.orders.at(-1)!.what, "stop");
});

Deno.test("two movements at once are stopped each", async () => {
  await using it = await moving();
  const moves = [
    it.camera.ptz.moveFor("left", 1_000),
    it.camera.ptz.moveFor("zoom-in", 2_000),
  ];
  await it.clock.settle(Promise.all(moves));
  assert.deepEqual(it.stops().map(({ at }) => at), [1_000, 2_000]);
});

Deno.test("what cannot be is refused before anything is sent", async () => {
  await using it = await moving();
  const { ptz } = it.camera;
  const before = it.device.asked.length;
  for (
    const wrong of [
      () => ptz.moveFor("left", 0),
      () => ptz.moveFor("left", Infinity),
      () => ptz.moveFor("left", 500, { speed: 0 }),
      () => ptz.moveFor("left", 500, { speed: 9 }),
      () => ptz.moveFor("left", 500, { speed: 1.5 }),
      () => ptz.moveFor("left", 500, { channel: 0 }),
      () => ptz.moveFor("sideways" as "left", 500),
      () => ptz.moveFor({}, 500),
      () => ptz.moveFor({ pan: 9 }, 500),
      () => ptz.runCode("x y", [], 500),
      () => ptz.goto({}),
      () => ptz.goto({ pan: 360, tilt: 0 }),
      () => ptz.goto({ pan: -1, tilt: 0 }),
      () => ptz.goto({ pan: NaN, tilt: 0 }),
      () => ptz.goto({ pan: 3000, tilt: 2000 }),
      () => ptz.goto({ pan: 0, tilt: 181 }),
      () => ptz.goto({ pan: 0, tilt: 0, zoom: -1 }),
      () => ptz.moveBy({}),
      () => ptz.moveBy({ pan: 360 }),
      () => ptz.moveBy({ tilt: NaN }),
      () => ptz.locate({ x: 1.1, y: 0 }),
      () => ptz.locate({ x: 0, y: NaN }),
      () => ptz.presets.go(0),
      () => ptz.presets.go(1000),
      () => ptz.presets.go(""),
      () => ptz.presets.go("a\nb"),
      () => ptz.presets.save(1, { name: "x".repeat(64) }),
      () => ptz.presets.save(" "),
      () => ptz.presets.remove("0"),
      () => ptz.tours.set(1, ""),
      () => ptz.tours.start(1.5),
      () => ptz.patterns.record(0),
      () => ptz.scans.start(1, { speed: 99 }),
      () => ptz.switchAux("", true),
      () => ptz.switchAux("a b", true),
      () => ptz.settle({ tolerance: 0 }),
    ]
  ) {
    await assert.rejects(async () => await wrong(), RangeError, String(wrong));
  }
  assert.equal(it.device.asked.length, before);
});
