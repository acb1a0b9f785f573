/** Never two listeners: several streams of one camera, and firmwares with their own ideas of detach. */

import assert from "node:assert/strict";
import { DahuaEvents } from "../../lib/camera/dahua_events.ts";
import type { EventStream } from "../../lib/camera/mod.ts";
import type { JsonObject } from "../../lib/dhip/frame.ts";
import { Watch } from "../support/event_watch.ts";
import { scriptedCamera } from "../support/scripted_camera.ts";

/** Codes of the events that a stream tells until it is closed. */
async function codesOf(stream: EventStream): Promise<string[]> {
  const codes: string[] = [];
  for await (const { kind, code } of stream) if (kind !== "stream") codes.push(code);
  return codes;
}

for (const via of ["dhip", "rpc"] as const) {
  Deno.test(`${via}: two streams of one camera get every event once`, async () => {
    const watch = new Watch(1, { via });
    const other = new DahuaEvents(watch.link).watch({ via });
    const codes = codesOf(other);
    await watch.clock.advance(15_000);
    watch.device.emit("NewFile");
    await watch.clock.advance(5_000);
    await watch.clock.settle(other.close());
    watch.device.emit("AlarmLocal");
    await watch.clock.advance(5_000);
    assert.deepEqual(await codes, ["NewFile"]);
    assert.deepEqual(watch.events.map(({ code }) => code), ["NewFile", "AlarmLocal"]);
    await watch.close();
  });
}

const OBJECT = 77;
const STALE: JsonObject = { result: false, error: { code: 268894209 } };

for (
  const [firmware, needsObject, hasNumbers] of [
    ["that wants an object", true, true],
    ["without numbers", false, false],
  ] as const
) {
  Deno.test(`a firmware ${firmware} has one listener, however often it is replaced`, async () => {
    const listeners = new Map<number, number>();
    let last = 500;
    const made = await scriptedCamera(({ id, method, params, object }) => {
      if (method === "eventManager.factory.instance") return { result: OBJECT };
      const isAttach = method === "eventManager.attach";
      if (!isAttach && method !== "eventManager.detach") return { result: true };
      if (needsObject && (object !== OBJECT || params?.proc !== OBJECT)) return STALE;
      assert.deepEqual(params?.codes, ["All"]);
      if (isAttach) {
        listeners.set(++last, id);
        return { result: true, params: hasNumbers ? { SID: last } : {} };
      }
      if (!hasNumbers) listeners.clear();
      return { result: listeners.delete(Number(params?.SID)) };
    });
    const { camera, clock, device } = made;
    const stream = camera.events.watch({ via: "dhip", maxAge: 60_000 });
    const codes = codesOf(stream);
    await clock.advance(10 * 60_000 + 10_000);
    assert.ok(last > 505, "it was replaced several times");
    assert.equal(listeners.size, 1);
    for (const [SID, id] of listeners) {
      const eventList = [{ Code: "NewFile", Action: "Pulse", Index: 0 }];
      const params = { ...(hasNumbers && { SID }), eventList };
      await device.send({ id, method: "client.notifyEventStream", params }, id);
    }
    await clock.advance(3_000);
    await clock.settle(stream.close());
    assert.deepEqual(await codes, ["NewFile"]);
    assert.equal(listeners.size, 0, "closing lets go");
    await made[Symbol.asyncDispose]();
  });
}

Deno.test("what was thrown away is told, whichever listener's push comes next", async () => {
  let attaches = 0;
  const answered = Promise.withResolvers<void>();
  const made = await scriptedCamera(async ({ method }) => {
    if (method !== "eventManager.attach") return { result: true };
    const SID = ++attaches;
    if (SID === 2) await answered.promise;
    return { result: true, params: { SID } };
  });
  const { camera, clock, device } = made;
  const first = camera.events.watch({ via: "dhip" });
  const drops: (number | null)[] = [];
  const reading = (async () => {
    for await (const record of first) {
      if (record.kind === "stream" && record.code === "_gap") drops.push(record.dropped);
    }
  })();
  await clock.advance(1_000);
  const second = camera.events.watch({ via: "dhip" });
  await clock.advance(1_000);
  // Whose a push with an unknown number is, the second reply will say; until then all wait.
  const eventList = [{ Code: "NewFile", Action: "Pulse", Index: 0 }];
  for (let count = 0; count < 10_100; count++) {
    const params = { SID: count > 0 && count < 100 ? 1 : 2, eventList };
    await device.send({ method: "client.notifyEventStream", params });
  }
  answered.resolve();
  await clock.advance(1_000);
  device.send({ method: "client.notifyEventStream", params: { SID: 1, eventList } });
  await clock.advance(1_000);
  await clock.settle(first.close());
  await clock.settle(second.close());
  await reading;
  assert.deepEqual(drops, [99]);
  await made[Symbol.asyncDispose]();
});

Deno.test("rpc: a dead request for pushes is replaced, however many streams live on it", async () => {
  const watch = new Watch(1, { via: "rpc" });
  const { clock, device } = watch;
  await clock.advance(100_000);
  const other = new DahuaEvents(watch.link).watch({ via: "rpc" });
  const codes = codesOf(other);
  await clock.advance(15_000);
  device.mutePushes();
  await clock.advance(5 * 60_000);
  device.emit("NewFile");
  await clock.advance(5_000);
  assert.deepEqual(watch.events.map(({ code }) => code), ["NewFile"]);
  await clock.settle(other.close());
  assert.deepEqual(await codes, ["NewFile"]);
  await watch.close();
});
