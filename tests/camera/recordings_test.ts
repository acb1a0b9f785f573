import assert from "node:assert/strict";
import type { Recording, RecordingFilter, RecordingSearchOptions } from "../../lib/camera/mod.ts";
import { DahuaCamera } from "../../lib/camera/mod.ts";
import type { JsonObject } from "../../lib/dhip/frame.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { Simulator, type SimulatorOptions } from "../../lib/simulator/mod.ts";
import type { Script, ScriptedDevice } from "../support/scripted_device.ts";
import { NOT_FOUND, scriptedCamera } from "../support/scripted_camera.ts";

const at = (text: string) => Temporal.PlainDateTime.from(text);
const DAY: RecordingFilter = { from: at("2026-04-29T00:00"), to: at("2026-04-29T23:59:59") };

const NO_CARD = { result: false, error: { code: 500, message: "no storage" } };
const DECLINED = { result: false, error: { code: 268959743, message: "Unknown error!" } };
const NO_DATA = { result: false, error: { code: 285409284, message: "no data" } };

function info(index: number, more: JsonObject = {}): JsonObject {
  const minute = String(index % 60).padStart(2, "0");
  return {
    Channel: 0,
    StartTime: `2026-04-29 10:${minute}:00`,
    EndTime: `2026-04-29 10:${minute}:30`,
    FilePath: `/mnt/dvr/2026-04-29/${index}.dav`,
    Length: 1000 + index,
    ...more,
  };
}

/** A device with finders; its answers to a method may be replaced. */
function finders(
  files: readonly JsonObject[],
  own: Readonly<Record<string, Script | JsonObject>> = {},
  cap = 100,
): Script {
  const places = new Map<number, number>();
  let ids = 40;
  return (asked, device) => {
    const { method, object, params } = asked;
    const name = method.replace("mediaFileFind.", "");
    const mine = own[name];
    if (mine !== undefined) return typeof mine === "function" ? mine(asked, device) : mine;
    switch (name) {
      case "factory.create":
        places.set(++ids, 0);
        return { result: ids };
      case "findFile":
      case "close":
      case "destroy":
        return { result: true };
      case "getCount":
        return { result: true, params: { count: files.length } };
      case "setQueryResultOptions":
        places.set(object!, (params!.options as { offset: number }).offset);
        return { result: true };
      case "findNextFile": {
        const start = places.get(object!)!;
        const page = files.slice(start, start + Math.min(cap, Number(params!.count)));
        places.set(object!, start + page.length);
        return {
          result: true,
          params: { found: page.length, infos: page.length === 0 ? null : page },
        };
      }
      default:
        return NOT_FOUND;
    }
  };
}

async function all(
  script: Script,
  filter: RecordingFilter = DAY,
  options?: RecordingSearchOptions,
): Promise<{ found: Recording[]; device: ScriptedDevice }> {
  await using scripted = await scriptedCamera(script);
  const { camera, clock, device } = scripted;
  const found = await clock.settle(Array.fromAsync(camera.recordings.find(filter, options)));
  return { found, device };
}

/** Every finder that was made was closed and destroyed, in that order. */
function assertReleased(device: ScriptedDevice): void {
  const of = (method: string) =>
    device.asked.filter((asked) => asked.method === `mediaFileFind.${method}`)
      .map(({ object }) => object);
  assert.deepEqual(of("close"), of("destroy"));
  assert.equal(of("destroy").length, device.count("mediaFileFind.factory.create"));
  for (const object of of("destroy")) assert.ok(object! > 0);
}

Deno.test("a recording tells channel, times, size, stream, reasons and place", async () => {
  const { found } = await all(finders([{
    Channel: 2,
    StartTime: "2026-04-29 23:30:00",
    EndTime: "2026-04-29 00:30:00",
    Duration: 3600,
    Length: "123456",
    Type: "DAV",
    FilePath: "/mnt/dvr/a[R][0@0][0].dav",
    VideoStream: "Extra1",
    Flags: ["Event"],
    Events: ["VideoMotion"],
    Disk: 1,
    Partition: 2,
    Cluster: 99,
    PicIndex: 0,
    WorkDir: "/mnt/dvr",
    CutLength: 5,
  }]));
  assert.deepEqual(JSON.parse(JSON.stringify(found)), [{
    channel: 3,
    start: "2026-04-29T23:30:00",
    end: "2026-04-30T00:30:00",
    duration: 3600,
    bytes: 123456,
    type: "dav",
    path: "/mnt/dvr/a[R][0@0][0].dav",
    stream: "sub1",
    flags: ["event"],
    events: ["VideoMotion"],
    disk: 1,
    partition: 2,
    cluster: 99,
    workFolder: "/mnt/dvr",
    picture: 0,
    cutBytes: 5,
  }]);
});

