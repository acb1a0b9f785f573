import assert from "node:assert/strict";
import type { JsonObject } from "../../lib/dhip/frame.ts";
import type { DeviceOptions, SimulatedRecording } from "../../lib/simulator/mod.ts";
import { authorised, RawHttp } from "./_http.ts";
import { type Bench, bench, type RawClient } from "./_support.ts";

interface Info {
  Channel: number;
  StartTime: string;
  EndTime: string;
  Type: string;
  Flags: string[];
  Events: string[] | null;
  VideoStream: string;
  FilePath: string;
  Length: number;
  Duration: number;
}

const DAY = { Channel: 0, StartTime: "2026-01-01 00:00:00", EndTime: "2026-01-02 00:00:00" };

/** All that a condition finds, page by page. */
async function find(client: RawClient, condition: JsonObject, count = 50): Promise<Info[]> {
  const object = (await client.call("mediaFileFind.factory.create")).json.result as number;
  const call = async (method: string, params: JsonObject | null) =>
    (await client.call(`mediaFileFind.${method}`, params, { object })).json;
  assert.equal((await call("findFile", { condition })).result, true);
  const all: Info[] = [];
  for (;;) {
    const { found, infos } = (await call("findNextFile", { count })).params as {
      found: number;
      infos: Info[] | null;
    };
    if (found === 0) {
      assert.equal(infos, null);
      break;
    }
    assert.equal(infos!.length, found);
    all.push(...infos!);
  }
  const { count: told } = (await call("getCount", null)).params as { count: number };
  assert.equal(told, all.length);
  await call("close", null);
  await call("destroy", null);
  return all;
}

Deno.test("a day is found with all that conditions can ask for, and nothing else", async () => {
  await using it = bench();
  const client = await it.open();
  const all = await find(client, DAY);
  assert(all.length > 80);
  assert.deepEqual(new Set(all.map(({ Type }) => Type)), new Set(["dav", "mp4", "jpg"]));
  assert.deepEqual(
    new Set(all.flatMap(({ Flags }) => Flags)),
    new Set(["Timing", "Event", "Manual"]),
  );
  assert.deepEqual(new Set(all.map(({ VideoStream }) => VideoStream)), new Set(["Main", "Extra1"]));
  const starts = all.map(({ StartTime }) => StartTime);
  assert.deepEqual(starts, starts.toSorted());
  assert.equal(new Set(all.map(({ FilePath }) => FilePath)).size, all.length);
  const ask = (more: JsonObject) => find(client, { ...DAY, ...more });
  const equals = async (more: JsonObject, test: (info: Info) => boolean) => {
    const found = await ask(more);
    assert(found.length > 0 && found.length < all.length, JSON.stringify(more));
    assert.deepEqual(found, all.filter(test), JSON.stringify(more));
  };
  await equals({ Types: ["jpg"] }, ({ Type }) => Type === "jpg");
  await equals({ Types: ["mp4", "jpg"] }, ({ Type }) => Type !== "dav");
  await equals({ Flags: ["Event", "Manual"] }, ({ Flags }) => Flags[0] !== "Timing");
  await equals({ VideoStream: "Extra1" }, ({ VideoStream }) => VideoStream === "Extra1");
  await equals(
    { Events: ["VideoMotion"], Types: ["dav"] },
    ({ Events, Type }) => Type === "dav" && Events?.[0] === "VideoMotion",
  );
  const dir = "/mnt/dvr/2026-01-01/0/dav/07";
  await equals({ Dirs: [dir] }, ({ FilePath }) => FilePath.startsWith(dir));
  const nothing = { Types: null, Flags: null, Events: ["*"], Dirs: [], VideoStream: null };
  assert.deepEqual(await ask(nothing), all);
  assert.deepEqual(await ask({ Order: "Descent" }), all.toReversed());
  assert.deepEqual(await ask({ Types: ["avi"] }), []);
  assert.deepEqual(await ask({ VideoStream: "Extra2" }), []);
});

