import assert from "node:assert/strict";
import {
  NO_PERMISSION,
  NOT_FOUND,
  scriptedCamera,
  tablesScript,
} from "../support/scripted_camera.ts";

const lamp = (LightType: string | undefined, Mode: string, Light = 50) => ({
  ...(LightType === undefined ? {} : { LightType }),
  Mode,
  MiddleLight: [{ Angle: 50, Light }],
  NearLight: [],
  FarLight: [{ Angle: 50, Light: 10 }],
});

const day = (Mode: string) => ({ Mode, Sensitivity: 1, Delay: 5 });

const camera = (tables: Record<string, unknown>) => scriptedCamera(tablesScript(tables));

Deno.test("day and night: the profile in force, and all of them", async () => {
  await using scripted = await camera({
    VideoInDayNight: [[day("Color"), day("BlackWhite"), day("Brightness")]],
    VideoInMode: [{ Mode: 0, Config: [1] }],
  });
  assert.deepEqual(await scripted.camera.image.dayNight(1), {
    mode: "black-white",
    profiles: [
      { profile: "day", mode: "color" },
      { profile: "night", mode: "black-white" },
      { profile: "general", mode: "auto" },
    ],
  });
  await assert.rejects(scripted.camera.image.dayNight(2), RangeError);
  await assert.rejects(scripted.camera.image.dayNight(0), RangeError);
});

Deno.test("day and night without a known profile: what all of them say, else null", async () => {
  await using same = await camera({ VideoInDayNight: [[day("Photoresistor"), day("Gain")]] });
  assert.equal((await same.camera.image.dayNight(1)).mode, "auto");
  await using mixed = await camera({ VideoInDayNight: [[day("Color"), day("Odd")]] });
  const { mode, profiles } = await mixed.camera.image.dayNight(1);
  assert.deepEqual([mode, profiles.map(({ mode }) => mode)], [null, ["color", null]]);
  await using single = await camera({ VideoInDayNight: [day("Color")] });
  assert.equal((await single.camera.image.dayNight(1)).mode, "color");
});

Deno.test("day and night is written to all profiles, and a way to judge by the light stays", async () => {
  const tables = { VideoInDayNight: [[day("Color"), day("Photoresistor")], [day("Color")]] };
  await using scripted = await camera(tables);
  const { image } = scripted.camera;
  const plan = await image.planDayNight(1, "auto");
  assert.deepEqual(plan.differences, [
    { path: "VideoInDayNight[0][0].Mode", before: "Color", after: "Brightness" },
  ]);
  assert.equal(scripted.device.count("configManager.setConfig"), 0);
  assert.deepEqual(await plan.apply(), { options: [], notHeld: [] });
  assert.deepEqual(tables.VideoInDayNight, [
    [day("Brightness"), day("Photoresistor")],
    [day("Color")],
  ]);
  assert.deepEqual((await image.planDayNight(1, "auto")).differences, []);
});

Deno.test("day and night of older devices: VideoInOptions", async () => {
  const tables = {
    VideoInOptions: [{ DayNightColor: 1, NightOptions: { DayNightColor: 2, Gain: 1 }, Gain: 5 }],
  };
  await using scripted = await camera(tables);
  const { image } = scripted.camera;
  assert.deepEqual(await image.dayNight(1), { mode: "auto", profiles: [] });
  await (await image.planDayNight(1, "color")).apply();
  assert.deepEqual(tables.VideoInOptions, [
    { DayNightColor: 0, NightOptions: { DayNightColor: 0, Gain: 1 }, Gain: 5 },
  ]);
  assert.equal((await image.dayNight(1)).mode, "color");
});

Deno.test("a device that does not keep a setting is found out", async () => {
  const table = [{ Enable: false }];
  await using scripted = await scriptedCamera(({ method, params }) => {
    if (method === "configManager.getConfig" && params!.name === "LeLensMask") {
      return { result: true, params: { table } };
    }
    return method === "configManager.setConfig"
      ? { result: true, params: { options: ["NeedReboot"] } }
      : NOT_FOUND;
  });
  const plan = await scripted.camera.image.planPrivacy(1, true);
  assert.deepEqual(plan.differences, [
    { path: "LeLensMask[0].Enable", before: false, after: true },
  ]);
  assert.deepEqual(await plan.apply(), {
    options: ["NeedReboot"],
    notHeld: [{ path: "LeLensMask[0].Enable", before: true, after: false }],
  });
});

