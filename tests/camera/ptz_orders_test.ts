/** Every order in both forms of address: what goes over the wire, and what a refusal leads to. */

import assert from "node:assert/strict";
import type { DahuaPtz, Direction, LensMotion } from "../../lib/camera/mod.ts";
import { sequence } from "../../lib/camera/ptz/caller.ts";
import type { DhipError } from "../../lib/errors.ts";
import { NO_PERMISSION, NOT_FOUND } from "../support/scripted_camera.ts";
import { BENIGN, DECLINED, OBJECT, scriptedHead, type Told } from "./_ptz_support.ts";

const code = (word: string, arg1 = 0, arg2 = 0, arg3 = 0) => ({ code: word, arg1, arg2, arg3 });
const start = (...args: Parameters<typeof code>): Told => ["start", code(...args)];
const stop = (...args: Parameters<typeof code>): Told => ["stop", code(...args)];

/** What goes over the wire with an object; with the channel `channel: 0` is in every parameter. */
async function told(
  form: "object" | "channel",
  order: (ptz: DahuaPtz) => Promise<unknown>,
  answer?: Parameters<typeof scriptedHead>[1],
): Promise<Told[]> {
  await using head = await scriptedHead(form, answer);
  await head.clock.settle(order(head.camera.ptz));
  for (const asked of head.wire()) {
    assert.equal(asked.object, form === "object" ? OBJECT : undefined);
  }
  if (form === "object") return head.told();
  return head.told().map(([method, params]) => {
    const { channel, ...rest } = params as Record<string, unknown>;
    assert.equal(channel, 0);
    return [method, Object.keys(rest).length === 0 ? null : rest];
  });
}

const MOVES: readonly [Direction | LensMotion, ...Parameters<typeof code>][] = [
  ["up", "Up", 0, 5],
  ["down", "Down", 0, 5],
  ["left", "Left", 0, 5],
  ["right", "Right", 0, 5],
  ["left-up", "LeftUp", 5, 5],
  ["left-down", "LeftDown", 5, 5],
  ["right-up", "RightUp", 5, 5],
  ["right-down", "RightDown", 5, 5],
  ["zoom-in", "ZoomTele", 0, 5],
  ["zoom-out", "ZoomWide", 0, 5],
  ["focus-near", "FocusNear", 0, 5],
  ["focus-far", "FocusFar", 0, 5],
  ["iris-open", "IrisLarge", 0, 5],
  ["iris-close", "IrisSmall", 0, 5],
];

for (const [motion, ...args] of MOVES) {
  Deno.test(`${motion} starts and stops ${args[0]}; a diagonal has a speed for each axis`, async () => {
    for (const form of ["object", "channel"] as const) {
      const calls = await told(form, (ptz) => ptz.moveFor(motion, 500, { speed: 5 }));
      assert.deepEqual(calls, [start(...args), stop(...args)]);
    }
  });
}

interface Row {
  readonly name: string;
  readonly order: (ptz: DahuaPtz) => Promise<unknown>;
  readonly object: readonly Told[];
  readonly channel: readonly Told[];
}

const both = (...calls: Told[]) => ({ object: calls, channel: calls });