Deno.test("an odd recording is passed on with what can be read", async () => {
  const odd = [
    { StartTime: "0000-00-00 00:00:00", EndTime: 7, Length: "many", Flags: "Event", Events: null },
    { StartTime: "2026-04-29 10:00:00", EndTime: "2026-04-29 10:00:00", Type: "jpg" },
    { StartTime: "2026-04-29 10:00:00", EndTime: "2026-04-29 10:00:00", Type: "dav" },
  ];
  const { found } = await all(finders(odd));
  assert.deepEqual(
    [found[0]!.channel, found[0]!.start, found[0]!.end, found[0]!.duration, found[0]!.bytes],
    [1, null, null, null, null],
  );
  assert.deepEqual(found[0]!.flags, []);
  assert.equal(found[1]!.duration, 0); // a picture
  assert.equal(found[2]!.duration, 86_400); // an end that is not after the start is a day later
});

Deno.test("the condition has all that was asked for, in the device's words", async () => {
  const { device } = await all(finders([]), {
    from: at("2026-04-29T22:00"),
    to: at("2026-04-29T06:00"),
    channels: [3],
    types: ["jpg", "mp4"],
    flags: ["timing", "cutout"],
    events: ["*"],
    stream: "sub2",
    order: "newest",
    folders: ["/mnt/sd"],
  });
  const asked = device.asked.find(({ method }) => method === "mediaFileFind.findFile")!;
  assert.deepEqual(asked.params, {
    condition: {
      Channel: 2,
      StartTime: "2026-04-29 22:00:00",
      EndTime: "2026-04-30 06:00:00",
      Types: ["jpg", "mp4"],
      Order: "Descent",
      Flags: ["Timing", "Cutout"],
      Events: ["*"],
      VideoStream: "Extra2",
      Redundant: "Exclusion",
      Dirs: ["/mnt/sd"],
    },
  });
  const plain = await all(finders([]), { ...DAY, redundant: true });
  const condition = plain.device.asked
    .find(({ method }) => method === "mediaFileFind.findFile")!.params!.condition;
  assert.deepEqual(condition, {
    Channel: 0,
    StartTime: "2026-04-29 00:00:00",
    EndTime: "2026-04-29 23:59:59",
    Types: ["dav"],
    Order: "Ascent",
  });
});

Deno.test("pages shorter than asked for are not the end", async () => {
  const files = Array.from({ length: 23 }, (_, index) => info(index));
  for (const cap of [1, 7, 23, 100]) {
    const { found, device } = await all(finders(files, {}, cap));
    assert.deepEqual(found.map(({ bytes }) => bytes), files.map(({ Length }) => Length));
    assertReleased(device);
  }
});

Deno.test("pages that repeat or go back end, and nothing is told twice", async () => {
  const files = Array.from({ length: 4 }, (_, index) => info(index));
  const page = (infos: JsonObject[]) => ({ result: true, params: { found: infos.length, infos } });
  const repeats = await all(finders(files, { findNextFile: page(files) }));
  assert.equal(repeats.found.length, 4);
  assertReleased(repeats.device);
  let call = 0;
  const back = await all(finders(files, {
    findNextFile: () =>
      page([files.slice(0, 2), files.slice(1, 4), files.slice(0, 3)][call++ % 3]!),
  }));
  assert.equal(back.found.length, 4);
  assertReleased(back.device);
});

Deno.test("nothing found has many shapes, and none of them is an error", async () => {
  const shapes: Readonly<Record<string, Readonly<Record<string, JsonObject>>>> = {
    "findFile false": { findFile: { result: false } },
    "findFile declined": { findFile: DECLINED },
    "findFile no data": { findFile: NO_DATA },
    "findFile error without code": { findFile: { result: false, error: { message: "none" } } },
    "found 0": { findNextFile: { result: true, params: { found: 0, infos: null } } },
    "found 0 without infos": { findNextFile: { result: true, params: { found: 0 } } },
    "empty infos": { findNextFile: { result: true, params: { infos: [] } } },
    "no params": { findNextFile: { result: true } },
    "findNextFile false": { findNextFile: { result: false } },
    "findNextFile declined": { findNextFile: DECLINED },
    "findNextFile no data": { findNextFile: NO_DATA },
    "no count": { getCount: NOT_FOUND, findNextFile: { result: false } },
  };
  for (const [name, own] of Object.entries(shapes)) {
    const { found, device } = await all(finders([info(1)], own));
    assert.deepEqual(found, [], name);
    assertReleased(device);
  }
});

