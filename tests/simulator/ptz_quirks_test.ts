import assert from "node:assert/strict";
import { authorised, RawHttp } from "./_http.ts";
import { ptzBench } from "./_ptz.ts";
import { type Bench, bench } from "./_support.ts";

Deno.test("the SD-2N-4G takes channels, tells raw units and has other names", async () => {
  await using ptz = await ptzBench({ objects: "channel" });
  assert.deepEqual((await ptz.status()).Location, [0, 2731, 0]);
  assert.equal((await ptz.call("moveAbsolutely", { Position: [180, 22.5, 0] })).result, true);
  assert.equal((await ptz.call("isMoving")).result, true);
  await ptz.it.clock.advance(5000);
  assert.deepEqual((await ptz.status()).Location, [4096, 2048, 0]);
  const still = await ptz.call("isMoving");
  assert.deepEqual([still.result, still.error], [false, undefined]);
  assert.equal((await ptz.call("moveRelatively", { Position: [-90, 0, 0] })).result, true);
  await ptz.it.clock.advance(5000);
  assert.deepEqual((await ptz.status()).Location, [2048, 2048, 0]);
  assert.equal((await ptz.call("moveContinuously", { x: 4, y: 0, z: 0 })).result, true);
  await ptz.call("stopMove");
  assert.equal((await ptz.call("moveAbsolutely", { position: [1, 1, 1] })).result, false);
  assert.equal((await ptz.call("moveAbsolutely", { Position: [360, 0, 0] })).result, false);
});

Deno.test("the raw scale is the firmware's, and ends before a full turn", async () => {
  await using ptz = await ptzBench({ quirks: { ptzPosition: "raw", ptzFullScale: 3600 } });
  await ptz.call("moveAbsolutely", { position: [359.99, 90, 25] });
  await ptz.it.clock.advance(60_000);
  assert.deepEqual((await ptz.status()).Location, [3599, 3599, 3599]);
  await ptz.call("moveAbsolutely", { position: [91.6, 45, 1] });
  await ptz.it.clock.advance(60_000);
  assert.deepEqual((await ptz.status()).Location, [916, 1800, 0]);
});

Deno.test("places may be of -1 to 1", async () => {
  await using ptz = await ptzBench({ quirks: { ptzUnits: "normalised" } });
  await ptz.call("moveAbsolutely", { position: [-0.5, 0, 0.5] });
  await ptz.it.clock.advance(60_000);
  assert.deepEqual(await ptz.position(), [270, 45, 13]);
  await ptz.call("moveRelatively", { translation: [0.25, 0.2, 0] });
  await ptz.it.clock.advance(60_000);
  assert.deepEqual(await ptz.position(), [315, 54, 13]);
  assert.equal(await ptz.refusal("moveAbsolutely", { position: [90, 45, 1] }), 268894211);
});

Deno.test("a device may have the codes only, or the moves only, and no home", async () => {
  await using code = await ptzBench({ quirks: { ptzApi: "code" } });
  assert.equal(await code.refusal("moveAbsolutely", { position: [1, 1, 1] }), 268894210);
  assert.equal(await code.refusal("gotoPreset", { index: 1 }), 268894210);
  assert.equal(await code.refusal("startTour", { index: 1 }), 268894210);
  assert.equal((await code.start("Left", 0, 1)).result, true);
  assert.equal((await code.call("getPresets")).result, true);
  await using object = await ptzBench({ quirks: { ptzApi: "object" } });
  const left = { code: "Left", arg1: 0, arg2: 1, arg3: 0 };
  assert.equal(await object.refusal("start", left), 268894210);
  assert.equal(await object.refusal("stop", left), 268894210);
  assert.equal((await object.call("moveContinuously", { speed: [1, 0, 0] })).result, true);
  await using still = bench({ quirks: { ptzApi: "none" } });
  const client = await still.open();
  assert.equal(await client.refusal("ptz.factory.instance", { channel: 0 }), 268894210);
  assert.equal((await cgi(still, "getStatus&channel=1")).status, 400);
  assert.equal((await cgi(still, "start&channel=1&code=Up&arg2=1")).status, 400);
  await using homeless = await ptzBench({ quirks: { ptzHome: false } });
  assert.equal(await homeless.refusal("gotoHomePosition"), 268894210);
  assert.equal((await homeless.start("GotoHome")).result, true);
  const { method } = (await homeless.call("listMethod")).params as { method: string[] };
  assert(!method.includes("ptz.gotoHomePosition") && method.includes("ptz.reset"));
});

