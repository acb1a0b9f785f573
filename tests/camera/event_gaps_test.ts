/** What follows a gap, when the device or the link has another bad day. */

import assert from "node:assert/strict";
import type { LoggedEvent } from "../../lib/camera/events/stream.ts";
import { DhipError } from "../../lib/errors.ts";
import type { EventRecord } from "../../lib/camera/mod.ts";
import { momentOf, START, Watch } from "../support/event_watch.ts";

const word = (record: EventRecord) =>
  record.kind !== "stream"
    ? `${record.code} ${record.action}${record.synthetic ? " synthetic" : ""}`
    : record.code === "_resync"
    ? `_resync ${record.complete}`
    : record.code === "_state"
    ? record.state
    : record.code;

for (const via of ["dhip", "cgi"] as const) {
  Deno.test(`${via}: a question without an answer costs its own code and no other`, async () => {
    const watch = new Watch(1, { via });
    const { clock, device } = watch;
    await clock.advance(15_000);
    device.emit("VideoMotion", "Start");
    device.emit("StorageFailure", "Start");
    await clock.advance(2_000);
    device.silentAbout = "FaceDetection";
    device.cut();
    device.underWay.clear();
    await clock.advance(60_000);
    assert.deepEqual(watch.records.map(word).slice(-3), [
      "_resync false",
      "VideoMotion stop synthetic",
      "StorageFailure stop synthetic",
    ]);
    await watch.close();
  });
}

Deno.test("a gap that a replacement uncovers is followed by the state too", async () => {
  const watch = new Watch(1, { via: "cgi", maxAge: 20_000 });
  const { clock, device } = watch;
  await clock.advance(15_000);
  device.emit("VideoMotion", "Start");
  await clock.advance(2_000);
  device.mute(); // dead, but not yet known to be when its time comes
  device.underWay.clear();
  await clock.advance(15_000);
  assert.deepEqual(watch.records.map(word), [
    "connected",
    "VideoMotion start",
    "renewed",
    "_gap",
    "_resync true",
    "VideoMotion stop synthetic",
  ]);
  await watch.close();
});

Deno.test("a gap is filled later when the link breaks again before; each once", async () => {
  const asked: [number, number][] = [];
  let failures = 1;
  const entry = { action: "pulse", time: null, raw: null, code: "NewFile", channel: 1 } as const;
  const watch = new Watch(1, {
    via: "dhip",
    backfill: true,
    log(from, to): Promise<readonly LoggedEvent[]> {
      if (failures-- > 0) {
        watch.device.cut();
        return Promise.reject(new DhipError("DHIP_CONNECTION_LOST", "gone"));
      }
      asked.push([from.getTime() - START, to.getTime() - START]);
      return Promise.resolve([entry]);
    },
  });
  await watch.clock.advance(15_000);
  watch.device.cut();
  await watch.clock.advance(60_000);
  assert.equal(watch.gaps.length, 2);
  assert.deepEqual(asked, watch.gaps.map(({ from, to }) => [momentOf(from), momentOf(to)]));
  assert.deepEqual(watch.events.map(({ backfill }) => backfill), [true, true]);
  await watch.close();
});
