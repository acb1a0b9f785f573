import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { DahuaCamera, type UpgradeState } from "../../lib/camera/mod.ts";
import type { JsonObject } from "../../lib/dhip/frame.ts";
import { DhipError } from "../../lib/errors.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { Simulator } from "../../lib/simulator/mod.ts";
import { type Script, SESSION_UNKNOWN } from "../support/scripted_device.ts";
import { NOT_FOUND, scriptedCamera } from "../support/scripted_camera.ts";

const IMAGE = Uint8Array.from({ length: 10_000 }, (_, index) => index * 7);

interface Upgrader {
  /** Methods that it does not have. */
  readonly lacks?: readonly string[];
  readonly objects?: boolean;
  /** States after the image was executed, one for each look; the last one stays. */
  readonly states?: readonly (JsonObject | undefined)[];
  readonly own?: Readonly<Record<string, Script | JsonObject>>;
}

/** A device that takes firmware. */
function upgrader({ lacks = [], objects = false, states = [], own = {} }: Upgrader = {}) {
  const got: number[] = [];
  const calls: string[] = [];
  let executed = false;
  const left = [...states];
  const script: Script = (asked, device) => {
    const name = asked.method.replace("upgrader.", "");
    calls.push(name);
    if (name === "factory.instance") return objects ? { result: 9 } : NOT_FOUND;
    if (lacks.includes(name)) return NOT_FOUND;
    if (asked.method.startsWith("upgrader.")) {
      assert.equal(asked.object, objects ? 9 : undefined);
    }
    const mine = own[name];
    if (mine !== undefined) return typeof mine === "function" ? mine(asked, device) : mine;
    switch (name) {
      case "prepare":
        assert.deepEqual(asked.params, { Type: "System" });
        return { result: true };
      case "appendData":
        assert.deepEqual(asked.params, { length: asked.binary.length });
        got.push(...asked.binary);
        return { result: true };
      case "start":
      case "execute":
        executed = true;
        return { result: true };
      case "cancel":
        return { result: true };
      case "getState": {
        if (!executed) return { result: true, params: { state: { State: "Idle", Progress: 0 } } };
        const state = left.length > 1 ? left.shift() : left[0];
        if (state !== undefined) return { result: true, params: state };
        device.stream!.close();
        return undefined;
      }
      default:
        return NOT_FOUND;
    }
  };
  return { script, got, calls };
}

Deno.test("the state comes in both shapes, with and without an object", async () => {
  const expected = { state: "Upgrading", progress: 40 };
  const fields = { State: "Upgrading", Progress: "40" };
  for (const objects of [true, false]) {
    for (const params of [{ state: fields }, fields]) {
      const { script } = upgrader({ objects, own: { getState: { result: true, params } } });
      await using scripted = await scriptedCamera(script);
      assert.deepEqual(await scripted.camera.upgrade.state(), expected);
    }
  }
  await using none = await scriptedCamera(() => NOT_FOUND);
  await assert.rejects(none.camera.upgrade.state(), { code: "DHIP_METHOD_NOT_FOUND" });
});

Deno.test("an image arrives whole, in messages of the asked size, and is watched to its end", async () => {
  for (const objects of [true, false]) {
    const { script, got, calls } = upgrader({
      objects,
      states: [
        { state: { State: "Upgrading", Progress: 20 } },
        { state: { State: "Upgrading", Progress: 80 } },
        { state: { State: "Idle", Progress: 0 } },
      ],
    });
    await using scripted = await scriptedCamera(script);
    const { camera, clock, device } = scripted;
    const sent: number[] = [];
    const states: (UpgradeState["state"])[] = [];
    const outcome = await clock.settle(camera.upgrade.upload(IMAGE, {
      chunkSize: 4096,
      onProgress: (done) => sent.push(done),
      onInstall: ({ state }) => states.push(state),
    }));
    assert.deepEqual(outcome, { bytes: 10_000, end: "installed" });
    assert.deepEqual(Uint8Array.from(got), IMAGE);
    assert.deepEqual(sent, [0, 4096, 8192, 10_000]);
    const sizes = device.asked.filter(({ method }) => method === "upgrader.appendData")
      .map(({ params }) => params!.length);
    assert.deepEqual(sizes, [4096, 4096, 1808]); // as python-dhip's own test has them
    assert.deepEqual(states, ["Upgrading", "Upgrading", "Idle"]);
    assert.ok(calls.indexOf("prepare") < calls.indexOf("appendData"));
    assert.equal(calls.filter((name) => name === "execute").length, 1);
  }
});