Deno.test("a refusal may have no reason", async () => {
  await using ptz = await ptzBench({ quirks: { benignRefusals: true } });
  const refused = await ptz.start("Left", 0, 9);
  assert.deepEqual([refused.result, refused.error], [false, undefined]);
});

Deno.test("whether it moves is told in params or as the result", async () => {
  await using ptz = await ptzBench({ quirks: { isMovingIn: "result" } });
  await ptz.start("Left", 0, 1);
  const moving = await ptz.call("isMoving");
  assert.deepEqual([moving.result, moving.params], [true, undefined]);
});

Deno.test("special presets are listed with their type", async () => {
  await using ptz = await ptzBench({ quirks: { specialPresets: true } });
  await ptz.call("setPreset", { index: 1, name: "A" });
  const { presets } = (await ptz.call("getPresets")).params as { presets: { Type: number }[] };
  assert.deepEqual(presets.map(({ Type }) => Type), [1, 2, 2]);
});

Deno.test("what the camera can do is told, and only administrators move it", async () => {
  await using ptz = await ptzBench({ users: [{ name: "guest", password: "g", group: "user" }] });
  const { caps } = (await ptz.call("getCurrentProtocolCaps")).params as {
    caps: Record<string, unknown>;
  };
  assert.deepEqual([caps.PresetMin, caps.PresetMax, caps.Pan, caps.Tile], [1, 300, true, true]);
  const guest = await ptz.it.open("guest", "g");
  const { result: object } = (await guest.call("ptz.factory.instance", { channel: 0 })).json;
  await guest.ask("ptz.getStatus", null, { object });
  const left = { code: "Left", arg1: 0, arg2: 1, arg3: 0 };
  assert.equal(await guest.refusal("ptz.start", left, { object }), 285278249);
});

async function cgi(it: Bench, query: string, user = "admin") {
  using http = RawHttp.open(it);
  return await authorised(http, `/cgi-bin/ptz.cgi?action=${query}`, { user });
}

Deno.test("ptz.cgi has channels from 1 and the preset in arg2, whatever RPC does", async () => {
  await using it = bench({ channels: 2 });
  const start = "start&channel=2&code=Right&arg1=0&arg2=8&arg3=0";
  assert.equal((await cgi(it, start)).text, "OK\r\n");
  await it.clock.advance(1000);
  const status = (await cgi(it, "getStatus&channel=2")).text;
  assert.match(status, /^status\.MoveStatus=Moving\r$/m);
  assert.match(status, /^status\.Postion\[0\]=96\r$/m);
  assert.match((await cgi(it, "getStatus&channel=1")).text, /^status\.Postion\[0\]=0\r$/m);
  assert.equal((await cgi(it, "stop&channel=2&code=Right&arg1=0&arg2=0&arg3=0")).text, "OK\r\n");
  assert.equal((await cgi(it, "getPresets&channel=2")).text, "");
  await cgi(it, "start&channel=2&code=SetPreset&arg1=0&arg2=5&arg3=0");
  assert.equal(
    (await cgi(it, "getPresets&channel=2")).text,
    "presets[0].Index=5\r\npresets[0].Name=Preset 5\r\npresets[0].Type=1\r\n",
  );
  assert.match((await cgi(it, "getCurrentProtocolCaps&channel=1")).text, /^caps\.Pan=true\r$/m);
  for (
    const bad of [
      "start&channel=0&code=Right&arg2=1",
      "start&channel=3&code=Right&arg2=1",
      "start&channel=1&code=Nowhere&arg2=1",
      "start&channel=1&code=Right&arg2=9",
      "start&channel=1",
      "getStatus&channel=x",
    ]
  ) {
    const reply = await cgi(it, bad);
    assert.deepEqual([reply.status, reply.text], [400, "Error\r\nBad Request!\r\n"], bad);
  }
  const { ptz } = it.device.stats();
  assert.deepEqual(ptz.map(({ code, session, accepted }) => [code, session, accepted]), [
    ["Right", null, true],
    ["Right", null, true],
    ["SetPreset", null, true],
    ["Nowhere", null, false],
    ["Right", null, false],
  ]);
});

Deno.test("some firmware counts the channels of CGI from 0", async () => {
  await using it = bench({ channels: 2, quirks: { cgiChannelBase: 0 } });
  assert.equal((await cgi(it, "start&channel=1&code=Up&arg2=1")).status, 200);
  assert.equal((await cgi(it, "start&channel=2&code=Up&arg2=1")).status, 400);
  assert.equal(it.device.stats().ptz[0]!.channel, 2);
});