Deno.test("declining in the middle is an error, at the known end it is not", async () => {
  const files = [info(1), info(2)];
  const script = (count: number) => {
    let call = 0;
    return finders(files, {
      getCount: { result: true, params: { count } },
      findNextFile: () =>
        call++ === 0 ? { result: true, params: { found: 2, infos: files } } : DECLINED,
    });
  };
  assert.equal((await all(script(2))).found.length, 2);
  await using scripted = await scriptedCamera(script(3));
  const { camera, clock, device } = scripted;
  const search = Array.fromAsync(camera.recordings.find(DAY));
  await assert.rejects(clock.settle(search), { code: "DHIP_DEVICE_REFUSED" });
  assertReleased(device);
});

Deno.test("no storage is an error of its own, whichever step tells it", async () => {
  for (const step of ["factory.create", "findFile", "findNextFile"]) {
    await using scripted = await scriptedCamera(finders([info(1)], { [step]: NO_CARD }));
    const { camera, clock, device } = scripted;
    await assert.rejects(clock.settle(Array.fromAsync(camera.recordings.find(DAY))), (error) => {
      const { code, hint } = error as { code: string; hint: string };
      assert.equal(code, "DHIP_NO_STORAGE", step);
      assert.match(hint, /dhip storage/);
      return true;
    });
    const made = step === "factory.create" ? 0 : 1;
    assert.equal(device.count("mediaFileFind.destroy"), made);
    assert.equal(device.count("mediaFileFind.close"), made);
  }
});

Deno.test("other refusals stay what they are, and the finder is given back", async () => {
  const denied = { result: false, error: { code: 285278249, message: "Authority:check failure." } };
  await using scripted = await scriptedCamera(finders([], { findFile: denied }));
  const { camera, clock, device } = scripted;
  await assert.rejects(clock.settle(Array.fromAsync(camera.recordings.find(DAY))), {
    code: "DHIP_NO_PERMISSION",
  });
  assertReleased(device);
});

Deno.test("leaving the loop gives the finder back, also when close fails", async () => {
  const files = Array.from({ length: 9 }, (_, index) => info(index));
  await using scripted = await scriptedCamera(finders(files, { close: DECLINED }, 2));
  const { camera, clock, device } = scripted;
  await clock.settle((async () => {
    for await (const _ of camera.recordings.find(DAY)) break;
  })());
  assertReleased(device);
  assert.equal(device.count("mediaFileFind.findNextFile"), 1); // pages come as they are wanted
});

Deno.test("an aborted search ends at once and gives the finder back in its own time", async () => {
  for (const silent of ["findFile", "findNextFile"]) {
    const never = () => undefined;
    const own = { [silent]: never, close: never, destroy: never };
    await using scripted = await scriptedCamera(finders([info(1)], own));
    const { camera, clock, device } = scripted;
    const controller = new AbortController();
    const { signal } = controller;
    const search = Array.fromAsync(camera.recordings.find(DAY, { signal }));
    search.catch(() => {});
    await clock.advance(100);
    controller.abort();
    const start = clock.now();
    await assert.rejects(clock.settle(search), { code: "DHIP_INTERRUPTED" });
    assert.ok(clock.now() - start < 10_000);
    assertReleased(device);
  }
});

Deno.test("a finder that comes after its caller gave up is destroyed", async () => {
  let answer = () => {};
  await using scripted = await scriptedCamera(finders([], {
    "factory.create": () => new Promise((resolve) => answer = () => resolve({ result: 77 })),
  }));
  const { camera, clock, device } = scripted;
  const controller = new AbortController();
  const search = Array.fromAsync(camera.recordings.find(DAY, { signal: controller.signal }));
  search.catch(() => {});
  await clock.advance(10);
  controller.abort();
  await assert.rejects(clock.settle(search), { code: "DHIP_INTERRUPTED" });
  assert.equal(device.count("mediaFileFind.destroy"), 0);
  answer();
  await clock.advance(10);
  assert.equal(device.asked.at(-1)!.method, "mediaFileFind.destroy");
  assert.equal(device.asked.at(-1)!.object, 77);
});

