/** Waiting for a camera to stand still, presets by name, and status: with scripted answers. */

import assert from "node:assert/strict";
import type { JsonObject } from "../../lib/dhip/frame.ts";
import { NOT_FOUND } from "../support/scripted_camera.ts";
import { BENIGN, type ScriptedHead, scriptedHead } from "./_ptz_support.ts";

const OK: JsonObject = { result: true };

/** A camera whose status is that of the n-th question. */
function telling(status: (count: number) => JsonObject): Promise<ScriptedHead> {
  return scriptedHead(
    "object",
    (method, _, count) =>
      method === "getStatus"
        ? { result: true, params: { status: status(count) } }
        : method === "isMoving"
        ? NOT_FOUND
        : OK,
  );
}

const at = (pan: number, MoveStatus: string, PresetID = 0) => ({
  Postion: [pan, 10, 1],
  MoveStatus,
  PresetID,
});

Deno.test("settle waits until the camera stands where it should", async () => {
  await using head = await telling((count) =>
    count < 4 ? at(count * 20, "Moving") : at(90, "Idle")
  );
  const arrival = await head.clock.settle(head.camera.ptz.settle({ aim: { pan: 90, tilt: 10 } }));
  assert.deepEqual(arrival, {
    position: { pan: 90, tilt: 10, zoom: 1 },
    preset: 0,
    moving: false,
    arrived: true,
  });
  assert.equal(head.told().length, 4);
});

Deno.test("a camera that has not begun to move is not taken for one that stands elsewhere", async () => {
  await using head = await telling((count) =>
    count < 3 ? at(0, "Idle") : count < 8 ? at(40, "Moving") : at(90, "Idle")
  );
  const { arrived } = await head.clock.settle(head.camera.ptz.settle({ aim: { pan: 90 } }));
  assert.equal(arrived, true);
});

Deno.test("a camera that stands elsewhere is told so", async () => {
  await using head = await telling(() => at(80, "Idle", 2));
  const { ptz } = head.camera;
  assert.equal((await head.clock.settle(ptz.settle({ aim: { pan: 90 } }))).arrived, false);
  assert.equal((await head.clock.settle(ptz.settle({ preset: 3 }))).arrived, false);
  assert.equal((await head.clock.settle(ptz.settle({ preset: 2 }))).arrived, true);
  assert.equal((await head.clock.settle(ptz.settle())).arrived, null);
  const wide = { aim: { pan: 90 }, tolerance: 10 };
  assert.equal((await head.clock.settle(ptz.settle(wide))).arrived, true);
});

Deno.test("a camera that still moves at the end of the wait has not arrived", async () => {
  await using head = await telling(() => at(90, "Moving"));
  const begun = head.clock.now();
  const arrival = await head.clock.settle(
    head.camera.ptz.settle({ aim: { pan: 90 }, limit: 5_000 }),
  );
  assert.deepEqual([arrival.moving, arrival.arrived], [true, false]);
  assert.equal(head.clock.now() - begun, 5_000);
});

Deno.test("a zoom that is under way counts as movement", async () => {
  await using head = await telling((count) => ({
    ...at(90, "Idle"),
    ZoomStatus: count < 3 ? "Zooming" : "Idle",
  }));
  const { arrived } = await head.clock.settle(head.camera.ptz.settle({ aim: { pan: 90 } }));
  assert.equal(arrived, true);
  assert.equal(head.told().length, 3);
});

Deno.test("an abort ends the wait", async () => {
  await using head = await telling(() => at(0, "Moving"));
  const controller = new AbortController();
  const wait = assert.rejects(head.camera.ptz.settle({ signal: controller.signal }), {
    code: "DHIP_INTERRUPTED",
  });
  await head.clock.advance(1_000);
  controller.abort();
  await wait;
});

Deno.test("without a word in the status isMoving is asked, in either shape", async () => {
  for (
    const [moves, rests] of [
      [{ result: true, params: null }, BENIGN],
      [{ result: true, params: { moving: true } }, { result: true, params: { moving: false } }],
    ] as const
  ) {
    await using head = await scriptedHead("channel", (method, _, count) => {
      if (method === "isMoving") return count < 3 ? moves : rests;
      if (method === "getZoomValue") return NOT_FOUND;
      return { result: true, params: { status: { Location: [2048, 1024] } } };
    });
    const aim = { pan: 90, tilt: 11.3, zoom: 5 };
    const arrival = await head.clock.settle(head.camera.ptz.settle({ aim }));
    assert.deepEqual(arrival.position, { pan: 90, tilt: 11.3, zoom: null });
    assert.equal(arrival.arrived, true);
    assert.equal(head.device.count("ptz.isMoving"), 3);
  }
});

Deno.test("a camera that does not tell whether it moves cannot be waited for", async () => {
  await using head = await scriptedHead(
    "object",
    (method) =>
      method === "getStatus"
        ? { result: true, params: { status: { Postion: [1, 2, 3] } } }
        : NOT_FOUND,
  );
  await assert.rejects(head.clock.settle(head.camera.ptz.settle()), {
    code: "DHIP_NOT_SUPPORTED",
  });
  assert.equal(await head.clock.settle(head.camera.ptz.isMoving()), null);
});

