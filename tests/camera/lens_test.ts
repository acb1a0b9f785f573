import assert from "node:assert/strict";
import type { JsonObject } from "../../lib/dhip/frame.ts";
import { DhipError } from "../../lib/errors.ts";
import { NO_PERMISSION, NOT_FOUND, scriptedCamera } from "../support/scripted_camera.ts";
import type { Script } from "../support/scripted_device.ts";

interface Asked {
  readonly method: string;
  readonly params: unknown;
  readonly object: unknown;
}

/** A device that answers for its lens; objects are 70 and the channel. */
function lens(answers: Record<string, (count: number) => JsonObject>, objects = true) {
  const asked: Asked[] = [];
  const script: Script = ({ method, params, object }) => {
    if (method === "devVideoInput.factory.instance") {
      return objects ? { result: 70 + Number(params!.channel) } : NOT_FOUND;
    }
    const name = /^devVideoInput\.(\w+)$/.exec(method)?.[1];
    if (name === undefined || !(name in answers)) return NOT_FOUND;
    asked.push({ method: name, params: params ?? null, object });
    return answers[name]!(asked.filter(({ method }) => method === name).length);
  };
  return { asked, script };
}

const OK = () => ({ result: true, params: null });
const at = (Focus: number, Zoom: number, Status = "Normal") => () => ({
  result: true,
  params: { status: { Focus, Zoom, Status, FocusMotorSteps: 1000 } },
});

Deno.test("a lens tells where it stands, with an object of its channel and without", async () => {
  for (const objects of [true, false]) {
    const { asked, script } = lens({ getFocusStatus: at(0.25, 0.5, "Autofocus") }, objects);
    await using it = await scriptedCamera(script);
    assert.deepEqual(await it.clock.settle(it.camera.lens.state(2)), {
      focus: 0.25,
      zoom: 0.5,
      busy: true,
      status: "Autofocus",
    });
    const [{ params, object }] = asked as [Asked];
    assert.deepEqual([params, object], objects ? [null, 71] : [{ channel: 1 }, undefined]);
  }
});

Deno.test("what a lens does not tell is null", async () => {
  const { script } = lens({ getFocusStatus: () => ({ result: true, params: { status: {} } }) });
  await using it = await scriptedCamera(script);
  const { lens: service } = it.camera;
  assert.deepEqual(await it.clock.settle(service.state(1)), {
    focus: null,
    zoom: null,
    busy: null,
    status: null,
  });
  const code = "DHIP_NOT_SUPPORTED";
  await assert.rejects(it.clock.settle(service.goTo(1, { zoom: 0.5 })), { code });
  await assert.rejects(it.clock.settle(service.settle(1)), { code });
});

Deno.test("both places are always sent; one that was left out stays", async () => {
  const { asked, script } = lens({ getFocusStatus: at(0.25, 0.5), adjustFocus: OK });
  await using it = await scriptedCamera(script);
  const { lens: service } = it.camera;
  const aims = [{ focus: 0, zoom: 1 }, { zoom: 0 }, { focus: 0.75 }];
  const sent = [{ focus: 0, zoom: 1 }, { focus: 0.25, zoom: 0 }, { focus: 0.75, zoom: 0.5 }];
  for (const [index, aim] of aims.entries()) {
    assert.deepEqual(await it.clock.settle(service.goTo(1, aim)), sent[index]);
  }
  const orders = asked.filter(({ method }) => method === "adjustFocus");
  assert.deepEqual(orders.map(({ params }) => params), sent);
  for (const aim of [{}, { focus: -1 }, { zoom: 1.01 }, { focus: NaN }]) {
    await assert.rejects(service.goTo(1, aim), RangeError);
  }
  await assert.rejects(service.state(0), RangeError);
});

Deno.test("autofocus is ordered and waited for until the lens has rested", async () => {
  // It begins late, runs, and stands still.
  const states = [at(0.2, 0), at(0.2, 0), at(0.4, 0, "Autofocus"), at(0.6, 0), at(0.61, 0)];
  const { asked, script } = lens({
    autoFocus: OK,
    getFocusStatus: (count) => (states[count - 1] ?? states.at(-1)!)(),
  });
  await using it = await scriptedCamera(script);
  await it.clock.settle(it.camera.lens.autofocus(1));
  const before = it.clock.now();
  const { focus, busy } = await it.clock.settle(it.camera.lens.settle(1));
  assert.deepEqual([focus, busy], [0.61, false]);
  assert.ok(it.clock.now() - before >= 2_500);
  assert.equal(asked[0]!.method, "autoFocus");
});

Deno.test("a lens that goes on is told as busy at the limit", async () => {
  const { script } = lens({ getFocusStatus: at(0.4, 0, "Autofocus") });
  await using it = await scriptedCamera(script);
  const state = await it.clock.settle(it.camera.lens.settle(1, { limit: 3_000 }));
  assert.equal(state.busy, true);
});

Deno.test("no lens, no right and a plain false are errors of their own", async () => {
  const cases: [Record<string, () => JsonObject>, string][] = [
    [{}, "DHIP_NOT_SUPPORTED"],
    [{ autoFocus: () => NO_PERMISSION }, "DHIP_NO_PERMISSION"],
    [{ autoFocus: () => ({ result: false }) }, "DHIP_DEVICE_REFUSED"],
  ];
  for (const [answers, code] of cases) {
    await using it = await scriptedCamera(lens(answers).script);
    await assert.rejects(
      it.clock.settle(it.camera.lens.autofocus(1)),
      (error) => error instanceof DhipError && error.code === code,
      code,
    );
  }
});
