/** Promise 7: hostile bytes from the network give a typed error: never a crash, a hang, or a flood. */

import assert from "node:assert/strict";
import { DahuaCamera } from "../../lib/camera/mod.ts";
import { DhipError } from "../../lib/errors.ts";
import { encodeMessage } from "../../lib/dhip/frame.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { between, scaled, seeded } from "../support/random.ts";
import { CHALLENGE, ScriptedDevice } from "../support/scripted_device.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

/** Values of JSON that a parser of replies may not expect. */
const ODD: unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1e308,
  "",
  "false",
  "\u0000\u001b[2J",
  [],
  [[]],
  {},
  { code: {} },
  { code: "268632085" },
  { realm: 5, random: {}, encryption: [] },
  { realm: "r", encryption: "Default", keepAliveInterval: -3 },
  { __proto__: { polluted: true } },
  "x".repeat(70_000),
  [null],
  [{ id: 1, result: null }, "text"],
];

Deno.test("a device that answers anything gets typed errors and no login storm", async () => {
  for (let seed = 1; seed <= scaled(20_000); seed++) {
    const random = seeded(seed);
    const odd = () => ODD[between(random, 0, ODD.length - 1)];
    const clock = new VirtualClock();
    const device = new ScriptedDevice(({ id, method, params }) => {
      if (random() < 0.1) {
        return Uint8Array.from({ length: between(random, 1, 200) }, () => between(random, 0, 255));
      }
      if (method === "global.login" && params?.password === "" && random() < 0.7) return CHALLENGE;
      if (method === "global.login" && random() < 0.7) {
        return { session: 7, result: true, params: { keepAliveInterval: odd() } };
      }
      const json = { id: random() < 0.9 ? id : odd(), result: odd(), params: odd(), error: odd() };
      if (random() < 0.3) Object.assign(json, { session: odd(), method: odd(), callback: odd() });
      return encodeMessage({ requestId: id, json });
    });
    let camera: DahuaCamera | undefined;
    try {
      camera = await clock.settle(
        DahuaCamera.connect("device.test", {
          password: "p",
          dialer: device.dialer,
          guard: new MemoryLoginGuard(clock),
          clock,
          timeout: 500,
        }),
      );
      await clock.settle(camera.system.info());
      await clock.settle(camera.rpc.multicall([{ method: "a.b" }, { method: "c.d" }]));
      await clock.settle(camera.rpc.services());
    } catch (error) {
      assert.ok(error instanceof DhipError, `seed ${seed}: ${error} ${(error as Error).stack}`);
    }
    if (camera !== undefined) await clock.settle(camera.close());
    assert.ok(device.count("global.login") <= 4, `seed ${seed}: a login storm`);
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
    assert.equal(clock.pending, 0, `seed ${seed}: timers left over`);
  }
});
