import assert from "node:assert/strict";
import { ptzBench } from "./_ptz.ts";

Deno.test("a move has a speed, goes on until it is stopped, and the position is true at any time", async () => {
  await using ptz = await ptzBench();
  const { clock } = ptz.it;
  assert.deepEqual(await ptz.position(), [0, 30, 1]);
  assert.equal((await ptz.start("Right", 0, 4)).result, true);
  await clock.advance(500);
  assert.deepEqual(await ptz.position(), [24, 30, 1]);
  await clock.advance(10_000); // more than a turn
  assert.deepEqual(await ptz.position(), [144, 30, 1]);
  const moving = await ptz.status();
  assert.deepEqual([moving.MoveStatus, moving.ZoomStatus], ["Moving", "Idle"]);
  assert.deepEqual((await ptz.call("isMoving")).params, { moving: true });
  assert.equal((await ptz.stop("Right", 0, 4)).result, true);
  await clock.advance(5000);
  assert.deepEqual(await ptz.position(), [144, 30, 1]);
  assert.equal((await ptz.status()).MoveStatus, "Idle");
  assert.deepEqual((await ptz.call("isMoving")).params, { moving: false });
  await ptz.start("Left", 0, 8);
  await clock.advance(2000);
  assert.deepEqual(await ptz.position(), [312, 30, 1]);
});

Deno.test("tilt and zoom end at their limits", async () => {
  await using ptz = await ptzBench();
  await ptz.start("Up", 0, 8);
  await ptz.it.clock.advance(60_000);
  assert.deepEqual(await ptz.position(), [0, 90, 1]);
  assert.equal((await ptz.status()).MoveStatus, "Idle");
  await ptz.start("Down", 0, 1);
  await ptz.it.clock.advance(1000);
  assert.deepEqual(await ptz.position(), [0, 82, 1]);
  await ptz.it.clock.advance(60_000);
  assert.deepEqual(await ptz.position(), [0, 0, 1]);
  await ptz.start("ZoomTele", 0, 0);
  await ptz.it.clock.advance(1000);
  assert.equal((await ptz.status()).ZoomStatus, "Zooming");
  assert.deepEqual((await ptz.call("getZoomValue")).params, { value: 3 });
  await ptz.it.clock.advance(60_000);
  assert.deepEqual(await ptz.position(), [0, 0, 25]);
  await ptz.start("ZoomWide", 0, 8);
  await ptz.it.clock.advance(1000);
  await ptz.stop("ZoomWide");
  await ptz.it.clock.advance(1000);
  assert.deepEqual(await ptz.position(), [0, 0, 21]);
});

Deno.test("a diagonal has a speed for each axis, and moves only on the axis that has one", async () => {
  const cases: [string, number, number, number[]][] = [
    ["RightUp", 2, 4, [48, 46, 1]],
    ["LeftDown", 1, 1, [348, 22, 1]],
    ["RightUp", 0, 4, [48, 30, 1]], // python-dhip's form: no vertical motion
    ["LeftUp", 3, 0, [0, 54, 1]],
    ["RightDown", 8, 8, [96, 0, 1]],
  ];
  for (const [code, vertical, horizontal, position] of cases) {
    await using ptz = await ptzBench();
    await ptz.start(code, vertical, horizontal);
    await ptz.it.clock.advance(1000);
    assert.deepEqual(await ptz.position(), position, code);
  }
});

Deno.test("unknown codes and speeds outside 1 to 8 are refused, and nothing moves", async () => {
  await using ptz = await ptzBench();
  const refused: [string, number | undefined, number | undefined][] = [
    ["Sideways", 0, 4],
    ["toString", 0, 4],
    ["Up", 0, 0],
    ["Left", 0, 9],
    ["Right", 0, -1],
    ["Right", 0, 1.5],
    ["Right", 4, undefined],
    ["LeftUp", 0, 0],
    ["LeftUp", 9, 4],
    ["ZoomTele", 0, 9],
    ["AutoPanOn", 0, 0],
  ];
  for (const [code, arg1, arg2] of refused) {
    const params = { code, arg1, arg2, arg3: 0 } as never;
    assert.equal(await ptz.refusal("start", params), 268894211, `${code} ${arg1} ${arg2}`);
  }
  assert.equal(await ptz.refusal("stop", { code: "Sideways" }), 268894211);
  assert.equal(await ptz.refusal("start", {}), 268894211);
  await ptz.it.clock.advance(1000);
  assert.deepEqual(await ptz.position(), [0, 30, 1]);
});

