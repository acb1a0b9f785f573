import assert from "node:assert/strict";
import { bench, type RawClient } from "./_support.ts";

const time = async (client: RawClient) => (await client.ask("global.getCurrentTime")).time;

async function change(client: RawClient, name: string, changes: object): Promise<void> {
  const { table } = await client.ask("configManager.getConfig", { name });
  await client.ask("configManager.setConfig", { name, table: { ...table as object, ...changes } });
}

Deno.test("a clock that is ahead is put right by NTP, and runs on from what it is set to", async () => {
  await using it = bench({ clockAhead: 3725 });
  const client = await it.open();
  assert.equal(await time(client), "2026-01-02 02:02:05");
  await client.call("global.setCurrentTime", { time: "2026-01-02 09:00:00" });
  await it.clock.advance(30_000);
  assert.equal(await time(client), "2026-01-02 09:00:30");
  await change(client, "NTP", { Enable: true });
  assert.equal(await time(client), "2026-01-02 01:00:30");
});

Deno.test("the time is in params.time or in result", async () => {
  await using it = bench({ quirks: { timeIn: "result" } });
  const { json } = await (await it.open()).call("global.getCurrentTime");
  assert.deepEqual([json.result, json.params], ["2026-01-02 01:00:00", null]);
});

Deno.test("the zone of the table is the zone of the clock", async () => {
  await using it = bench({ utcOffset: 60 });
  const client = await it.open();
  const { table } = await client.ask("configManager.getConfig", { name: "NTP" });
  const { TimeZone, TimeZoneDesc } = table as Record<string, unknown>;
  assert.deepEqual([TimeZone, TimeZoneDesc], [1, "GMT+01:00"]);
  const zones = [[0, "00:00:00"], [8, "05:30:00"], [13, "08:00:00"]] as const;
  for (const [TimeZone, expected] of zones) {
    await change(client, "NTP", { TimeZone });
    assert.equal(await time(client), `2026-01-02 ${expected}`);
  }
  await change(client, "NTP", { TimeZone: 25 });
  assert.equal(await time(client), "2026-01-01 19:00:00");
  await client.call("configManager.restore", { names: ["NTP"] });
  assert.equal(await time(client), "2026-01-02 01:00:00");
});

Deno.test("summer time begins and ends by the rules of the table", async () => {
  await using it = bench({ utcOffset: 60, keepAliveInterval: 3600, keepAliveGrace: 3600 });
  const client = await it.open();
  const rule = (Month: number, Hour: number) => ({
    Year: 2026,
    Month,
    Week: -1,
    Day: 0,
    Hour,
    Minute: 0,
  });
  await change(client, "Locales", { DSTEnable: true, DSTStart: rule(3, 2), DSTEnd: rule(10, 3) });
  const after = async (start: string) => {
    await client.call("global.setCurrentTime", { time: start });
    assert.equal(await time(client), start);
    await it.clock.advance(2000);
    return await time(client);
  };
  assert.equal(await after("2026-03-29 01:59:59"), "2026-03-29 03:00:01");
  assert.equal(await after("2026-07-01 12:00:00"), "2026-07-01 12:00:02");
  assert.equal(await after("2026-12-01 12:00:00"), "2026-12-01 12:00:02");
  await client.call("global.setCurrentTime", { time: "2026-10-25 01:30:00" });
  await it.clock.advance(5_400_001); // 90 minutes later it is two o'clock for the second time
  assert.equal(await time(client), "2026-10-25 02:00:00");
  // By date, and round the end of the year.
  const date = (Month: number, Day: number) => ({ Month, Week: 0, Day, Hour: 0, Minute: 0 });
  await change(client, "Locales", { DSTStart: date(10, 4), DSTEnd: date(4, 5) });
  assert.equal(await after("2026-10-03 23:59:59"), "2026-10-04 01:00:01");
  assert.equal(await after("2026-01-01 00:00:00"), "2026-01-01 00:00:02");
});
