import assert from "node:assert/strict";
import { readDeviceTime, writeDeviceTime } from "../../lib/camera/device_time.ts";
import { DahuaCamera } from "../../lib/camera/mod.ts";
import type { JsonObject } from "../../lib/dhip/frame.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { Simulator } from "../../lib/simulator/mod.ts";
import type { Script } from "../support/scripted_device.ts";
import {
  NO_PERMISSION,
  NOT_FOUND,
  scriptedCamera,
  tablesScript,
} from "../support/scripted_camera.ts";

const wall = (text: string) => Temporal.PlainDateTime.from(text);

Deno.test("times are read in every spelling, and nothing else is a time", () => {
  const same = "2026-06-08T11:46:19";
  const spellings = [
    "2026-06-08 11:46:19",
    "2026-6-8 11:46:19",
    "2026/06/08 11:46:19",
    "2026.06.08 11:46:19",
    "2026-06-08T11:46:19Z",
    "2026-06-08 11:46:19+08:00",
    "08-06-2026 11:46:19",
    "06/08/2026 11:46:19",
    "06/08/2026 11:46:19 AM",
    " 2026-06-08  11:46:19 ",
  ];
  for (const text of spellings) assert.equal(String(readDeviceTime(text)), same, text);
  assert.equal(String(readDeviceTime("18/06/2026 1:02:03 PM")), "2026-06-18T13:02:03");
  assert.equal(String(readDeviceTime("06/18/2026 12:00:00 AM")), "2026-06-18T00:00:00");
  assert.equal(String(readDeviceTime("2026-06-18 1:02:03.25")), "2026-06-18T01:02:03.25");
  const none = ["", "soon", "2026-02-30 00:00:00", "2026-06-18", "2026-06-18 25:00:00", 5, null];
  for (const value of [...none, "06/18/2026 13:00:00 PM"]) {
    assert.equal(readDeviceTime(value), null);
  }
  assert.equal(writeDeviceTime(wall("2026-01-02T03:04:05.9")), "2026-01-02 03:04:05");
});

/** 2026-06-18 03:46:19 UTC. */
const NOW = Date.UTC(2026, 5, 18, 3, 46, 19);
const NTP = { Address: "ntp.example.org", Enable: true, Port: 123, TimeZone: 13, UpdatePeriod: 10 };
const rule = (Month: number, Week: number, Day: number, Hour: number) => ({
  Month,
  Week,
  Day,
  Hour,
  Minute: 0,
  Year: 2026,
});
const EUROPE = { DSTEnable: true, DSTStart: rule(3, -1, 0, 2), DSTEnd: rule(10, -1, 0, 3) };

interface World {
  readonly tables: Record<string, unknown>;
  /** The device's wall clock. */
  time: string;
  /** Answers setCurrentTime, instead of keeping it. */
  set?: (time: string) => JsonObject;
  /** A table that may not be read. */
  refused?: string;
  /** Time that each answer takes, in ms. */
  delay?: number;
}

async function clockOf(world: World, base = NOW) {
  const script: Script = async ({ method, params }) => {
    if (world.delay !== undefined) await wait(scripted.clock, world.delay);
    if (method === "global.getCurrentTime") return { result: world.time, params: null };
    if (method !== "global.setCurrentTime") return NOT_FOUND;
    if (world.set !== undefined) return world.set(String(params?.time));
    world.time = String(params?.time);
    return { result: true };
  };
  const tables = tablesScript(world.tables, script);
  const scripted = await scriptedCamera((asked, device) =>
    world.refused !== undefined && asked.params?.name === world.refused
      ? { result: false, error: { code: 403 } }
      : tables(asked, device)
  );
  const start = scripted.clock.now();
  const now = () => base + scripted.clock.now() - start;
  return { scripted, service: scripted.camera.clock, now };
}

function wait(clock: { timer(callback: () => void, delay: number): unknown }, delay: number) {
  return new Promise<void>((resolve) => clock.timer(resolve, delay));
}