Deno.test("the installation ends with a word, with 100 percent, or with a restart", async () => {
  const ends = [
    [{ state: { State: "Success" } }, "installed"],
    [{ State: "Upgrading", Progress: 100 }, "installed"],
    [undefined, "restarting"],
  ] as const;
  for (const [state, end] of ends) {
    const { script } = upgrader({ states: [state] });
    await using scripted = await scriptedCamera(script);
    const { camera, clock } = scripted;
    assert.equal((await clock.settle(camera.upgrade.upload(IMAGE))).end, end);
  }
});

Deno.test("a device that falls silent while it writes is waited for, until its link is dead", async () => {
  const { script } = upgrader();
  let looks = 0;
  let isOff = false;
  await using scripted = await scriptedCamera((asked, device) => {
    if (asked.method === "upgrader.getState" && device.count("upgrader.execute") > 0) {
      // First it is too busy to answer, then it works on, then it restarts with no word of farewell.
      if (++looks === 2) return { result: true, params: { State: "Upgrading", Progress: 50 } };
      isOff = looks > 2;
      return undefined;
    }
    return isOff ? undefined : script(asked, device);
  });
  const { camera, clock } = scripted;
  const outcome = await clock.settle(camera.upgrade.upload(IMAGE));
  assert.equal(outcome.end, "restarting");
  assert.ok(looks > 2);
});

Deno.test("the web interface's methods do where python-dhip's are missing", async () => {
  for (const lacks of [["execute"], ["prepare", "execute"], ["prepare", "execute", "check"]]) {
    const { script, calls, got } = upgrader({
      lacks,
      states: [{ State: "Success" }],
      own: { check: { result: true } },
    });
    await using scripted = await scriptedCamera(script);
    await scripted.clock.settle(scripted.camera.upgrade.upload(IMAGE));
    assert.equal(got.length, IMAGE.length);
    assert.ok(calls.indexOf("check") < calls.indexOf("start"));
    assert.ok(calls.lastIndexOf("appendData") < calls.indexOf("check"));
  }
  const bad = upgrader({ lacks: ["execute"], own: { check: { result: false } } });
  await using scripted = await scriptedCamera(bad.script);
  await assert.rejects(scripted.clock.settle(scripted.camera.upgrade.upload(IMAGE)), {
    code: "DHIP_DEVICE_REFUSED",
  });
  assert.ok(!bad.calls.includes("start"));
});

Deno.test("a device that takes no firmware this way gets none", async () => {
  const { script, calls } = upgrader({ lacks: ["prepare", "getState", "appendData"] });
  await using scripted = await scriptedCamera(script);
  await assert.rejects(scripted.clock.settle(scripted.camera.upgrade.upload(IMAGE)), {
    code: "DHIP_NOT_SUPPORTED",
  });
  assert.ok(!calls.includes("execute") && !calls.includes("start"));
});

Deno.test("a device at an upgrade gets no second one", async () => {
  const state = { result: true, params: { state: { State: "Upgrading", Progress: 3 } } };
  const { script, calls } = upgrader({ own: { getState: state } });
  await using scripted = await scriptedCamera(script);
  await assert.rejects(scripted.clock.settle(scripted.camera.upgrade.upload(IMAGE)), {
    code: "DHIP_DEVICE_BUSY",
  });
  assert.ok(!calls.includes("prepare"));
});

Deno.test("what breaks on the way says how far it came, and takes the upload back", async () => {
  let chunks = 0;
  const refused = { result: false, error: { code: 268894212 } };
  const broken: Readonly<Record<string, Script>> = {
    DHIP_DEVICE_REFUSED: () => ++chunks % 2 === 0 ? refused : { result: true },
    DHIP_TIMEOUT: () => ++chunks % 2 === 0 ? undefined : { result: true },
    DHIP_SESSION_LOST: () => ++chunks % 2 === 0 ? SESSION_UNKNOWN : { result: true },
  };
  for (const [code, appendData] of Object.entries(broken)) {
    chunks = 0;
    const { script, calls } = upgrader({ own: { appendData } });
    await using scripted = await scriptedCamera(script);
    const { camera, clock } = scripted;
    const upload = camera.upgrade.upload(IMAGE, { chunkSize: 4096, timeout: 2_000 });
    await assert.rejects(clock.settle(upload), (error) => {
      assert.ok(error instanceof DhipError);
      assert.equal(error.code, code);
      assert.match(error.hint!, /Nothing was installed\. The device had 4096 of 10000 bytes/);
      return true;
    });
    assert.ok(calls.includes("cancel"), code);
    assert.ok(!calls.includes("execute"), code);
  }
});