const ROWS: readonly Row[] = [
  {
    name: "the default speed is python-dhip's 4",
    order: (ptz) => ptz.moveFor("left", 500),
    ...both(start("Left", 0, 4), stop("Left", 0, 4)),
  },
  {
    name: "a velocity moves continuously until stopMove",
    order: (ptz) => ptz.moveFor({ pan: -3, tilt: 2, zoom: 1 }, 500),
    object: [["moveContinuously", { speed: [-3, 2, 1] }], ["stopMove", null]],
    channel: [["moveContinuously", { x: -3, y: 2, z: 1 }], ["stopMove", null]],
  },
  {
    name: "an absolute position",
    order: (ptz) => ptz.goto({ pan: 90.5, tilt: 10, zoom: 2 }, { speed: 6 }),
    object: [start("PositionABS", 90.5, 10, 2)],
    channel: [["moveAbsolutely", { Position: [90.5, 10, 2] }]],
  },
  {
    name: "an absolute position below the horizon has no code",
    order: (ptz) => ptz.goto({ pan: 90, tilt: -10, zoom: 2 }, { speed: 6 }),
    object: [["moveAbsolutely", { position: [90, -10, 2], speed: 6 }]],
    channel: [["moveAbsolutely", { Position: [90, -10, 2] }]],
  },
  {
    name: "a relative move",
    order: (ptz) => ptz.moveBy({ pan: -10, zoom: 1 }, { speed: 6 }),
    object: [["moveRelatively", { translation: [-10, 0, 1], speed: 6 }]],
    channel: [["moveRelatively", { Position: [-10, 0, 1] }]],
  },
  {
    name: "3-D locate, edges at 8191",
    order: (ptz) => ptz.locate({ x: -1, y: 0.5, zoom: 2 }),
    ...both(start("Position", -8191, 4096, 2)),
  },
  { name: "home", order: (ptz) => ptz.goHome(), ...both(["gotoHomePosition", null]) },
  { name: "set home", order: (ptz) => ptz.setHome(), ...both(["setHomePosition", null]) },
  { name: "reset", order: (ptz) => ptz.reset(), ...both(["reset", null]) },
  { name: "restart", order: (ptz) => ptz.restart(), ...both(["restartPtz", null]) },
  {
    name: "a preset is in arg1 with an object and in arg2 with the channel",
    order: (ptz) => ptz.presets.go(3),
    object: [start("GotoPreset", 3)],
    channel: [start("GotoPreset", 0, 3)],
  },
  {
    name: "a preset that is removed",
    order: (ptz) => ptz.presets.remove(3),
    object: [start("ClearPreset", 3)],
    channel: [start("ClearPreset", 0, 3)],
  },
  {
    name: "a tour begins",
    order: (ptz) => ptz.tours.start(2),
    object: [["startTour", { index: 2 }]],
    channel: [start("StartTour", 0, 2)],
  },
  {
    name: "a tour ends, on the SD-2N-4G by ptz.stop",
    order: (ptz) => ptz.tours.stop(2),
    object: [["stopTour", { index: 2 }]],
    channel: [stop("StopTour", 0, 2)],
  },
  {
    name: "a tour is named",
    order: (ptz) => ptz.tours.set(2, "night"),
    ...both(["setTour", { index: 2, name: "night" }]),
  },
  {
    name: "a tour is removed",
    order: (ptz) => ptz.tours.remove(2),
    ...both(["removeTour", { index: 2 }]),
  },
  {
    name: "a pattern is recorded",
    order: (ptz) => ptz.patterns.record(1, { name: "yard" }),
    object: [["startPatternRecord", { index: 1, name: "yard" }]],
    channel: [start("SetPatternBegin", 1)],
  },
  {
    name: "a pattern is kept",
    order: (ptz) => ptz.patterns.save(1),
    object: [["stopPatternRecord", { index: 1 }]],
    channel: [start("SetPatternEnd", 1)],
  },
  {
    name: "a pattern begins",
    order: (ptz) => ptz.patterns.start(1),
    object: [["startPatternReplay", { index: 1 }]],
    channel: [start("StartPattern", 1)],
  },
  {
    name: "a pattern ends",
    order: (ptz) => ptz.patterns.stop(1),
    object: [["stopPatternReplay", { index: 1 }]],
    channel: [start("StopPattern", 1)],
  },
  {
    name: "the left end of a scan",
    order: (ptz) => ptz.scans.setLimit(1, "left"),
    object: [["setScanLimit", { index: 1, limitMode: "Left" }]],
    channel: [start("SetLeftLimit", 1)],
  },
  {
    name: "the right end of a scan",
    order: (ptz) => ptz.scans.setLimit(1, "right"),
    object: [["setScanLimit", { index: 1, limitMode: "Right" }]],
    channel: [start("SetRightLimit", 1)],
  },
  {
    name: "a scan begins",
    order: (ptz) => ptz.scans.start(1, { speed: 2 }),
    object: [["startScan", { index: 1, speed: 2 }]],
    channel: [start("AutoScanOn", 1)],
  },
  {
    name: "a scan ends",
    order: (ptz) => ptz.scans.stop(1),
    object: [["stopScan", { index: 1 }]],
    channel: [start("AutoScanOff", 1)],
  },
  {
    name: "auto pan begins",
    order: (ptz) => ptz.scans.startAutoPan({ speed: 2 }),
    object: [["moveAutoPan", { speed: 2 }]],
    channel: [start("AutoPanOn", 0, 2)],
  },
  {
    name: "auto pan ends",
    order: (ptz) => ptz.scans.stopAutoPan(),
    object: [["stopMove", null]],
    channel: [start("AutoPanOff")],
  },
  {
    name: "a light goes on",
    order: (ptz) => ptz.switchAux("light", true),
    object: [["auxControl", { function: "Light", open: true }]],
    channel: [start("Light", 0, 1)],
  },
  {
    name: "a wiper goes off",
    order: (ptz) => ptz.switchAux("wiper", false),
    object: [["auxControl", { function: "Wiper", open: false }]],
    channel: [stop("Wiper", 0, 1)],
  },
  {
    name: "another helper has the device's own name",
    order: (ptz) => ptz.switchAux("Infrared_2", true),
    object: [["auxControl", { function: "Infrared_2", open: true }]],
    channel: [start("Infrared_2", 0, 1)],
  },
  {
    name: "any code is started and stopped",
    order: (ptz) => ptz.runCode("AutoPanOn", [0, 4], 500),
    ...both(start("AutoPanOn", 0, 4), stop("AutoPanOn", 0, 4)),
  },
  {
    name: "stop halts everything",
    order: (ptz) => ptz.stop(),
    ...both(
      ["stopMove", null],
      stop("Up"),
      stop("ZoomTele"),
      stop("FocusNear"),
      stop("IrisLarge"),
    ),
  },
];