Deno.test("a clock is read in the device's own zone, with the settings around it", async () => {
  const world = { tables: { NTP, Locales: EUROPE }, time: "2026-06-18 12:46:24" };
  const { scripted, service, now } = await clockOf(world);
  await using _ = scripted;
  assert.deepEqual(JSON.parse(JSON.stringify(await service.read({ now }))), {
    time: "2026-06-18T12:46:24",
    // Half of the second that is not told.
    drift: { milliseconds: 5500, uncertainty: 500, zone: "+09:00", zoneFrom: "device" },
    timeZone: { offset: "+08:00", name: null },
    summerTime: {
      enabled: true,
      active: true,
      start: { month: 3, week: -1, day: 0, time: "02:00:00" },
      end: { month: 10, week: -1, day: 0, time: "03:00:00" },
    },
    ntp: { enabled: true, server: "ntp.example.org", port: 123, period: 10 },
    problems: [],
  });
});

Deno.test("what a device does not tell is null, and then this host's zone counts", async () => {
  const local = Temporal.Instant.fromEpochMilliseconds(NOW)
    .toZonedDateTimeISO(Temporal.Now.timeZoneId()).toPlainDateTime();
  for (const tables of [{}, { NTP: { TimeZone: 99, TimeZoneDesc: "Somewhere" }, Locales: {} }]) {
    const world = { tables, time: writeDeviceTime(local) };
    const { scripted, service, now } = await clockOf(world);
    await using _ = scripted;
    const reading = await service.read({ now });
    assert.deepEqual([reading.drift.milliseconds, reading.drift.zoneFrom], [500, "host"]);
    assert.equal(reading.timeZone?.offset ?? null, null);
    assert.equal(reading.summerTime, null);
    assert.equal(reading.ntp?.enabled ?? null, null);
  }
});

Deno.test("the zone comes from the number, else from a name that says it", async () => {
  const cases: [unknown, unknown, string | null][] = [
    [26, "Beijing, Chongqing", "-06:00"],
    [22, "GMT+08:00", "-03:00"],
    [0, undefined, "+00:00"],
    [99, "GMT-04:30", "-04:30"],
    [undefined, "UTC+5:45", "+05:45"],
    ["13", "GMT+99:00", null],
  ];
  for (const [TimeZone, TimeZoneDesc, offset] of cases) {
    const world = { tables: { NTP: { TimeZone, TimeZoneDesc } }, time: "2026-06-18 12:46:24" };
    const { scripted, service, now } = await clockOf(world);
    await using _ = scripted;
    assert.equal((await service.read({ now })).timeZone?.offset, offset);
  }
});

Deno.test("summer time follows the device's rules on both halves of the earth", async () => {
  const SOUTH = { DSTEnable: true, DSTStart: rule(10, 1, 0, 2), DSTEnd: rule(4, 1, 0, 3) };
  const DATES = { DSTEnable: true, DSTStart: rule(5, 0, 15, 0), DSTEnd: rule(9, 0, 1, 0) };
  const UTC = { ...NTP, TimeZone: 0 };
  const cases: [object, string, string, boolean][] = [
    [EUROPE, "2026-03-29T01:59:59", "2026-03-29 01:59:59", false],
    [EUROPE, "2026-03-29T02:00:00", "2026-03-29 03:00:00", true],
    [EUROPE, "2026-10-25T01:59:59", "2026-10-25 02:59:59", true],
    [EUROPE, "2026-10-25T02:30:00", "2026-10-25 02:30:00", true], // the clock shows it twice
    [EUROPE, "2026-10-25T03:00:00", "2026-10-25 03:00:00", false],
    [SOUTH, "2026-01-10T12:00:00", "2026-01-10 13:00:00", true],
    [SOUTH, "2026-07-10T12:00:00", "2026-07-10 12:00:00", false],
    [DATES, "2026-05-15T00:00:00", "2026-05-15 01:00:00", true],
    [DATES, "2026-05-14T23:59:59", "2026-05-14 23:59:59", false],
    [{ DSTEnable: false }, "2026-07-10T12:00:00", "2026-07-10 12:00:00", false],
  ];
  for (const [Locales, instant, time, active] of cases) {
    const base = Temporal.Instant.from(`${instant}Z`).epochMilliseconds;
    const { scripted, service, now } = await clockOf({ tables: { NTP: UTC, Locales }, time }, base);
    await using _ = scripted;
    const { drift, summerTime } = await service.read({ now });
    assert.deepEqual([drift.milliseconds, summerTime?.active], [500, active], time);
    assert.equal(drift.zone, active && !time.includes("25 02:30") ? "+01:00" : "+00:00");
  }
});