Deno.test("a zoom that the position lacks is asked for", async () => {
  await using head = await scriptedHead(
    "channel",
    (method) =>
      method === "getZoomValue"
        ? { result: true, params: { value: 3 } }
        : { result: true, params: { status: { Location: [0, 8192] } } },
  );
  const { position } = await head.clock.settle(head.camera.ptz.status());
  assert.deepEqual(position, { pan: 0, tilt: 90, zoom: 3 });
});

Deno.test("what a position leaves out is filled in from where the camera looks", async () => {
  await using head = await telling(() => at(33, "Idle"));
  const { ptz } = head.camera;
  assert.deepEqual(await head.clock.settle(ptz.goto({ tilt: 5 })), { pan: 33, tilt: 5, zoom: 1 });
  await using mute = await scriptedHead("object", (method) => method === "getStatus" ? BENIGN : OK);
  assert.deepEqual(await mute.clock.settle(mute.camera.ptz.goto({ pan: 1, tilt: 5 })), {
    pan: 1,
    tilt: 5,
    zoom: 0,
  });
  await assert.rejects(mute.clock.settle(mute.camera.ptz.goto({ pan: 1 })), {
    code: "DHIP_NOT_SUPPORTED",
  });
});

/** A camera that keeps presets, under their numbers. */
async function remembering(
  presets: Record<number, string>,
  rename?: (name: string) => string,
): Promise<ScriptedHead> {
  return await scriptedHead("object", (method, params) => {
    if (method === "getPresets") {
      const list = Object.entries(presets).map(([Index, Name]) => ({ Index: Number(Index), Name }));
      return { result: true, params: { presets: list.length === 0 ? null : list } };
    }
    if (method === "setPreset") {
      const name = String(params.name);
      presets[Number(params.index)] = rename?.(name) ?? name;
    }
    return OK;
  });
}

Deno.test("a preset is found by its name, its case does not matter", async () => {
  await using head = await remembering({ 4: "Gate", 5: "Door", 6: "door" });
  const { presets } = head.camera.ptz;
  assert.deepEqual(await head.clock.settle(presets.go("gate")), { number: 4, name: "Gate" });
  assert.deepEqual(await head.clock.settle(presets.go("door")), { number: 6, name: "door" });
  assert.deepEqual(await head.clock.settle(presets.go("7")), { number: 7, name: null });
  for (const unknown of ["DOOR", "Gat"]) {
    await assert.rejects(head.clock.settle(presets.go(unknown)), {
      code: "DHIP_BAD_PARAMS",
      hint: "It has: 4 Gate, 5 Door, 6 door",
    });
  }
});

Deno.test("a new name takes the first free number, a known one keeps its own", async () => {
  await using head = await remembering({ 1: "Gate", 3: "Door" });
  const { presets } = head.camera.ptz;
  assert.deepEqual(await head.clock.settle(presets.save("Yard")), { number: 2, name: "Yard" });
  assert.deepEqual(await head.clock.settle(presets.save("door")), { number: 3, name: "door" });
  assert.deepEqual(await head.clock.settle(presets.save(1)), { number: 1, name: "Gate" });
  assert.deepEqual(await head.clock.settle(presets.save(9, { name: "Nine" })), {
    number: 9,
    name: "Nine",
  });
});

Deno.test("a preset that the device does not keep, or calls otherwise, is an error", async () => {
  await using head = await remembering({}, (name) => name.slice(0, 3));
  await assert.rejects(head.clock.settle(head.camera.ptz.presets.save("Garden")), {
    code: "DHIP_NOT_HELD",
    message: "Preset 1 was saved, but the device calls it Gar",
  });
  // By the code nothing is kept here, although the answer is yes.
  await assert.rejects(head.clock.settle(head.camera.ptz.presets.save(5)), {
    code: "DHIP_NOT_HELD",
    message: "Preset 5 was saved, but the device does not list it",
  });
});

Deno.test("a device that lists no presets still keeps them by number", async () => {
  await using head = await scriptedHead(
    "channel",
    (method) => method === "getPresets" ? NOT_FOUND : OK,
  );
  const { presets } = head.camera.ptz;
  assert.deepEqual(await head.clock.settle(presets.save(2)), { number: 2, name: null });
  await assert.rejects(head.clock.settle(presets.save("Gate")), { code: "DHIP_NOT_SUPPORTED" });
});

Deno.test("capabilities are asked for with the protocols, which may be missing", async () => {
  await using head = await scriptedHead(
    "object",
    (method) =>
      method === "getCurrentProtocolCaps"
        ? { result: true, params: { caps: { Pan: true } } }
        : method === "getProtocol"
        ? { result: true, params: { info: { Name: "PELCO-D" } } }
        : NOT_FOUND,
  );
  const { pan, protocol, protocols } = await head.clock.settle(head.camera.ptz.capabilities());
  assert.deepEqual({ pan, protocol, protocols }, { pan: true, protocol: "PELCO-D", protocols: [] });
});

Deno.test("tours and patterns are listed by number", async () => {
  await using head = await scriptedHead("object", (method) => ({
    result: true,
    params: { [method.slice(3).toLowerCase()]: [{ Index: 2, Name: "b" }, { Index: 1, Name: "a" }] },
  }));
  const expected = [{ number: 1, name: "a" }, { number: 2, name: "b" }];
  assert.deepEqual(await head.clock.settle(head.camera.ptz.tours.list()), expected);
  assert.deepEqual(await head.clock.settle(head.camera.ptz.patterns.list()), expected);
  assert.deepEqual(head.told(), [["getTours", null], ["getPatterns", null]]);
});