Deno.test("a stopped direction leaves the zoom alone, and the other way round", async () => {
  await using ptz = await ptzBench();
  await ptz.start("Right", 0, 1);
  await ptz.start("ZoomTele", 0, 2);
  await ptz.it.clock.advance(1000);
  await ptz.stop("Left"); // whichever direction: all of them stop
  await ptz.it.clock.advance(1000);
  assert.deepEqual(await ptz.position(), [12, 30, 3]);
  await ptz.stop("ZoomTele");
  for (const code of ["FocusNear", "FocusFar", "IrisLarge", "IrisSmall"]) {
    assert.equal((await ptz.start(code)).result, true);
    assert.equal((await ptz.stop(code)).result, true);
  }
  assert.equal((await ptz.status()).ZoomStatus, "Idle");
});

Deno.test("the camera keeps moving when the connection and the session of the order are gone", async () => {
  await using ptz = await ptzBench();
  await ptz.start("Right", 0, 1);
  ptz.client.close();
  await ptz.it.clock.advance(10_000);
  const other = await ptz.it.open();
  const { result: object } = (await other.call("ptz.factory.instance", { channel: 0 })).json;
  const position = async () =>
    ((await other.ask("ptz.getStatus", null, { object })).status as { Postion: number[] }).Postion;
  assert.deepEqual(await position(), [120, 30, 1]);
  await other.call("ptz.stopMove", null, { object });
  await ptz.it.clock.advance(10_000);
  assert.deepEqual(await position(), [120, 30, 1]);
});

Deno.test("going somewhere takes time in proportion to the way, round the circle the short way", async () => {
  await using ptz = await ptzBench();
  const go = (position: number[], speed?: number) =>
    ptz.call("moveAbsolutely", { position, ...(speed === undefined ? {} : { speed }) });
  assert.equal((await go([336, 78, 5])).result, true); // 24 degrees, at 96 a second
  await ptz.it.clock.advance(125);
  assert.deepEqual(await ptz.position(), [348, 38, 1.5]);
  assert.equal((await ptz.status()).ZoomStatus, "Zooming");
  await ptz.it.clock.advance(625); // the tilt has the longest way: 48 degrees at 64 a second
  assert.deepEqual(await ptz.position(), [336, 78, 4]);
  assert.equal((await ptz.status()).MoveStatus, "Idle");
  await ptz.it.clock.advance(1000);
  await go([0, 78, 0], 1); // zoom 0: as it is
  await ptz.it.clock.advance(1000);
  assert.deepEqual(await ptz.position(), [348, 78, 5]);
  await ptz.it.clock.advance(1000);
  assert.deepEqual(await ptz.position(), [0, 78, 5]);
  await ptz.start("PositionABS", 91, 45, 2);
  await ptz.it.clock.advance(10_000);
  assert.deepEqual(await ptz.position(), [91, 45, 2]);
  await ptz.call("moveRelatively", { translation: [-100, 60, 0], speed: 8 });
  await ptz.it.clock.advance(10_000);
  assert.deepEqual(await ptz.position(), [351, 90, 2]);
});

Deno.test("a place out of range is refused", async () => {
  await using ptz = await ptzBench();
  const places = [[360, 0, 1], [-1, 0, 1], [0, 90.5, 1], [0, -1, 1], [0, 0, 26], [3000, 2000, 0]];
  for (const position of places) {
    assert.equal(await ptz.refusal("moveAbsolutely", { position }), 268959743, String(position));
    const [arg1, arg2, arg3] = position;
    const params = { code: "PositionABS", arg1: arg1!, arg2: arg2!, arg3: arg3! };
    assert.equal(await ptz.refusal("start", params), 268959743, String(position));
  }
  for (const params of [{}, { position: [1] }, { position: [1, 2, 1], speed: 9 }]) {
    assert.equal(await ptz.refusal("moveAbsolutely", params), 268894211);
  }
  assert.equal(await ptz.refusal("moveRelatively", { translation: [361, 0, 0] }), 268959743);
  assert.deepEqual(await ptz.position(), [0, 30, 1]);
});