Deno.test("of summer time that cannot be read the nearer is believed, and kept by a sync", async () => {
  const unreadable = { DSTEnable: true, DSTStart: rule(13, 1, 0, 2), DSTEnd: "never" };
  const times = [["2026-06-18 11:46:19", "+08:00"], ["2026-06-18 12:46:19", "+09:00"]] as const;
  for (const Locales of [unreadable, "refused"]) {
    for (const [time, offset] of times) {
      const world: World = { tables: { NTP, Locales }, time };
      if (Locales === "refused") world.refused = "Locales";
      const { scripted, service, now } = await clockOf(world);
      await using _ = scripted;
      const { drift, summerTime } = await service.read({ now });
      assert.deepEqual([drift.milliseconds, drift.zone], [500, offset]);
      assert.equal(summerTime?.active ?? null, null);
      await scripted.clock.settle(service.sync({ now }));
      const off = wall(world.time.replace(" ", "T")).since(wall(time.replace(" ", "T")));
      assert.ok(Math.abs(off.total("seconds")) < 5, `${time} became ${world.time}`);
    }
  }
});

Deno.test("the uncertainty grows with the time that the answer takes", async () => {
  const world = { tables: { NTP }, time: "2026-06-18 11:46:19", delay: 300 };
  const { scripted, service, now } = await clockOf(world);
  await using _ = scripted;
  const { drift } = await scripted.clock.settle(service.read({ now, zone: "Asia/Shanghai" }));
  assert.equal(drift.uncertainty, 650);
  assert.equal(drift.milliseconds, 500 - 150);

  assert.deepEqual([drift.zone, drift.zoneFrom], ["Asia/Shanghai", "caller"]);
  await assert.rejects(service.read({ now, zone: "Mars/Olympus" }), RangeError);
});

Deno.test("a table that is refused is told; a time that is none is an error", async () => {
  const locked: Script = (asked) =>
    asked.method === "global.getCurrentTime"
      ? { result: true, params: { time: "2026-06-18 11:46:19" } }
      : NO_PERMISSION;
  await using scripted = await scriptedCamera((asked, device) =>
    asked.params?.name === "Locales"
      ? { result: false, error: { code: 403 } }
      : locked(asked, device)
  );
  const reading = await scripted.camera.clock.read({ now: () => NOW });
  assert.equal(String(reading.time), "2026-06-18T11:46:19");
  assert.deepEqual(reading.problems.map(({ field, error }) => [field, error.code]), [
    ["summerTime", "DHIP_NO_PERMISSION"],
  ]);
  for (const told of [{ result: "noon" }, { result: true, params: {} }, { result: true }]) {
    await using odd = await scriptedCamera(({ method }) =>
      method === "global.getCurrentTime" ? told : NOT_FOUND
    );
    await assert.rejects(odd.camera.clock.read(), { code: "DHIP_BAD_REPLY" });
  }
});

Deno.test("a time is set and read back", async () => {
  const world: World = { tables: {}, time: "2000-01-01 00:00:00" };
  const { scripted, service } = await clockOf(world);
  await using _ = scripted;
  assert.equal(String(await service.set(wall("2026-01-02T03:04:05"))), "2026-01-02T03:04:05");
  world.set = () => ({ result: true });
  await assert.rejects(service.set(wall("2026-01-02T04:04:05")), {
    code: "DHIP_NOT_HELD",
    message: /shows 2026-01-02 03:04:05/,
    hint: /time server/,
  });
  world.set = () => ({ result: false });
  await assert.rejects(service.set(wall("2026-01-02T04:04:05")), { code: "DHIP_DEVICE_REFUSED" });
  world.set = () => NO_PERMISSION;
  await assert.rejects(service.set(wall("2026-01-02T04:04:05")), { code: "DHIP_NO_PERMISSION" });
});

