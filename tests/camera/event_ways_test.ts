/** Event streams on virtual time: which way is taken, and what follows a gap. */

import assert from "node:assert/strict";
import { DahuaEvents } from "../../lib/camera/dahua_events.ts";
import type { CameraEvent } from "../../lib/camera/mod.ts";
import type { DhipError } from "../../lib/errors.ts";
import { momentOf, START, Watch, type WatchSetup } from "../support/event_watch.ts";

async function connected(setup: WatchSetup, prepare: (watch: Watch) => void = () => {}) {
  const watch = new Watch(1, setup);
  prepare(watch);
  await watch.clock.advance(15_000);
  return watch;
}

const told = ({ code, action, channel, synthetic, backfill }: CameraEvent) =>
  `${code} ${action} ${channel}${synthetic ? " synthetic" : ""}${backfill ? " backfill" : ""}`;

Deno.test("auto: pushes over DHIP, else the web API, else pushes over HTTP", async () => {
  const cases: [WatchSetup, (watch: Watch) => void, string][] = [
    [{ via: "auto" }, () => {}, "dhip"],
    [{ via: "auto" }, ({ device }) => device.refusals.set("eventManager.attach", 268894210), "cgi"],
    [{ via: "auto", transport: "http" }, () => {}, "cgi"],
    [{ via: "auto", transport: "http" }, ({ device }) => void (device.noWebApi = true), "rpc"],
  ];
  for (const [setup, prepare, transport] of cases) {
    const watch = await connected(setup, prepare);
    assert.deepEqual(watch.states.map((state) => [state.state, state.transport]), [
      ["connected", transport],
    ]);
    watch.device.cut();
    await watch.clock.advance(15_000);
    assert.equal(watch.states.at(-1)!.transport, transport, "it stays with what worked");
    await watch.close();
  }
});

Deno.test("auto: when no way is left, the first refusal is the end", async () => {
  const watch = await connected({ via: "auto" }, ({ device }) => {
    device.refusals.set("eventManager.attach", 268894211);
    device.noWebApi = true;
  });
  assert.ok(watch.error !== undefined);
  assert.deepEqual(watch.states.map(({ state }) => state), ["failed"]);
  await watch.close();
});

Deno.test("a way that was wanted and is not offered is the end, not another way", async () => {
  const rpc = await connected({ via: "rpc" }, ({ device }) => void (device.noPushes = true));
  assert.equal((rpc.error as { code: string }).code, "DHIP_NOT_SUPPORTED");
  await rpc.close();
  const cgi = await connected({ via: "cgi" }, ({ device }) => void (device.noWebApi = true));
  assert.equal((cgi.error as { code: string }).code, "DHIP_NOT_SUPPORTED");
  assert.equal(cgi.device.logins, 0, "the web API needs no session");
  await cgi.close();
});

Deno.test("a firmware that wants an object gets one", async () => {
  const watch = await connected({ via: "dhip" }, ({ device }) => void (device.needsObject = true));
  watch.device.emit("NewFile");
  await watch.clock.advance(2_000);
  assert.deepEqual(watch.events.map(told), ["NewFile pulse 1"]);
  await watch.close();
});

Deno.test("a device that is off at first is waited for, and told so once", async () => {
  const watch = await connected({ via: "dhip" }, ({ device }) => void (device.mode = "refusing"));
  await watch.clock.advance(120_000);
  assert.deepEqual(watch.states.map(({ state, reason }) => [state, reason]), [
    ["waiting", "DHIP_UNREACHABLE"],
  ]);
  watch.device.mode = "answering";
  await watch.clock.advance(15_000);
  assert.equal(watch.states.at(-1)!.state, "connected");
  assert.deepEqual(watch.gaps, [], "nothing was promised before");
  await watch.close();
});

for (const via of ["dhip", "cgi", "rpc"] as const) {
  Deno.test(`${via}: what began or ended in a gap is told, marked as synthetic`, async () => {
    const watch = await connected({ via });
    const { device, clock } = watch;
    device.emit("VideoMotion", "Start", 0);
    device.emit("AlarmLocal", "Start", 4);
    device.emit("VideoLoss", "Start", 2);
    await clock.advance(2_000);
    device.cut();
    device.emit("VideoMotion", "Stop", 0);
    device.emit("VideoBlind", "Start", 1);
    await clock.advance(30_000);
    assert.deepEqual(watch.events.map(told), [
      "VideoMotion start 1",
      "AlarmLocal start 5",
      "VideoLoss start 3",
      "VideoMotion stop 1 synthetic",
      "VideoBlind start 2 synthetic",
    ]);
    const resync = watch.records.find(({ code }) => code === "_resync");
    assert.ok(resync?.kind === "stream" && resync.code === "_resync" && resync.complete);
    assert.deepEqual(
      resync.active.map(({ code, channel }) => `${code} ${channel}`).sort(),
      ["AlarmLocal 5", "VideoBlind 2", "VideoLoss 3"],
    );
    await watch.close();
  });
}