Deno.test("what overlaps a time is found, from its first to its last second", async () => {
  const recordings: SimulatedRecording[] = [
    { start: "2026-01-01 10:00:00", end: "2026-01-01 10:30:00" },
    { start: "2026-01-01 10:30:00", end: "2026-01-01 11:00:00" },
    { start: "2026-01-01 10:10:00", type: "jpg", flag: "Event", events: ["VideoMotion"] },
    { start: "2026-01-01 10:00:00", end: "2026-01-01 10:30:00", channel: 2 },
    { start: "2026-01-01 10:00:00", end: "2026-01-01 10:30:00", redundant: true },
    { start: "2026-01-02 00:00:00", end: "2026-01-02 12:00:00" }, // still being written
  ];
  await using it = bench({ recordings });
  const client = await it.open();
  const between = async (from: string, to: string, more: JsonObject = {}) => {
    const condition = { Channel: 0, StartTime: from, EndTime: to, ...more };
    return (await find(client, condition)).map(({ StartTime, Type }) =>
      `${StartTime.slice(11, 16)} ${Type}`
    );
  };
  assert.deepEqual(
    await between("2026-01-01 10:29:59", "2026-01-01 10:30:00", {
      Redundant: "Exclusion",
    }),
    ["10:00 dav"],
  );
  assert.deepEqual(await between("2026-01-01 10:30:00", "2026-01-01 23:00:00"), ["10:30 dav"]);
  assert.deepEqual(await between("2026-01-01 10:10:00", "2026-01-01 10:10:01"), [
    "10:00 dav",
    "10:00 dav",
    "10:10 jpg",
  ]);
  assert.deepEqual(
    await between("2026-01-01 10:10:01", "2026-01-01 10:10:02", {
      Types: ["jpg"],
    }),
    [],
  );
  assert.deepEqual(await between("2026-01-01 00:00:00", "2027-01-01 00:00:00", { Channel: 1 }), [
    "10:00 dav",
  ]);
  await it.clock.advance(40_000); // of eleven hours
  assert.deepEqual(await between("2026-01-02 00:00:00", "2027-01-01 00:00:00"), []);
});

Deno.test("recordings follow from the seed and grow with the device's clock", async () => {
  const paths = async (options: DeviceOptions, wait = 0) => {
    await using it = bench(options);
    await it.clock.advance(wait);
    const client = await it.open();
    return (await find(client, { ...DAY, EndTime: "2026-01-03 00:00:00" }))
      .map(({ FilePath }) => FilePath);
  };
  const first = await paths({ seed: 3 });
  assert.deepEqual(await paths({ seed: 3 }), first);
  assert.notDeepEqual(await paths({ seed: 4 }), first);
  const later = await paths({ seed: 3 }, 3 * 3_600_000);
  assert(later.length > first.length);
  assert.deepEqual(later.filter((path) => first.includes(path)), first);
});

Deno.test("file names have the time, and characters that must be escaped", async () => {
  await using it = bench();
  const client = await it.open();
  const [{ FilePath, StartTime, EndTime, Length, Duration, Channel }] = await find(client, {
    ...DAY,
    Channel: 1,
    Types: ["dav"],
    Flags: ["Timing"],
  }) as [Info];
  assert.match(
    FilePath,
    /^\/mnt\/dvr\/2026-01-01\/1\/dav\/00\/1\/[01]\/\d+\/00\.00\.00-0[01]\.[03]0\.00\[R\]\[0@0\]\[\d+\]\.dav$/,
  );
  assert.equal(StartTime, "2026-01-01 00:00:00");
  assert.equal(Date.parse(`${EndTime}Z`) - Date.parse(`${StartTime}Z`), Duration * 1000);
  assert(Length > 10_000_000);
  assert.equal(Channel, 1);
});

Deno.test("pages are no longer than the firmware likes; an offset starts elsewhere", async () => {
  await using it = bench({ quirks: { findPageLimit: 7 } });
  const client = await it.open();
  const all = await find(client, DAY, 1000);
  const object = (await client.call("mediaFileFind.factory.create")).json.result as number;
  const ask = (method: string, params: unknown = null) =>
    client.ask(`mediaFileFind.${method}`, params, { object });
  await ask("findFile", { condition: DAY });
  assert.equal((await ask("findNextFile", { count: 1000 })).found, 7);
  await ask("setQueryResultOptions", { options: { offset: all.length - 3 } });
  const { found, infos } = await ask("findNextFile", { count: 5 });
  assert.deepEqual([found, infos], [3, all.slice(-3)]);
  assert.equal((await ask("findNextFile", { count: 5 })).found, 0);
});

