/** What devices tell about their heads, in the shapes that sources show. */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  checkedScale,
  degreesOf,
  readCapabilities,
  readMoving,
  readProtocols,
  readRemembered,
  readStatus,
  readZoom,
} from "../../lib/camera/ptz/report.ts";
import { isAt } from "../../lib/camera/ptz/settle.ts";

Deno.test("steps become degrees as python-dhip makes them", () => {
  assert.deepEqual(degreesOf([4096, 2048], {}), { pan: 180, tilt: 22.5 });
  assert.deepEqual(degreesOf([4096, 2048, 99], { locationFullscale: 4096 }), {
    pan: 360,
    tilt: 45,
  });
  assert.deepEqual(degreesOf([4096, 2048], { tiltSpan: 180 }), { pan: 180, tilt: 45 });
  assert.equal(degreesOf([4096], {}), undefined);
});

Deno.test("steps and degrees: a way back, in order, whatever the scale", () => {
  const scale = fc.record({
    locationFullscale: fc.integer({ min: 720, max: 65_536 }),
    tiltSpan: fc.integer({ min: 30, max: 180 }),
  });
  const step = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(fc.property(scale, step, step, (scale, across, up) => {
    const { locationFullscale: full, tiltSpan } = scale;
    const steps = [Math.floor(across * (full - 1)), Math.floor(up * (full - 1))];
    const { pan, tilt } = degreesOf(steps, scale)!;
    assert.ok(pan >= 0 && pan <= 360 && tilt >= 0 && tilt <= tiltSpan);
    // Rounded to tenths: the way back is at most half a tenth off.
    assert.ok(Math.abs(pan / 360 * full - steps[0]!) <= 0.0501 / 360 * full);
    assert.ok(Math.abs(tilt / tiltSpan * full - steps[1]!) <= 0.0501 / tiltSpan * full);
    const further = degreesOf([steps[0]! + 1, steps[1]! + 1], scale)!;
    assert.ok(further.pan >= pan && further.tilt >= tilt);
    // Twice as fine a scale is the same place.
    const finer = degreesOf(steps.map((each) => each * 2), {
      tiltSpan,
      locationFullscale: full * 2,
    });
    assert.deepEqual(finer, { pan, tilt });
  }));
});

Deno.test("a scale that is none is refused", () => {
  for (const wrong of [0, -1, NaN, Infinity]) {
    assert.throws(() => checkedScale({ locationFullscale: wrong }), RangeError);
    assert.throws(() => checkedScale({ tiltSpan: wrong }), RangeError);
  }
});

Deno.test("a status in degrees", () => {
  const status = readStatus({
    Action: "Preset",
    MoveStatus: "Moving",
    ZoomStatus: "Idle",
    Postion: [91.6, -2.6, 1],
    PresetID: 4,
    UTC: 1,
    Sequence: 3,
    PTS: 5,
  }, {});
  assert.deepEqual(status, {
    position: { pan: 91.6, tilt: -2.6, zoom: 1 },
    raw: [91.6, -2.6, 1],
    moving: true,
    zooming: false,
    preset: 4,
    action: "Preset",
  });
});

Deno.test("a status in steps", () => {
  assert.deepEqual(readStatus({ Location: [4096, 2048, 77] }, {}), {
    position: { pan: 180, tilt: 22.5, zoom: null },
    raw: [4096, 2048, 77],
    moving: null,
    zooming: null,
    preset: null,
    action: null,
  });
});

Deno.test("a status of another kind is no position", () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (status) => {
    readStatus(status, {});
  }));
  const { position, raw } = readStatus({ Location: [5], Postion: "here", MoveStatus: 3 }, {});
  assert.deepEqual({ position, raw }, { position: null, raw: [5] });
  assert.equal(readStatus({ MoveStatus: "Unknown" }, {}).moving, null);
});

Deno.test("isMoving answers in params or in result", () => {
  assert.equal(readMoving({ moving: true }), true);
  assert.equal(readMoving({ moving: false }), false);
  assert.equal(readMoving(true), true);
  assert.equal(readMoving(false), false);
  assert.equal(readMoving("yes"), null);
});

Deno.test("the zoom value, however it is called", () => {
  assert.deepEqual([{ value: 2 }, { zoom: 3 }, { Zoom: 4 }, 5, "6"].map(readZoom), [
    2,
    3,
    4,
    5,
    null,
  ]);
});

Deno.test("presets: null is none, the device's own functions are none of ours", () => {
  assert.deepEqual(readRemembered(null), []);
  assert.deepEqual(
    readRemembered([
      { Index: 2, Name: "Gate", Type: 1 },
      { Index: 301, Name: "Reset", Type: 2 },
      { Index: 1, Name: "" },
      { Name: "without a number" },
      "junk",
    ]),
    [{ number: 1, name: null }, { number: 2, name: "Gate" }],
  );
});

Deno.test("capabilities as recorders tell them", () => {
  const caps = readCapabilities(
    {
      Name: "DH-SD1",
      Pan: true,
      Tile: true,
      Zoom: false,
      Auxs: ["Light", "Wiper"],
      PanSpeedMin: 1,
      PanSpeedMax: 8,
      PresetMin: 1,
      PresetMax: 300,
      PtzMotionRange: { HorizontalAngle: [0, 360], VerticalAngle: [-15, 100] },
    },
    undefined,
    ["DH-SD1", "PELCO-D"],
  );
  assert.deepEqual(caps.tiltRange, { min: -15, max: 100 });
  assert.deepEqual(caps.panSpeeds, { min: 1, max: 8 });
  assert.deepEqual(caps.zoomRange, { min: null, max: null });
  assert.deepEqual([caps.tilt, caps.zoom, caps.focus], [true, false, null]);
  assert.deepEqual(caps.aux, ["Light", "Wiper"]);
  assert.equal(caps.protocol, "DH-SD1");
  assert.equal(readCapabilities({}, { info: { Name: "PELCO-P" } }, []).protocol, "PELCO-P");
  assert.deepEqual(caps.protocols, ["DH-SD1", "PELCO-D"]);
});

Deno.test("the list of protocols is in result or in params", () => {
  assert.deepEqual(readProtocols(["A", 1]), ["A"]);
  assert.deepEqual(readProtocols({ protocol: ["B"] }), ["B"]);
  assert.deepEqual(readProtocols(undefined), []);
});

Deno.test("a place is near enough over the end of the circle too", () => {
  const at = { pan: 359.6, tilt: 10, zoom: 2 };
  assert.ok(isAt(at, { pan: 0.2, tilt: 10.5 }, 1));
  assert.ok(!isAt(at, { pan: 2, tilt: 10 }, 1));
  assert.ok(!isAt(at, { tilt: 12 }, 1));
  assert.ok(!isAt(at, { zoom: 3 }, 1));
  assert.ok(isAt(at, { zoom: 0 }, 1), "0 is no zoom to compare");
  assert.ok(isAt({ ...at, zoom: null }, { zoom: 3 }, 1), "nor is one that is not told");
});