for (const { name, order, object, channel } of ROWS) {
  Deno.test(name, async () => {
    assert.deepEqual(await told("object", order), object);
    assert.deepEqual(await told("channel", order), channel);
  });
}

Deno.test("home falls back to the code where the method is refused", async () => {
  for (const refusal of [NOT_FOUND, BENIGN, DECLINED]) {
    const calls = await told(
      "channel",
      (ptz) => ptz.goHome(),
      (method) => method === "gotoHomePosition" ? refusal : { result: true },
    );
    assert.deepEqual(calls, [["gotoHomePosition", null], start("GotoHome")]);
  }
});

Deno.test("a preset that is refused in one place is tried in the other, which is remembered", async () => {
  for (const refusal of [BENIGN, DECLINED]) {
    await using head = await scriptedHead(
      "object",
      (_, { arg1 }) => arg1 === 0 ? { result: true } : refusal,
    );
    const { ptz } = head.camera;
    await head.clock.settle(ptz.presets.go(3));
    await head.clock.settle(ptz.presets.go(4));
    assert.deepEqual(head.told(), [
      start("GotoPreset", 3),
      start("GotoPreset", 0, 3),
      start("GotoPreset", 0, 4),
    ]);
  }
});

Deno.test("once a form has worked its refusals are final", async () => {
  let refuses = false;
  await using head = await scriptedHead("object", () => refuses ? DECLINED : { result: true });
  const { ptz } = head.camera;
  await head.clock.settle(ptz.presets.go(3));
  refuses = true;
  await assert.rejects(head.clock.settle(ptz.presets.go(4)), { code: "DHIP_DEVICE_REFUSED" });
  assert.equal(head.told().length, 2);
});

Deno.test("a missing right is no reason to try another form", async () => {
  await using head = await scriptedHead("object", () => NO_PERMISSION);
  await assert.rejects(head.clock.settle(head.camera.ptz.presets.go(3)), {
    code: "DHIP_NO_PERMISSION",
  });
  assert.equal(head.told().length, 1);
});

Deno.test("without codes the methods move, and each is asked for once", async () => {
  await using head = await scriptedHead(
    "object",
    (method) => ["start", "stop"].includes(method) ? NOT_FOUND : { result: true },
  );
  const { ptz } = head.camera;
  const moves: (Direction | LensMotion)[] = ["left-up", "zoom-out", "focus-near", "iris-open"];
  for (const motion of moves) await head.clock.settle(ptz.moveFor(motion, 100));
  await head.clock.settle(ptz.presets.go(3));
  await head.clock.settle(ptz.presets.remove(3));
  await head.clock.settle(ptz.goto({ pan: 1, tilt: 2, zoom: 3 }));
  await head.clock.settle(ptz.locate({ x: 0, y: 1 }));
  assert.deepEqual(head.told(), [
    start("LeftUp", 4, 4),
    ["moveContinuously", { speed: [-4, 4, 0] }],
    ["stopMove", null],
    ["moveContinuously", { speed: [0, 0, -4] }],
    ["stopMove", null],
    ["focusContinuously", { speed: -4 }],
    ["stopFocus", null],
    ["adjustIris", { change: 4 }],
    ["gotoPreset", { index: 3, speed: 4 }],
    ["removePreset", { index: 3 }],
    ["moveAbsolutely", { position: [1, 2, 3], speed: 4 }],
    ["moveDirectly", { screen: [0, 8191, 0], speed: 4 }],
  ]);
});

Deno.test("without moveContinuously a velocity is a code, unless it turns and zooms", async () => {
  await using head = await scriptedHead(
    "object",
    (method) => method === "moveContinuously" ? NOT_FOUND : { result: true },
  );
  const { ptz } = head.camera;
  const go = (velocity: Parameters<DahuaPtz["move"]>[0]) =>
    head.clock.settle(ptz.moveFor(velocity, 100));
  await go({ pan: -3, tilt: 2 });
  await go({ tilt: -5 });
  await go({ zoom: 6 });
  await assert.rejects(go({ pan: 1, zoom: 1 }), { code: "DHIP_NOT_SUPPORTED" });
  assert.deepEqual(head.told().filter(([method]) => method === "start"), [
    start("LeftUp", 2, 3),
    start("Down", 0, 5),
    start("ZoomTele", 0, 6),
  ]);
});