Deno.test("one channel's tables may be without the list around them", async () => {
  const tables: Record<string, unknown> = {
    LeLensMask: { Enable: false },
    VideoInOptions: { DayNightColor: 0, NightOptions: { DayNightColor: 0 } },
  };
  await using one = await scriptedCamera(tablesScript(tables));
  const { image } = one.camera;
  assert.equal(await one.clock.settle(image.privacy(1)), false);
  await one.clock.settle((await one.clock.settle(image.planPrivacy(1, true))).apply());
  assert.deepEqual(tables.LeLensMask, { Enable: true });
  assert.equal((await one.clock.settle(image.dayNight(1))).mode, "color");
  await one.clock.settle((await one.clock.settle(image.planDayNight(1, "auto"))).apply());
  assert.deepEqual(tables.VideoInOptions, {
    DayNightColor: 1,
    NightOptions: { DayNightColor: 1 },
  });
  await assert.rejects(one.clock.settle(image.privacy(2)), RangeError);
});

Deno.test("lights by kind and profile, from the new and the old table", async () => {
  await using scripted = await camera({
    Lighting_V2: [[[lamp("WhiteLight", "Off", 80)], [
      lamp("AIMixLight", "Auto"),
      lamp("Odd", "X"),
    ]]],
    Lighting: [[lamp(undefined, "ZoomPrio")]],
  });
  assert.deepEqual(await scripted.camera.image.lights(1), [
    { kind: "white", profile: "day", mode: "off", deviceMode: "Off", brightness: 80 },
    { kind: "mixed", profile: "night", mode: "auto", deviceMode: "Auto", brightness: 50 },
    { kind: null, profile: "night", mode: null, deviceMode: "X", brightness: 50 },
    { kind: "infrared", profile: "day", mode: "auto", deviceMode: "ZoomPrio", brightness: 50 },
  ]);
});

Deno.test("a light is changed in all profiles, and nothing else is", async () => {
  const tables = {
    Lighting_V2: [[
      [lamp("InfraredLight", "ZoomPrio"), lamp("WhiteLight", "Off")],
      [lamp("WhiteLight", "Manual")],
    ]],
  };
  await using scripted = await camera(tables);
  const { image } = scripted.camera;
  await (await image.planLight(1, "white", { mode: "on", brightness: 30 })).apply();
  const bright = (mode: string) => ({
    ...lamp("WhiteLight", mode, 30),
    FarLight: [{ Angle: 50, Light: 30 }],
  });
  assert.deepEqual(tables.Lighting_V2, [[
    [lamp("InfraredLight", "ZoomPrio"), bright("Manual")],
    [bright("Manual")],
  ]]);
  // A light that judges for itself in its own way keeps that way.
  assert.deepEqual((await image.planLight(1, "infrared", { mode: "auto" })).differences, []);
  await (await image.planLight(1, "infrared", { mode: "off" })).apply();
  assert.equal(tables.Lighting_V2[0]![0]![0]!.Mode, "Off");
});

Deno.test("a light of the old table is changed there", async () => {
  const tables = { Lighting: [[lamp(undefined, "Auto")], [lamp(undefined, "Auto")]] };
  await using scripted = await camera(tables);
  await (await scripted.camera.image.planLight(2, "infrared", { mode: "off" })).apply();
  assert.deepEqual(tables.Lighting, [[lamp(undefined, "Auto")], [lamp(undefined, "Off")]]);
});

Deno.test("what a device lacks is said, with what it has", async () => {
  await using scripted = await camera({ Lighting_V2: [[[lamp("InfraredLight", "Auto")]]] });
  const { image } = scripted.camera;
  await assert.rejects(image.planLight(1, "white", { mode: "on" }), {
    code: "DHIP_NOT_SUPPORTED",
    message: "The device has no white light",
    hint: "It has: infrared.",
  });
  await assert.rejects(image.dayNight(1), { code: "DHIP_NOT_SUPPORTED" });
  await assert.rejects(image.planDayNight(1, "auto"), { code: "DHIP_NOT_SUPPORTED" });
  await assert.rejects(image.privacy(1), { code: "DHIP_NOT_SUPPORTED" });
  await assert.rejects(image.planPrivacy(1, true), { code: "DHIP_NOT_SUPPORTED" });
  await assert.rejects(image.planLight(1, "infrared", {}), TypeError);
  await assert.rejects(image.planLight(1, "infrared", { brightness: 101 }), RangeError);
  await using dark = await camera({});
  await assert.rejects(dark.camera.image.lights(1), { code: "DHIP_NOT_SUPPORTED" });
});