Deno.test("nothing found is a yes, a no or an error", async () => {
  const empty = { ...DAY, StartTime: "2020-01-01 00:00:00", EndTime: "2020-01-02 00:00:00" };
  for (const findNothing of ["found", "false", "error"] as const) {
    await using it = bench({ quirks: { findNothing } });
    const client = await it.open();
    const object = (await client.call("mediaFileFind.factory.create")).json.result as number;
    const { json } = await client.call("mediaFileFind.findFile", { condition: empty }, { object });
    assert.equal(json.result, findNothing === "found");
    assert.equal(
      (json.error as { code: number } | undefined)?.code,
      findNothing === "error" ? 268959743 : undefined,
    );
    const next = await client.ask("mediaFileFind.findNextFile", { count: 1 }, { object });
    assert.deepEqual(next, { found: 0, infos: null });
  }
});

Deno.test("conditions that make no sense are refused", async () => {
  await using it = bench();
  const client = await it.open();
  const object = (await client.call("mediaFileFind.factory.create")).json.result as number;
  const bad: JsonObject[] = [
    { Channel: 2 },
    { Channel: -1 },
    { Channel: "0" },
    { StartTime: "2026-01-01" },
    { EndTime: DAY.StartTime },
    { Types: "dav" },
    { Flags: [1] },
    { VideoStream: 1 },
    { Order: "Up" },
  ];
  for (const more of bad) {
    const params = { condition: { ...DAY, ...more } };
    assert.equal(
      await client.refusal("mediaFileFind.findFile", params, { object }),
      268894211,
      JSON.stringify(more),
    );
  }
  assert.equal(await client.refusal("mediaFileFind.findFile", {}, { object }), 268894211);
  for (const method of ["getCount", "findNextFile"]) {
    const refusal = client.refusal(`mediaFileFind.${method}`, { count: 1 }, { object });
    assert.equal(await refusal, 268959743);
  }
});

Deno.test("searches are few, are counted, and end with destroy and with the session", async () => {
  await using it = bench({ finderSlots: 3 });
  const client = await it.open();
  const make = () => client.call("mediaFileFind.factory.create");
  const objects = [];
  for (let i = 0; i < 3; i++) objects.push((await make()).json.result);
  assert.equal(await client.refusal("mediaFileFind.factory.create"), 268959743);
  assert.equal(it.device.stats().finders, 3);
  await client.call("mediaFileFind.destroy", null, { object: objects[0] });
  assert.equal(it.device.stats().finders, 2);
  assert.equal(typeof (await make()).json.result, "number");
  await client.call("global.logout");
  assert.equal(it.device.stats().finders, 0);
});

Deno.test("without a memory card every call is an error 500", async () => {
  await using it = bench({ sdCard: false, objects: "channel" });
  const client = await it.open();
  assert.equal(await client.refusal("mediaFileFind.factory.create"), 500);
  assert.equal(await client.refusal("mediaFileFind.findFile", { condition: DAY }), 500);
});

Deno.test("recordings that cannot be are refused", () => {
  for (
    const recording of [
      { start: "yesterday" },
      { start: "2026-01-01 10:00:00", end: "2026-01-01 09:00:00" },
      { start: "2026-01-01 10:00:00", channel: 3 },
    ]
  ) assert.throws(() => bench({ recordings: [recording] }), RangeError);
});

async function cgi(it: Bench, query: string) {
  using http = RawHttp.open(it);
  return await authorised(http, `/cgi-bin/mediaFileFind.cgi?action=${query}`);
}