Deno.test("dedup leaves out what only repeats; filters keep the rest away", async () => {
  const watch = await connected({ via: "dhip", dedup: true, kinds: ["motion"], channels: [1, 3] });
  const { device, clock } = watch;
  for (const index of [0, 1, 2]) {
    for (let times = 0; times < 3; times++) device.emit("AlarmLocal", "Start", index);
    // Each has a number of its own, so these are no repetitions.
    device.emit("VideoMotion", "Start", index);
  }
  await clock.advance(3_000);
  assert.deepEqual(watch.events.map(told), ["VideoMotion start 1", "VideoMotion start 3"]);
  await watch.close();
});

Deno.test("a gap is filled from the log, marked as such", async () => {
  const asked: [number, number][] = [];
  const watch = await connected({
    via: "dhip",
    backfill: true,
    codes: ["VideoMotion"],
    log: (from, to) => {
      asked.push([from.getTime() - START, to.getTime() - START]);
      const entry = { action: "start", time: "2026-01-01T01:00:20", raw: { Type: "x" } } as const;
      return Promise.resolve([
        { ...entry, code: "VideoMotion", channel: 1 },
        { ...entry, code: "NewFile", channel: 1 },
      ]);
    },
  });
  watch.device.cut();
  await watch.clock.advance(15_000);
  const [gap] = watch.gaps;
  assert.deepEqual(asked, [[momentOf(gap!.from), momentOf(gap!.to)]]);
  assert.deepEqual(watch.events.map(told), ["VideoMotion start 1 backfill"]);
  const [event] = watch.events;
  assert.deepEqual([event!.time, event!.channelName], ["2026-01-01T01:00:20", "Door"]);
  await watch.close();
});

Deno.test("a stream that is closed in an outage tells of it", async () => {
  const watch = await connected({ via: "dhip" });
  watch.device.mode = "refusing";
  watch.device.off(true);
  await watch.clock.advance(20_000);
  const closedAt = watch.clock.now();
  await watch.close();
  assert.equal(momentOf(watch.gaps[0]!.to), closedAt);
  assert.equal(watch.error, undefined);
});

Deno.test("a title that no channel has ends the stream instead of waiting for ever", async () => {
  const watch = await connected({ via: "dhip", channels: [2, "gaet"] });
  assert.equal((watch.error as DhipError).code, "DHIP_BAD_PARAMS");
  assert.equal((watch.error as DhipError).hint, "There is: Door");
  assert.deepEqual(watch.states.map(({ state }) => state), ["connected", "failed"]);
  await watch.close();
});

Deno.test("titles that a filter needs are waited for, and nobody who may not read them waits", async () => {
  const watch = new Watch(1, { via: "dhip", transport: "dhip" });
  const { clock, device, link } = watch;
  await clock.advance(15_000);
  device.refusals.set("configManager.getConfig", 268632075); // busy
  const codes: string[] = [];
  const stream = new DahuaEvents(link).watch({ via: "dhip", channels: [" door"] });
  const reading = (async () => {
    for await (const { kind, code } of stream) if (kind !== "stream") codes.push(code);
  })();
  await clock.advance(10_000);
  device.emit("NewFile");
  await clock.advance(10_000);
  assert.deepEqual(codes, []);
  device.refusals.clear();
  await clock.advance(10_000);
  assert.deepEqual(codes, ["NewFile"], "nothing was thrown away");
  await clock.settle(stream.close());
  await reading;

  device.refusals.set("configManager.getConfig", 285278249); // no permission
  const refused = new DahuaEvents(link).watch({ via: "dhip", channels: ["Door"] });
  const outcome = assert.rejects(Array.fromAsync(refused), { code: "DHIP_NO_PERMISSION" });
  await clock.advance(10_000);
  await outcome;
  await watch.close();
});