Deno.test("offset and limit reach over channels, with and without the device's help", async () => {
  const files = Array.from({ length: 5 }, (_, index) => info(index, { Channel: undefined }));
  const filter = { ...DAY, channels: [1, 2] };
  const places = (found: readonly Recording[]) =>
    found.map(({ channel, bytes }) => `${channel}:${bytes! - 1000}`).join(" ");
  for (
    const own of [
      {},
      { setQueryResultOptions: NOT_FOUND },
      { setQueryResultOptions: { result: false } },
      { setQueryResultOptions: NOT_FOUND, getCount: NOT_FOUND },
    ]
  ) {
    const run = async (offset: number, limit?: number) =>
      places((await all(finders(files, own, 2), filter, { offset, limit })).found);
    assert.equal(await run(3), "1:3 1:4 2:0 2:1 2:2 2:3 2:4");
    assert.equal(await run(4, 2), "1:4 2:0");
    assert.equal(await run(7), "2:2 2:3 2:4");
    assert.equal(await run(5, 1), "2:0");
    assert.equal(await run(10), "");
    assert.equal(await run(99), "");
  }
});

Deno.test("the device's count is passed on, for each channel", async () => {
  const counts: [number, number][] = [];
  const onCount = (count: number, channel: number) => counts.push([count, channel]);
  await all(finders([info(1), info(2)]), { ...DAY, channels: [4, 2] }, { onCount });
  assert.deepEqual(counts, [[2, 4], [2, 2]]);
});

Deno.test("values out of range are the caller's mistake, before the device hears", async () => {
  await using scripted = await scriptedCamera(finders([]));
  const { camera, device } = scripted;
  const search = (filter: RecordingFilter, options?: RecordingSearchOptions) =>
    Array.fromAsync(camera.recordings.find(filter, options));
  await assert.rejects(search({ ...DAY, channels: [1, 0] }), RangeError);
  await assert.rejects(search(DAY, { limit: 0 }), RangeError);
  await assert.rejects(search(DAY, { offset: -1 }), RangeError);
  await assert.rejects(search(DAY, { pageSize: 1.5 }), RangeError);
  assert.equal(device.count("mediaFileFind.factory.create"), 0);
});

async function simulated(options: SimulatorOptions = {}) {
  const host = "127.77.22.1";
  const simulator = await Simulator.start({ host, password: "x", ...options });
  const guard = new MemoryLoginGuard();
  const camera = await DahuaCamera.connect(host, {
    password: "x",
    port: simulator.dhipPort,
    guard,
  });
  return { simulator, camera };
}

Deno.test("a simulated device with small pages: all of a day, and no finder left", async () => {
  const { simulator, camera } = await simulated({ quirks: { findPageLimit: 5 } });
  await using _simulator = simulator;
  await using _camera = camera;
  const day = { from: at("2020-01-01T00:00"), to: at("2099-01-01T00:00") };
  let counted = 0;
  const onCount = (count: number) => counted += count;
  const found = await Array.fromAsync(camera.recordings.find(day, { onCount }));
  assert.ok(found.length > 100);
  assert.equal(found.length, counted);
  assert.equal(new Set(found.map(({ path }) => path)).size, found.length);
  const newest = await Array.fromAsync(camera.recordings.find({ ...day, order: "newest" }));
  assert.deepEqual(
    newest.map(({ start }) => String(start)),
    found.map(({ start }) => String(start)).reverse(),
  );
  const events = await Array.fromAsync(camera.recordings.find({ ...day, flags: ["event"] }));
  assert.ok(events.length > 0 && events.length < found.length);
  assert.ok(events.every(({ flags, events }) => flags.includes("event") && events.length > 0));
  assert.equal(simulator.stats().finders, 0);
});

Deno.test("a simulated device that finds nothing, or has no card", async () => {
  const day = { from: at("2001-01-01T00:00"), to: at("2001-01-02T00:00") };
  for (const findNothing of ["found", "false", "error"] as const) {
    const { simulator, camera } = await simulated({ quirks: { findNothing } });
    await using _simulator = simulator;
    await using _camera = camera;
    assert.deepEqual(await Array.fromAsync(camera.recordings.find(day)), []);
    assert.equal(simulator.stats().finders, 0);
  }
  const { simulator, camera } = await simulated({ sdCard: false });
  await using _simulator = simulator;
  await using _camera = camera;
  await assert.rejects(Array.fromAsync(camera.recordings.find(day)), { code: "DHIP_NO_STORAGE" });
});