Deno.test("the order to set a clock arrives at the full second that it names", async () => {
  const world: World = { tables: { NTP }, time: "2026-06-18 11:00:00", delay: 200 };
  const arrivals: [string, number][] = [];
  const { scripted, service, now } = await clockOf(world);
  await using _ = scripted;
  world.set = (time) => {
    // The answer took 200 ms, and nothing the way there: half of it is the best guess.
    arrivals.push([time, now() - 100]);
    world.time = time;
    return { result: true };
  };
  const result = await scripted.clock.settle(service.sync({ now }));
  const [[time, at]] = arrivals as [[string, number]];
  const named = wall(time.replace(" ", "T")).toZonedDateTime("+08:00").epochMilliseconds;
  assert.ok(Math.abs(named - at) <= 1, `${time} arrived at ${new Date(at).toISOString()}`);
  assert.ok(result.before.milliseconds < -40 * 60_000);
  assert.ok(Math.abs(result.after.milliseconds) <= result.after.uncertainty);
});

Deno.test("a clock that stays wrong after it was set is not synchronised", async () => {
  const world: World = { tables: { NTP }, time: "2026-06-18 11:00:00" };
  world.set = () => ({ result: true });
  const { scripted, service, now } = await clockOf(world);
  await using _ = scripted;
  await assert.rejects(scripted.clock.settle(service.sync({ now })), { code: "DHIP_NOT_HELD" });
});

Deno.test("waiting for the full second can be interrupted", async () => {
  const { scripted, service } = await clockOf({ tables: { NTP }, time: "2026-06-18 11:46:19" });
  await using _ = scripted;
  const controller = new AbortController();
  const syncing = service.sync({ now: () => NOW + 1, signal: controller.signal });
  const rejected = assert.rejects(syncing, { code: "DHIP_INTERRUPTED" });
  await scripted.clock.advance(10);
  controller.abort();
  await rejected;
  assert.equal(scripted.device.count("global.setCurrentTime"), 0);
});

Deno.test("the time server is planned, changed, and verified", async () => {
  const tables: Record<string, unknown> = { NTP };
  await using scripted = await scriptedCamera(tablesScript(tables));
  const service = scripted.camera.clock;
  const change = await service.planNtp({ enabled: false, server: "192.0.2.1", period: 30 });
  assert.deepEqual(change.differences.map(({ path }) => path), [
    "NTP.Address",
    "NTP.Enable",
    "NTP.UpdatePeriod",
  ]);
  assert.equal(tables.NTP, NTP); // planning changes nothing
  assert.deepEqual((await change.apply()).notHeld, []);
  assert.deepEqual(tables.NTP, {
    ...NTP,
    Enable: false,
    Address: "192.0.2.1",
    UpdatePeriod: 30,
  });
  assert.deepEqual((await service.planNtp({ port: 123 })).differences, []);
  for (const bad of [{ server: "" }, { port: 0 }, { port: 1.5 }, { period: 70_000 }]) {
    await assert.rejects(service.planNtp(bad), RangeError);
  }
  await using none = await scriptedCamera(tablesScript({}));
  await assert.rejects(none.camera.clock.planNtp({ enabled: true }), {
    code: "DHIP_NOT_SUPPORTED",
  });
});

Deno.test("a simulated device's clock is set, synchronised and compared", async () => {
  const host = "127.77.22.1";
  // Its settings say the zone of Peking, as from the factory.
  await using simulator = await Simulator.start({
    host,
    password: "x",
    utcOffset: 480,
    time: Date.now() + 90_000,
  });
  await using camera = await DahuaCamera.connect(host, {
    password: "x",
    port: simulator.dhipPort,
    guard: new MemoryLoginGuard(),
  });
  const { drift } = await camera.clock.read();
  assert.ok(
    Math.abs(drift.milliseconds - 90_000) <= drift.uncertainty + 50,
    `${drift.milliseconds}`,
  );
  const { after } = await camera.clock.sync();
  assert.ok(Math.abs(after.milliseconds) <= after.uncertainty + 50, `${after.milliseconds}`);
  await camera.clock.set(wall("2001-02-03T04:05:06"));
  const again = await camera.clock.read();
  assert.equal(again.time.year, 2001);
});