/** A camera with a siren and a light that follow, unless `deaf`. */
function frightening(
  caps: Record<string, unknown> | undefined,
  { deaf = false, slow = 0, nested = false } = {},
) {
  const status: Record<string, unknown> = { Speaker: "Off", WhiteLight: "Off" };
  const late: (() => void)[] = [];
  return scriptedCamera(({ method, params }) => {
    switch (method) {
      case "CoaxialControlIO.getCaps":
        return caps === undefined ? NOT_FOUND : { result: true, params: { caps } };
      case "CoaxialControlIO.getStatus":
        if (late.length > 0 && slow-- <= 0) late.shift()!();
        return {
          result: true,
          params: { status: nested ? { status: { ...status } } : { ...status } },
        };
      case "CoaxialControlIO.control": {
        const [{ Type, IO }] = params!.info as [{ Type: number; IO: number }];
        if (!deaf) {
          late.push(() => status[Type === 2 ? "Speaker" : "WhiteLight"] = IO === 1 ? "On" : "Off");
        }
        return { result: true };
      }
      default:
        return NOT_FOUND;
    }
  });
}

Deno.test("siren and light: what there is and whether it is on", async () => {
  for (const nested of [true, false]) {
    await using both = await frightening({
      SupportControlSpeaker: 1,
      SupportControlLight: true,
      SupportControlFullcolorLight: 0,
    }, { nested });
    assert.deepEqual(await both.camera.deterrent.state(1), {
      siren: false,
      light: false,
      has: ["siren", "light"],
    });
  }
  await using silent = await frightening(undefined);
  assert.deepEqual((await silent.camera.deterrent.state(1)).has, null);
  await using none = await scriptedCamera(() => NOT_FOUND);
  await assert.rejects(none.camera.deterrent.state(1), { code: "DHIP_NOT_SUPPORTED" });
  await using denied = await scriptedCamera(() => NO_PERMISSION);
  await assert.rejects(denied.camera.deterrent.state(1), { code: "DHIP_NO_PERMISSION" });
});

Deno.test("the siren is switched with the exact words, and followed until it sounds", async () => {
  await using scripted = await frightening({ SupportControlSpeaker: 1 }, { slow: 2 });
  const { camera, clock, device } = scripted;
  const plan = await clock.settle(camera.deterrent.plan(2, "siren", true));
  assert.deepEqual(plan.differences, [{ path: "siren", before: "off", after: "on" }]);
  assert.equal(device.count("CoaxialControlIO.control"), 0);
  assert.deepEqual(await clock.settle(plan.apply()), { options: [], notHeld: [] });
  const asked = device.asked.find(({ method }) => method === "CoaxialControlIO.control")!;
  assert.deepEqual(asked.params, { channel: 1, info: [{ Type: 2, IO: 1, TriggerMode: 2 }] });
  const again = await clock.settle(camera.deterrent.plan(2, "siren", true));
  assert.deepEqual(again.differences, []);
  assert.deepEqual((await again.apply()).notHeld, []);
  await clock.settle((await clock.settle(camera.deterrent.plan(2, "siren", false))).apply());
  const off = device.asked.findLast(({ method }) => method === "CoaxialControlIO.control")!;
  assert.deepEqual(off.params!.info, [{ Type: 2, IO: 2, TriggerMode: 2 }]);
});

Deno.test("a light that does not follow is found out, one that is not there is not asked", async () => {
  await using deaf = await frightening({ SupportControlLight: 1 }, { deaf: true });
  const plan = await deaf.camera.deterrent.plan(1, "light", true);
  const outcome = await deaf.clock.settle(plan.apply());
  assert.deepEqual(outcome.notHeld, [{ path: "light", before: "on", after: "off" }]);
  await assert.rejects(deaf.camera.deterrent.plan(1, "siren", true), {
    code: "DHIP_NOT_SUPPORTED",
    hint: "It has: light.",
  });
  assert.equal(deaf.device.count("CoaxialControlIO.control"), 1);
});