Deno.test("a refused order is an error, also when it is a plain false", async () => {
  for (
    const [answer, expected] of [
      [BENIGN, "DHIP_DEVICE_REFUSED"],
      [DECLINED, "DHIP_DEVICE_REFUSED"],
      [NOT_FOUND, "DHIP_NOT_SUPPORTED"],
    ] as const
  ) {
    await using head = await scriptedHead("channel", () => answer);
    await assert.rejects(
      head.clock.settle(head.camera.ptz.moveFor("left", 500)),
      (error: DhipError) => error.code === expected,
    );
    assert.ok(head.told().every(([method]) => method !== "stop"), "nothing moves");
  }
});

Deno.test("a stop that ends no turn is an error, one that ends no focus is none", async () => {
  for (const [stops, code] of [["Up", undefined], ["IrisLarge", "DHIP_METHOD_NOT_FOUND"]]) {
    await using head = await scriptedHead(
      "object",
      (_, params) => params.code === stops ? { result: true } : NOT_FOUND,
    );
    const stop = head.clock.settle(head.camera.ptz.stop());
    if (code === undefined) await stop;
    else await assert.rejects(stop, { code });
    assert.equal(head.told().length, 5);
  }
});

Deno.test("another channel has an object of its own", async () => {
  await using head = await scriptedHead("object");
  await head.clock.settle(head.camera.ptz.presets.go(1, { channel: 3 }));
  const asked = head.device.asked.filter(({ method }) => method === "ptz.factory.instance");
  assert.deepEqual(asked.map(({ params }) => params), [{ channel: 2 }]);
});

Deno.test("orders to an object are numbered as the web interface numbers them", async () => {
  await using head = await scriptedHead("object");
  const { ptz } = head.camera;
  await head.clock.settle(ptz.moveFor("left", 100));
  await head.clock.settle(ptz.moveFor({ pan: 1 }, 100));
  await head.clock.settle(ptz.goHome());
  // The scripted session is 201; 201 * 256 + 0, 1, 2, 3. Other methods have no number.
  assert.deepEqual(head.wire().map(({ seq }) => seq), [51456, 51457, 51458, 51459, undefined]);
  await using other = await scriptedHead("channel");
  await other.clock.settle(other.camera.ptz.moveFor("left", 100));
  assert.deepEqual(other.wire().map(({ seq }) => seq), [undefined, undefined]);
});

Deno.test("the number of an order: 24 bits of the session's digits and 8 that count", () => {
  assert.equal(sequence(1, 0), 256);
  assert.equal(sequence(1, 255), 511);
  assert.equal(sequence(1, 256), 256);
  assert.equal(sequence(0x1234_5678, 0x1ab), 0x3456_78ab);
  // What the web interface does with a text: parseInt of its digits, as bits, the last 24.
  const text = "a1b2c3d4e5f60718293a4b5c6d7e8f90";
  const bits = parseInt(text.replace(/[^0-9]/g, "")).toString(2).slice(-24);
  assert.equal(sequence(text, 5), parseInt(bits + "00000101", 2));
  assert.ok(Number.isSafeInteger(sequence("f".repeat(32), 0)));
});

Deno.test("what one channel of a recorder takes says nothing about the next", async () => {
  // The first camera wants the number in arg2, the second in arg1.
  await using it = await scriptedHead("channel", (_, { channel, arg1, arg2 }) => {
    const taken = channel === 0 ? arg2 === 3 : arg1 === 3;
    return taken ? { result: true } : DECLINED;
  });
  const { ptz } = it.camera;
  await it.clock.settle(ptz.presets.go(3, { channel: 1 }));
  await it.clock.settle(ptz.presets.go(3, { channel: 2 }));
  await it.clock.settle(ptz.presets.go(3, { channel: 2 }));
  assert.equal(it.told().length, 1 + 2 + 1, "and is remembered");
});

Deno.test("stop is ordered by every way, one that the device leaves unanswered costs no other", async () => {
  await using it = await scriptedHead(
    "object",
    (method) => method === "stopMove" ? undefined : { result: true },
  );
  await it.clock.settle(it.camera.ptz.stop());
  assert.deepEqual(it.told().map(([method]) => method), [
    "stopMove",
    "stop",
    "stop",
    "stop",
    "stop",
  ]);
  await using mute = await scriptedHead("object", () => undefined);
  const from = mute.clock.now();
  await assert.rejects(mute.clock.settle(mute.camera.ptz.stop({ timeout: 1_000 })), {
    code: "DHIP_TIMEOUT",
  });
  assert.equal(mute.clock.now() - from, 1_000, "nobody waits for one after the other");
});