Deno.test("a continuous move has three speeds and may have a time limit", async () => {
  await using ptz = await ptzBench();
  await ptz.call("moveContinuously", { speed: [2, -1, 1], timeout: 2 });
  await ptz.it.clock.advance(1000);
  assert.deepEqual(await ptz.position(), [24, 22, 1.5]);
  await ptz.it.clock.advance(9000);
  assert.deepEqual(await ptz.position(), [48, 14, 2]);
  await ptz.call("moveContinuously", { speed: [-8, 0, 0] });
  await ptz.it.clock.advance(500);
  await ptz.call("stopMove");
  await ptz.it.clock.advance(9000);
  assert.deepEqual(await ptz.position(), [0, 14, 2]);
  for (const params of [{ speed: [9, 0, 0] }, { speed: [1, 0, 0], timeout: 3601 }, {}]) {
    assert.equal(await ptz.refusal("moveContinuously", params), 268894211);
  }
});

Deno.test("a point of the picture comes into the middle, by what the zoom shows", async () => {
  await using ptz = await ptzBench();
  await ptz.call("moveDirectly", { screen: [8191, 0, 0] });
  await ptz.it.clock.advance(5000);
  assert.deepEqual(await ptz.position(), [30, 30, 1]);
  await ptz.start("Position", -8191, 8191, 1);
  await ptz.it.clock.advance(5000);
  assert.deepEqual(await ptz.position(), [0, 47, 2]);
  await ptz.start("Position", 8191, 0, 0);
  await ptz.it.clock.advance(5000);
  assert.deepEqual(await ptz.position(), [15, 47, 2]);
  assert.equal(await ptz.refusal("moveDirectly", { screen: [8192, 0, 0] }), 268894211);
});

Deno.test("home can be set; reset goes to the origin; a restart finds the place again", async () => {
  await using ptz = await ptzBench();
  await ptz.call("moveAbsolutely", { position: [100, 60, 4] });
  await ptz.it.clock.advance(9000);
  assert.equal((await ptz.call("setHomePosition")).result, true);
  await ptz.call("reset");
  await ptz.it.clock.advance(9000);
  assert.deepEqual(await ptz.position(), [0, 30, 1]);
  await ptz.call("gotoHomePosition");
  await ptz.it.clock.advance(9000);
  assert.deepEqual(await ptz.position(), [100, 60, 4]);
  await ptz.start("Reset");
  await ptz.it.clock.advance(9000);
  await ptz.start("GotoHome");
  await ptz.it.clock.advance(9000);
  assert.deepEqual(await ptz.position(), [100, 60, 4]);
  await ptz.call("restartPtz");
  await ptz.it.clock.advance(1000);
  assert.notDeepEqual(await ptz.position(), [100, 60, 4]);
  await ptz.it.clock.advance(9000);
  assert.deepEqual(await ptz.position(), [100, 60, 4]);
});

Deno.test("each channel is a camera of its own; power off halts, and the place stays", async () => {
  await using ptz = await ptzBench({ channels: 3 }, 2);
  await ptz.start("Right", 0, 8);
  await ptz.it.clock.advance(1000);
  await ptz.it.device.restart();
  await ptz.it.clock.advance(5000);
  const client = await ptz.it.open();
  const positions = [];
  for (const channel of [0, 2]) {
    const { result: object } = (await client.call("ptz.factory.instance", { channel })).json;
    const { status } = await client.ask("ptz.getStatus", null, { object });
    positions.push((status as { Postion: number[] }).Postion);
  }
  assert.deepEqual(positions, [[0, 30, 1], [96, 30, 1]]);
});

Deno.test("every command is counted with what was said, by whom, and what became of it", async () => {
  await using ptz = await ptzBench({}, 1);
  await ptz.it.clock.advance(250);
  await ptz.start("Left", 0, 5);
  await ptz.it.clock.advance(1000);
  await ptz.stop("Left", 0, 5);
  await ptz.refusal("moveAbsolutely", { position: [360, 0, 0] });
  assert.deepEqual(ptz.it.device.stats().ptz, [
    {
      time: 250,
      channel: 2,
      action: "start",
      code: "Left",
      args: { arg1: 0, arg2: 5, arg3: 0 },
      session: 1,
      accepted: true,
    },
    {
      time: 1250,
      channel: 2,
      action: "stop",
      code: "Left",
      args: { arg1: 0, arg2: 5, arg3: 0 },
      session: 1,
      accepted: true,
    },
    {
      time: 1250,
      channel: 2,
      action: "call",
      code: "moveAbsolutely",
      args: { position: [360, 0, 0] },
      session: 1,
      accepted: false,
    },
  ]);
});
