import assert from "node:assert/strict";
import { ptzBench } from "./_ptz.ts";

Deno.test("presets are saved, named, recalled, replaced and removed", async () => {
  await using ptz = await ptzBench();
  const presets = async () =>
    ((await ptz.call("getPresets")).params as { presets: unknown }).presets;
  assert.equal(await presets(), null);
  await ptz.call("setPreset", { index: 7, name: "Tor 门" });
  await ptz.call("moveAbsolutely", { position: [200, 10, 3] });
  await ptz.it.clock.advance(5000);
  assert.equal((await ptz.start("SetPreset", 2)).result, true);
  assert.deepEqual(await presets(), [
    { Index: 2, Name: "Preset 2", Type: 1 },
    { Index: 7, Name: "Tor 门", Type: 1 },
  ]);
  await ptz.start("GotoPreset", 7);
  assert.equal((await ptz.status()).MoveStatus, "Moving");
  await ptz.it.clock.advance(5000);
  assert.deepEqual(await ptz.position(), [0, 30, 1]);
  assert.equal((await ptz.status()).PresetID, 7);
  await ptz.call("gotoPreset", { index: 2, speed: 1 });
  await ptz.it.clock.advance(1000);
  assert.deepEqual(await ptz.position(), [348, 22, 1.5]);
  await ptz.it.clock.advance(60_000);
  assert.deepEqual(await ptz.position(), [200, 10, 3]);
  await ptz.start("Left", 0, 1);
  assert.equal((await ptz.status()).PresetID, 0);
  await ptz.call("setPreset", { index: 7 }); // keeps its name
  await ptz.start("ClearPreset", 2);
  assert.deepEqual(await presets(), [{ Index: 7, Name: "Tor 门", Type: 1 }]);
  await ptz.call("removePreset", { index: 7 });
  assert.equal(await presets(), null);
  assert.equal(await ptz.refusal("gotoPreset", { index: 7 }), 268959743);
  assert.equal(await ptz.refusal("removePreset", { index: 7 }), 268959743);
  for (const index of [0, 301, -1, 1.5, "1"]) {
    assert.equal(await ptz.refusal("setPreset", { index }), 268894211);
  }
});

Deno.test("the number of a preset is where the firmware wants it", async () => {
  await using strict = await ptzBench();
  assert.equal((await strict.start("SetPreset", 0, 3)).result, false);
  await using other = await ptzBench({ quirks: { presetArg: "arg2" } });
  assert.equal((await other.start("SetPreset", 3, 0)).result, false);
  assert.equal((await other.start("SetPreset", 0, 3)).result, true);
  await using oem = await ptzBench({ objects: "channel" });
  assert.equal((await oem.start("SetPreset", 0, 3)).result, true);
});

Deno.test("a tour goes round its presets until it is stopped, in either spelling", async () => {
  await using ptz = await ptzBench();
  for (const [index, pan] of [[1, 0], [2, 96]] as const) {
    await ptz.call("moveAbsolutely", { position: [pan, 30, 1] });
    await ptz.it.clock.advance(5000);
    await ptz.call("setPreset", { index, name: `P${index}` });
  }
  const tours = async () => ((await ptz.call("getTours")).params as { tours: unknown }).tours;
  assert.equal(await tours(), null);
  assert.equal(await ptz.refusal("startTour", { index: 1 }), 268959743);
  const presets = [{ Index: 1, Duration: 2 }, { Index: 2, Duration: 3 }];
  await ptz.call("setTour", { index: 1, name: "Runde", presets });
  assert.deepEqual(await tours(), [{ Index: 1, Name: "Runde", Presets: presets }]);
  await ptz.call("startTour", { index: 1 });
  await ptz.it.clock.advance(500); // one second from 96 to 0
  assert.deepEqual(await ptz.position(), [48, 30, 1]);
  assert.equal((await ptz.status()).Action, "Tour");
  await ptz.it.clock.advance(1500); // stays two
  assert.deepEqual(await ptz.position(), [0, 30, 1]);
  assert.equal((await ptz.status()).MoveStatus, "Idle");
  await ptz.it.clock.advance(1500); // and is on its way back
  assert.deepEqual(await ptz.position(), [48, 30, 1]);
  await ptz.it.clock.advance(7000 * 8); // a round takes seven seconds
  assert.deepEqual(await ptz.position(), [48, 30, 1]);
  assert.equal(await ptz.refusal("stopTour", { index: 2 }), 268959743);
  await ptz.call("stopTour", { index: 1 });
  await ptz.it.clock.advance(60_000);
  assert.deepEqual(await ptz.position(), [48, 30, 1]);
  for (const stop of [() => ptz.start("StopTour", 1), () => ptz.stop("StopTour", 1)]) {
    assert.equal((await ptz.start("StartTour", 1)).result, true);
    assert.equal((await stop()).result, true);
    assert.equal((await stop()).result, false); // it does not run any more
  }
  await ptz.start("StartTour", 1);
  await ptz.start("Left", 0, 1); // an order by hand ends it
  assert.equal((await ptz.status()).Action, "None");
  await ptz.call("removeTour", { index: 1 });
  assert.equal(await tours(), null);
  assert.equal(await ptz.refusal("removeTour", { index: 1 }), 268959743);
});