Deno.test("mediaFileFind.cgi counts channels from 1 and answers in lines", async () => {
  await using it = bench({ finderSlots: 2 });
  const client = await it.open();
  const wanted = await find(client, {
    ...DAY,
    Channel: 1,
    Types: ["jpg"],
    Events: ["VideoMotion"],
  });
  const { text } = await cgi(it, "factory.create");
  const object = /^result=(\d+)\r\n$/.exec(text)![1];
  assert.equal(it.device.stats().finders, 1);
  const condition = [
    "condition.Channel=2",
    "condition.StartTime=2026-1-1%200:00:00",
    "condition.EndTime=2026-01-02%2000:00:00",
    "condition.Types[0]=jpg",
    "condition.Flag[0]=Event",
    "condition.Events[0]=VideoMotion",
  ].join("&");
  assert.equal((await cgi(it, `findFile&object=${object}&${condition}`)).text, "OK\r\n");
  const page = (await cgi(it, `findNextFile&object=${object}&count=100`)).text;
  assert.match(page, new RegExp(`^found=${wanted.length}\r\n`));
  assert(page.includes(`items[0].FilePath=${wanted[0]!.FilePath}\r\n`));
  assert(page.includes("items[0].Channel=2\r\n"));
  assert(page.includes("items[0].Events[0]=VideoMotion\r\n"));
  assert.equal((await cgi(it, `findNextFile&object=${object}&count=100`)).text, "found=0\r\n");
  const other = condition.replace("Channel=2", "Channel=0");
  assert.equal((await cgi(it, `findFile&object=${object}&${other}`)).status, 400);
  assert.equal((await cgi(it, "findNextFile&object=5&count=1")).status, 400);
  assert.equal((await cgi(it, `close&object=${object}`)).text, "OK\r\n");
  assert.equal((await cgi(it, `factory.destroy&object=${object}`)).text, "OK\r\n");
  assert.equal(it.device.stats().finders, 0);
});

Deno.test("CGI's searches are forgotten when nobody uses them for a minute", async () => {
  await using it = bench({ finderSlots: 1 });
  const create = async () => /^result=(\d+)/.exec((await cgi(it, "factory.create")).text)?.[1];
  const object = await create();
  const condition = "condition.Channel=1&condition.StartTime=2026-01-01%2000:00:00" +
    "&condition.EndTime=2026-01-02%2000:00:00";
  assert.equal((await cgi(it, `findFile&object=${object}&${condition}`)).status, 200);
  assert.equal(await create(), undefined);
  await it.clock.advance(60_001);
  assert.notEqual(await create(), undefined);
  await it.clock.advance(60_001); // this one was never used
  assert.notEqual(await create(), undefined);
});

Deno.test("what smart motion detection saw is found by its type", async () => {
  const at = (minute: string, event: string, channel = 1): SimulatedRecording => ({
    channel,
    start: `2026-01-01 10:${minute}:00`,
    end: `2026-01-01 10:${minute}:30`,
    flag: "Event",
    events: [event],
  });
  const recordings = [
    at("30", "SmartMotionHuman"),
    at("10", "SmartMotionVehicle"),
    at("20", "SmartMotionHuman", 2),
    at("40", "VideoMotion"),
  ];
  await using it = bench({ recordings });
  const client = await it.open();
  const find = async (more: JsonObject) => {
    const Condition = { StartTime: DAY.StartTime, EndTime: DAY.EndTime, ...more };
    const { Count, Token } = await client.ask("SmdDataFinder.startFind", { Condition });
    const { SmdInfo } = await client.ask("SmdDataFinder.doFind", { Token, Offset: 0, Count: 50 });
    assert.equal((SmdInfo as unknown[]).length, Count);
    await client.ask("SmdDataFinder.stopFind", { Token });
    assert.equal(await client.refusal("SmdDataFinder.doFind", { Token }), 268959743);
    return (SmdInfo as Info[]).map(({ Channel, StartTime, Type }) =>
      `${Channel} ${StartTime.slice(14, 16)} ${Type}`
    );
  };
  const human = ["1 20 smdTypeHuman", "0 30 smdTypeHuman"];
  assert.deepEqual(await find({ SmdType: ["smdTypeHuman"] }), human);
  assert.deepEqual(await find({ Channels: [0], SmdType: ["smdTypeHuman"] }), human.slice(1));
  assert.deepEqual(await find({ Order: "Descent" }), [
    ...human.toReversed(),
    "0 10 smdTypeVehicle",
  ]);
  const bad = { ...DAY, SmdType: ["smdTypeGhost"] };
  assert.equal(await client.refusal("SmdDataFinder.startFind", { Condition: bad }), 268894211);
});
