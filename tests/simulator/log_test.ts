import assert from "node:assert/strict";
import type { JsonObject } from "../../lib/dhip/frame.ts";
import { bench, type RawClient } from "./_support.ts";

interface Item {
  Time: string;
  Type: string;
  User: string;
  Code?: string;
  Channel?: number;
  RecNo: number;
  Detail: JsonObject;
}

const PAST = { StartTime: "2025-12-25 00:00:00", EndTime: "2026-01-02 00:59:59" };
const NOW = { StartTime: "2026-01-02 01:00:00", EndTime: "2026-01-03 00:00:00" };

async function read(client: RawClient, condition: JsonObject, count = 64): Promise<Item[]> {
  const { token } = await client.ask("log.startFind", { condition });
  const { count: told } = await client.ask("log.getCount", { token });
  const all: Item[] = [];
  for (;;) {
    const { found, items } = await client.ask("log.doSeekFind", {
      token,
      offset: all.length,
      count,
    });
    assert.equal((items as Item[]).length, found);
    if (found === 0) break;
    all.push(...items as Item[]);
  }
  assert.equal(all.length, told);
  await client.ask("log.stopFind", { token });
  return all;
}

Deno.test("what happens is in the log, with time, user and what it was", async () => {
  await using it = bench();
  const client = await it.open();
  await it.connect().login("admin", "wrong");
  await it.clock.advance(5000);
  const { table } = await client.ask("configManager.getConfig", { name: "NTP" });
  await client.ask("configManager.setConfig", { name: "NTP", table });
  it.device.event({ code: "VideoMotion", action: "Start", channel: 2 });
  const user = { Name: "op", Password: "op-secret-1", Group: "user" };
  await client.ask("userManager.addUser", { user });
  const entries = await read(client, NOW);
  assert.deepEqual(entries.map(({ Time, Type, User }) => [Time.slice(11), Type, User]), [
    ["01:00:00", "Account.LogIn", "admin"],
    ["01:00:00", "Account.LogInFailed", "admin"],
    ["01:00:05", "Config.Save", "admin"],
    ["01:00:05", "Event.VideoMotion.Start", "System"],
    ["01:00:05", "Account.Add", "admin"],
  ]);
  assert.deepEqual(entries[2]!.Detail, { Name: "NTP" });
  assert.deepEqual([entries[3]!.Code, entries[3]!.Channel], ["VideoMotion", 2]);
  assert.doesNotMatch(JSON.stringify(entries), /secret|54321/);
  await it.device.restart();
  const later = await it.open();
  const types = (await read(later, NOW)).map(({ Type }) => Type);
  assert.deepEqual(types.slice(5), ["Event.Reboot.Pulse", "System.Start", "Account.LogIn"]);
});

Deno.test("types are wanted whole or by their beginning, in either order", async () => {
  await using it = bench();
  const client = await it.open();
  const all = await read(client, PAST);
  assert(all.length > 40);
  assert.deepEqual(await read(client, { ...PAST, Types: ["All"] }), all);
  assert.deepEqual(await read(client, { ...PAST, Order: "Descent" }, 7), all.toReversed());
  const ask = (...Types: string[]) => read(client, { ...PAST, Types });
  const motion = await ask("Event.VideoMotion.Start", "Event.VideoMotion.Stop");
  assert(motion.length > 0 && motion.length < all.length);
  assert.deepEqual(motion, all.filter(({ Code }) => Code === "VideoMotion"));
  assert.deepEqual(await ask("Account"), all.filter(({ Type }) => Type.startsWith("Account.")));
  assert.deepEqual(await ask("Event.VideoMotion.Sta"), []);
  const [first] = await read(client, { ...PAST, Types: ["Event.VideoMotion"], Translate: true });
  assert.equal(first!.Type, "Event Video Motion Start");
  const again = await bench().open();
  assert.deepEqual(await read(again, PAST), all); // it follows from the seed
});

Deno.test("events in the log are those of the recordings", async () => {
  const recordings = [{
    start: "2026-01-01 10:00:00",
    end: "2026-01-01 10:00:30",
    flag: "Event",
    events: ["CrossLineDetection"],
  }] as const;
  await using it = bench({ recordings });
  const entries = await read(await it.open(), { ...PAST, Types: ["Event"] });
  assert.deepEqual(entries.map(({ Time, Type, Channel }) => [Time, Type, Channel]), [
    ["2026-01-01 10:00:00", "Event.CrossLineDetection.Start", 1],
    ["2026-01-01 10:00:30", "Event.CrossLineDetection.Stop", 1],
  ]);
});

Deno.test("tokens are few, end with their session, and are good for their session only", async () => {
  await using it = bench();
  const client = await it.open();
  const start = () => client.call("log.startFind", { condition: PAST });
  const tokens = [];
  for (let i = 0; i < 8; i++) {
    tokens.push(((await start()).json.params as { token: number }).token);
  }
  assert.equal(await client.refusal("log.startFind", { condition: PAST }), 268959743);
  await client.ask("log.stopFind", { token: tokens[0] });
  assert.equal(await client.refusal("log.stopFind", { token: tokens[0] }), 268959743);
  assert.equal(await client.refusal("log.getCount", { token: tokens[0] }), 268959743);
  const other = await it.open();
  assert.equal(await other.refusal("log.getCount", { token: tokens[1] }), 268959743);
  assert.equal((await start()).json.result, true);
  await client.call("global.logout");
  for (let i = 0; i < 8; i++) await other.ask("log.startFind", { condition: PAST });
});

Deno.test("pages go on by themselves with doFind; a cleared log says who cleared it", async () => {
  await using it = bench();
  const client = await it.open();
  const all = await read(client, PAST);
  const { token } = await client.ask("log.startFind", { condition: PAST });
  const pages = [];
  for (let i = 0; i < 2; i++) {
    pages.push(...(await client.ask("log.doFind", { token, count: 10 })).items as Item[]);
  }
  assert.deepEqual(pages, all.slice(0, 20));
  const bad: JsonObject[] = [{ token, offset: -1, count: 1 }, { token, offset: 0, count: 0 }];
  for (const params of bad) {
    assert.equal(await client.refusal("log.doSeekFind", params), 268894211);
  }
  for (const more of [{ StartTime: "x" }, { Types: "All" }, { Order: "Up" }]) {
    const condition = { ...PAST, ...more };
    assert.equal(await client.refusal("log.startFind", { condition }), 268894211);
  }
  await client.ask("log.clear");
  assert.deepEqual(await read(client, PAST), []);
  assert.deepEqual((await read(client, NOW)).map(({ Type, User }) => [Type, User]), [
    ["Log.Clear", "admin"],
  ]);
});
