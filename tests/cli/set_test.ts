/** `dhip set …`: shown without a value, changed and read back with one. */

import assert from "node:assert/strict";
import { library } from "../../lib/cli/devices.ts";
import { Simulator } from "../../lib/simulator/mod.ts";
import { tablesScript } from "../support/scripted_camera.ts";
import { cliOn } from "./_scripted.ts";
import { cli, type FakeSurroundings, memoryState, type Ran } from "./_support.ts";

const HOST = "127.77.22.8";

async function withCamera(
  test: (
    run: (line: string[], around?: FakeSurroundings) => Promise<Ran>,
    simulator: Simulator,
  ) => Promise<void>,
): Promise<void> {
  await using simulator = await Simulator.start({ host: HOST, password: "x", channels: 2 });
  const target = `${HOST}:${simulator.dhipPort}`;
  const state = () => Promise.resolve(memoryState());
  await test(
    ([what, ...line], around = {}) =>
      cli(["set", what!, target, ...line], {
        ...around,
        env: { DHIP_PASSWORD: "x", NO_COLOR: "1" },
        library: { ...library, state },
      }),
    simulator,
  );
}

const json = (ran: Ran) => JSON.parse(ran.out);

Deno.test("set daynight", () =>
  withCamera(async (run, simulator) => {
    assert.equal(json(await run(["daynight"])).mode, "auto");
    const dry = await run(["daynight", "color", "-n"]);
    assert.deepEqual([dry.code, json(dry).applied], [0, false]);
    assert.equal(json(dry).changes.length, 1);
    assert.equal(json(await run(["daynight"])).mode, "auto");
    const done = await run(["daynight", "black-white", "--channel", "Channel 2"]);
    assert.deepEqual([done.code, json(done).applied], [0, true], done.err);
    assert.equal(json(await run(["daynight"])).mode, "auto"); // the other channel
    assert.equal(json(await run(["daynight", "-c", "2"])).mode, "black-white");
    const table = await run(["daynight", "-c", "2"], { terminal: true });
    assert.match(table.out, /in force +black-white/);
    simulator.fault("stale-config");
    const stale = await run(["daynight", "color"]);
    assert.equal(stale.code, 7);
    assert.match(stale.err, /DHIP_NOT_HELD/);
    assert.equal(json(stale).notHeld.length, 1);
  }));

Deno.test("set light", () =>
  withCamera(async (run) => {
    const kinds = json(await run(["light"])).map(({ kind }: { kind: string }) => kind);
    assert.ok(kinds.includes("infrared") && kinds.includes("white"));
    const white = await run(["light", "on", "--kind", "white", "--brightness", "35"]);
    assert.equal(white.code, 0, white.err);
    const shown = json(await run(["light", "--kind", "white"]));
    assert.ok(shown.length > 0);
    for (const { mode, brightness } of shown) assert.deepEqual([mode, brightness], ["on", 35]);
    for (const { mode } of json(await run(["light", "--kind", "infrared"]))) {
      assert.equal(mode, "auto");
    }
    await run(["light", "off"]); // infrared
    for (const { mode } of json(await run(["light", "--kind", "infrared"]))) {
      assert.equal(mode, "off");
    }
    const laser = await run(["light", "on", "--kind", "laser"]);
    assert.equal(laser.code, 5);
    assert.match(JSON.parse(laser.err).error.hint, /It has: infrared, white/);
    const table = await run(["light"], { terminal: true });
    assert.match(table.out, /LIGHT +PROFILE +MODE +DEVICE MODE +BRIGHTNESS/);
    assert.equal((await run(["light", "on", "--brightness", "101"])).code, 2);
  }));

Deno.test("set privacy", () =>
  withCamera(async (run) => {
    assert.deepEqual(json(await run(["privacy"])), { on: false });
    const on = await run(["privacy", "on"], { terminal: true });
    assert.match(on.out, /LeLensMask\[0\]\.Enable +false +true/);
    assert.deepEqual(json(await run(["privacy"])), { on: true });
    const again = await run(["privacy", "on"], { terminal: true });
    assert.equal(again.out, "Nothing to change.\n");
    assert.equal((await run(["privacy", "off"])).code, 0);
    assert.equal((await run(["privacy", "maybe"])).code, 2);
    const nine = await run(["privacy", "on", "-c", "9"]);
    assert.equal(nine.code, 2);
    assert.match(nine.err, /There is no channel 9; the device has channels 1 to 2/);
  }));

Deno.test("set recording", () =>
  withCamera(async (run) => {
    assert.deepEqual(json(await run(["recording", "-c", "2"])), {
      channel: 2,
      mode: "auto",
      recording: true,
    });
    const off = await run(["recording", "off", "-c", "Channel 2"]);
    assert.deepEqual([off.code, json(off).applied], [0, true], off.err);
    const table = await run(["recording", "-c", "2"], { terminal: true });
    assert.equal(table.out, "Mode       off\nRecording  no\n");
    assert.equal(json(await run(["recording"])).mode, "auto");
    assert.equal((await run(["recording", "manual", "-c", "2"])).code, 0);
    assert.equal(json(await run(["recording", "-c", "2"])).mode, "manual");
    for (const line of [["recording", "-c", "9"], ["recording", "auto", "-c", "9"]]) {
      const nine = await run(line);
      assert.equal(nine.code, 2);
      assert.match(nine.err, /2/);
    }
  }));

Deno.test("set siren and warning-light", () =>
  withCamera(async (run) => {
    for (const what of ["siren", "warning-light"]) {
      assert.deepEqual(json(await run([what])), { on: false });
      assert.equal(json(await run([what, "on", "--dry-run"])).applied, false);
      assert.deepEqual(json(await run([what])), { on: false });
      const on = await run([what, "on"]);
      assert.deepEqual([on.code, json(on).applied, json(on).notHeld], [0, true, []], on.err);
      assert.deepEqual(json(await run([what])), { on: true });
      const table = await run([what], { terminal: true });
      assert.match(table.out, / on\n$/);
      assert.equal((await run([what, "off"])).code, 0);
    }
  }));

Deno.test("a device without the function ends with 5, a dry run without a value with 2", async () => {
  for (const what of ["daynight", "light", "privacy", "recording", "siren", "warning-light"]) {
    const lacks = await cliOn(tablesScript({}), ["set", what, "192.0.2.7"]);
    assert.equal(lacks.code, 5, what);
    assert.equal(JSON.parse(lacks.err).error.code, "DHIP_NOT_SUPPORTED");
    const dry = await cliOn(tablesScript({}), ["set", what, "192.0.2.7", "-n"]);
    assert.equal(dry.code, 2);
  }
  const onlyLight = await cliOn(
    ({ method }) =>
      method.endsWith("getCaps")
        ? { result: true, params: { caps: { SupportControlLight: 1, SupportControlSpeaker: 0 } } }
        : { result: true, params: { status: { WhiteLight: "Off" } } },
    ["set", "siren", "192.0.2.7"],
  );
  assert.equal(onlyLight.code, 5);
});