Deno.test("a tour that is only named visits all presets; stops can be added by code", async () => {
  await using ptz = await ptzBench({ quirks: { tourArg: "arg2" } });
  await ptz.call("setTour", { index: 2, name: "All" });
  assert.equal((await ptz.start("StartTour", 0, 2)).result, false); // there are no presets
  await ptz.call("setPreset", { index: 4 });
  assert.equal((await ptz.start("StartTour", 2, 0)).result, false); // this firmware wants arg2
  assert.equal((await ptz.start("StartTour", 0, 2)).result, true);
  assert.equal((await ptz.stop("StopTour", 0, 2)).result, true);
  await ptz.start("AddTour", 3, 4, 10);
  assert.deepEqual((await ptz.call("getTours")).params, {
    tours: [
      { Index: 2, Name: "All", Presets: [] },
      { Index: 3, Name: "Tour 3", Presets: [{ Index: 4, Duration: 10 }] },
    ],
  });
  assert.equal((await ptz.start("ClearTour", 3)).result, true);
});

Deno.test("a scan swings between its limits", async () => {
  await using ptz = await ptzBench();
  assert.equal((await ptz.start("AutoScanOn", 1)).result, false); // no limits yet
  await ptz.start("SetLeftLimit", 1);
  await ptz.call("moveAbsolutely", { position: [96, 30, 1] });
  await ptz.it.clock.advance(5000);
  await ptz.start("SetRightLimit", 1);
  assert.equal((await ptz.call("startScan", { index: 1, speed: 8 })).result, true);
  await ptz.it.clock.advance(1000); // half a second at the right limit, half a second of way
  assert.deepEqual(await ptz.position(), [48, 30, 1]);
  await ptz.it.clock.advance(3000);
  assert.deepEqual(await ptz.position(), [48, 30, 1]);
  assert.equal((await ptz.status()).Action, "Scan");
  assert.equal((await ptz.call("stopScan", { index: 1 })).result, true);
  assert.equal((await ptz.start("AutoScanOn", 1)).result, true);
  assert.equal((await ptz.start("AutoScanOff", 1)).result, true);
  assert.equal((await ptz.call("setScanLimit", { index: 2, limitMode: "Left" })).result, true);
  assert.equal(await ptz.refusal("setScanLimit", { index: 2, limitMode: "Up" }), 268894211);
  await ptz.start("AutoPanOn", 0, 1);
  await ptz.it.clock.advance(1000);
  const before = (await ptz.position())[0]!;
  await ptz.it.clock.advance(1000);
  assert.equal(((await ptz.position())[0]! - before + 360) % 360, 12);
  await ptz.start("AutoPanOff");
  assert.equal((await ptz.status()).MoveStatus, "Idle");
});

Deno.test("a pattern repeats what was done, turns and pauses included", async () => {
  await using ptz = await ptzBench();
  assert.equal((await ptz.start("StartPattern", 1)).result, false);
  await ptz.start("SetPatternBegin", 1);
  await ptz.start("Right", 0, 8);
  await ptz.it.clock.advance(5000); // 480 degrees: more than a turn
  await ptz.stop("Right");
  await ptz.it.clock.advance(2000);
  await ptz.start("Up", 0, 1);
  await ptz.it.clock.advance(1000);
  assert.equal((await ptz.start("SetPatternEnd", 1)).result, true);
  assert.equal((await ptz.start("SetPatternEnd", 1)).result, false);
  await ptz.stop("Up");
  assert.deepEqual(await ptz.position(), [120, 38, 1]);
  assert.deepEqual((await ptz.call("getPatterns")).params, {
    patterns: [{ Index: 1, Name: "Pattern 1" }],
  });
  assert.equal((await ptz.call("startPatternReplay", { index: 1 })).result, true);
  await ptz.it.clock.advance(1250); // the way back to where it began
  assert.deepEqual(await ptz.position(), [0, 30, 1]);
  await ptz.it.clock.advance(1000);
  assert.deepEqual(await ptz.position(), [96, 30, 1]);
  await ptz.it.clock.advance(4000);
  assert.deepEqual(await ptz.position(), [120, 30, 1]);
  await ptz.it.clock.advance(2500);
  assert.deepEqual(await ptz.position(), [120, 34, 1]);
  assert.equal((await ptz.status()).Action, "Pattern");
  assert.equal((await ptz.call("stopPatternReplay", { index: 1 })).result, true);
  await ptz.call("startPatternRecord", { index: 2, name: "Hof" });
  assert.equal((await ptz.call("stopPatternRecord", { index: 2 })).result, true);
});

Deno.test("lamp, wiper and auxiliary output are switched", async () => {
  await using ptz = await ptzBench();
  for (const code of ["Light", "Wiper", "Aux"]) {
    assert.equal((await ptz.start(code, 0, 1)).result, true);
    assert.equal((await ptz.stop(code, 0, 1)).result, true);
    assert.equal((await ptz.call("auxControl", { function: code, open: true })).result, true);
  }
  assert.equal(await ptz.refusal("auxControl", { function: "Laser", open: true }), 268894211);
  assert.equal((await ptz.call("focusContinuously", { speed: -3, timeout: 1 })).result, true);
  assert.equal((await ptz.call("stopFocus")).result, true);
  assert.equal((await ptz.call("adjustIris", { change: 1 })).result, true);
  assert.equal(await ptz.refusal("adjustIris", {}), 268894211);
});