Deno.test("Ctrl-C in the middle: nothing is installed, and the device is told", async () => {
  const { script, calls } = upgrader({ own: { appendData: () => undefined } });
  await using scripted = await scriptedCamera(script);
  const { camera, clock } = scripted;
  const controller = new AbortController();
  const upload = camera.upgrade.upload(IMAGE, { signal: controller.signal });
  upload.catch(() => {});
  await clock.advance(100);
  controller.abort();
  await assert.rejects(clock.settle(upload), (error) => {
    assert.ok(error instanceof DhipError);
    assert.equal(error.code, "DHIP_INTERRUPTED");
    assert.match(error.hint!, /was told to drop them/);
    return true;
  });
  assert.ok(calls.includes("cancel") && !calls.includes("execute"));
});

Deno.test("after the whole image an interruption warns about the power", async () => {
  const { script, calls } = upgrader({ states: [{ State: "Upgrading", Progress: 1 }] });
  await using scripted = await scriptedCamera(script);
  const { camera, clock } = scripted;
  const controller = new AbortController();
  const upload = camera.upgrade.upload(IMAGE, { signal: controller.signal });
  upload.catch(() => {});
  await clock.advance(5_000);
  controller.abort();
  await assert.rejects(clock.settle(upload), { code: "DHIP_INTERRUPTED", hint: /power on/ });
  assert.ok(!calls.includes("cancel"));
  const late = camera.upgrade.upload(IMAGE, { installTimeout: 10_000 });
  await assert.rejects(clock.settle(late), { code: "DHIP_DEVICE_BUSY" });
});

Deno.test("an installation that fails or never ends is an error", async () => {
  for (const State of ["Incomplete", "Unsuccessful"]) {
    const unfinished = upgrader({ states: [{ State }] });
    await using device = await scriptedCamera(unfinished.script);
    const upload = device.camera.upgrade.upload(IMAGE);
    await assert.rejects(device.clock.settle(upload), { code: "DHIP_DEVICE_REFUSED" }, State);
  }
  const failed = upgrader({ states: [{ State: "Failed" }] });
  await using one = await scriptedCamera(failed.script);
  await assert.rejects(one.clock.settle(one.camera.upgrade.upload(IMAGE)), {
    code: "DHIP_DEVICE_REFUSED",
    message: /Failed/,
  });
  const endless = upgrader({ states: [{ State: "Upgrading", Progress: 1 }] });
  await using two = await scriptedCamera(endless.script);
  const upload = two.camera.upgrade.upload(IMAGE, { installTimeout: 60_000 });
  await assert.rejects(two.clock.settle(upload), { code: "DHIP_TIMEOUT" });
});

Deno.test("mistakes of the caller are told before the device hears", async () => {
  const { script, calls } = upgrader();
  await using scripted = await scriptedCamera(script);
  const { upgrade } = scripted.camera;
  await assert.rejects(upgrade.upload(new Uint8Array()), RangeError);
  await assert.rejects(upgrade.upload(IMAGE, { chunkSize: 0 }), RangeError);
  await assert.rejects(upgrade.upload(IMAGE, { chunkSize: 2 ** 21 }), RangeError);
  assert.deepEqual(calls, []);
});

Deno.test("a simulated device gets every byte", async () => {
  const host = "127.77.22.3";
  for (const upgraderApi of ["append", "start"] as const) {
    await using simulator = await Simulator.start({ host, password: "x", quirks: { upgraderApi } });
    await using camera = await DahuaCamera.connect(host, {
      password: "x",
      port: simulator.dhipPort,
      guard: new MemoryLoginGuard(),
    });
    const controller = new AbortController();
    const upload = camera.upgrade.upload(IMAGE, {
      chunkSize: 999,
      signal: controller.signal,
      onInstall: () => controller.abort(),
    });
    await assert.rejects(upload, { code: "DHIP_INTERRUPTED", hint: /leave its power on/ });
    const [done] = simulator.stats().upgrades;
    assert.equal(done!.sha256, createHash("sha256").update(IMAGE).digest("hex"));
    assert.deepEqual([done!.bytes, done!.executed], [10_000, true]);
  }
});
