/** The configuration of the simulated device: deep enough to be backed up and restored. */

import assert from "node:assert/strict";
import { SIMULATED_SECRETS } from "../../lib/simulator/mod.ts";
import { bench, type RawClient } from "./_support.ts";

type Table = Record<string, unknown>;

async function read(client: RawClient, name: string): Promise<unknown> {
  return (await client.ask("configManager.getConfig", { name })).table;
}

function write(client: RawClient, name: string, table: unknown): Promise<Table> {
  return client.ask("configManager.setConfig", { name, table, options: [] });
}

/** The table with the value at a path replaced. */
function changed(table: unknown, path: (string | number)[], value: unknown): unknown {
  const copy = structuredClone(table);
  let at = copy as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as typeof at;
  assert(Object.hasOwn(at, path.at(-1)!), path.join("."));
  at[path.at(-1)!] = value;
  return copy;
}

const FPS = [0, "MainFormat", 0, "Video", "FPS"];
const COMPRESSION = [0, "MainFormat", 0, "Video", "Compression"];

Deno.test("there are many tables, with all that JSON can hold", async () => {
  await using it = bench({ channels: 4 });
  const client = await it.open();
  const all = await read(client, "All") as Record<string, unknown>;
  assert(Object.keys(all).length >= 35);
  for (const name of ["Encode", "VideoAnalyseRule", "Lighting_V2", "MotionDetect"]) {
    assert.equal((all[name] as unknown[]).length, 4, name);
  }
  const text = JSON.stringify(all);
  for (const sign of ["ü", "区", "\\\\", '\\"', "[]", "null", ".5,", "–"]) {
    assert(text.includes(sign), sign);
  }
});

Deno.test("secrets stand in tables and can be told from everything else", async () => {
  await using it = bench();
  const client = await it.open();
  const text = JSON.stringify(await read(client, "All"));
  assert(SIMULATED_SECRETS.length >= 10);
  for (const secret of SIMULATED_SECRETS) assert(text.includes(JSON.stringify(secret)), secret);
});

Deno.test("tables that were changed and written back read byte for byte as before", async () => {
  await using it = bench({ bigTable: 64 });
  const client = await it.open();
  const before = JSON.stringify(await read(client, "All"));
  const tables = JSON.parse(before) as Record<string, unknown>;
  for (const [name, table] of Object.entries(tables)) {
    await write(client, name, Array.isArray(table) ? [] : {});
  }
  assert.notEqual(JSON.stringify(await read(client, "All")), before);
  for (const [name, table] of Object.entries(tables)) await write(client, name, table);
  assert.equal(JSON.stringify(await read(client, "All")), before);
});

Deno.test("a table of several hundred KiB can be read and written", async () => {
  await using it = bench({ bigTable: 600 });
  const client = await it.open();
  const table = await read(client, "AccessTimeSchedule");
  const size = new TextEncoder().encode(JSON.stringify(table)).length;
  assert(size > 400 * 1024 && size < 800 * 1024, String(size));
  await write(client, "AccessTimeSchedule", table); // and fits into a request
});

Deno.test("unsupported values are refused and leave the table as it was", async () => {
  await using it = bench();
  const client = await it.open();
  const cases: [string, (string | number)[], unknown[]][] = [
    ["Encode", FPS, [61, 0, -1, 25.5, "25", null]],
    ["Encode", [1, "ExtraFormat", 1, "Video", "BitRate"], [0, 1e9]],
    ["NTP", ["Port"], [0, 65_536]],
    ["ChannelTitle", [1, "Name"], ["x".repeat(64), 5]],
    ["VideoStandard", ["VideoStandard"], ["SECAM"]],
    ["RecordMode", [0, "Mode"], [3, -1]],
    ["VideoInOptions", [1, "DayNightColor"], [3, "night"]],
  ];
  for (const [name, path, values] of cases) {
    const before = await read(client, name);
    for (const value of values) {
      const table = changed(before, path, value);
      const refusal = await client.refusal("configManager.setConfig", { name, table });
      assert.equal(refusal, 268959743, `${name} ${value}`);
    }
    assert.deepEqual(await read(client, name), before);
  }
});

Deno.test("some values are accepted with a yes and not taken", async () => {
  await using it = bench();
  const client = await it.open();
  const before = await read(client, "Encode");
  const wanted = changed(changed(before, COMPRESSION, "AV1"), FPS, 12);
  assert.deepEqual(await write(client, "Encode", wanted), { options: null });
  assert.deepEqual(await read(client, "Encode"), changed(before, FPS, 12));
  const colours = await read(client, "VideoColor");
  await write(client, "VideoColor", changed(colours, [0, 1, "Hue"], 101));
  assert.deepEqual(await read(client, "VideoColor"), colours);
});

Deno.test("a change that needs a restart says so until the restart", async () => {
  await using it = bench();
  const client = await it.open();
  const need = async (from: RawClient) => (await from.ask("magicBox.needReboot")).needReboot;
  assert.equal(await need(client), 0);
  const standard = { VideoStandard: "NTSC" };
  assert.deepEqual(await write(client, "VideoStandard", standard), { options: ["NeedReboot"] });
  assert.equal(await need(client), 1);
  assert.deepEqual(await read(client, "VideoStandard"), standard);
  await it.device.restart();
  const after = await it.open();
  assert.equal(await need(after), 0);
  assert.deepEqual(await read(after, "VideoStandard"), standard);
});

Deno.test("a temporary table holds until it is given back, replaced, or the power goes", async () => {
  await using it = bench();
  let client = await it.open();
  const before = await read(client, "NTP");
  const trial = changed(before, ["Enable"], true);
  const set = () => client.ask("configManager.setTemporaryConfig", { name: "NTP", table: trial });
  const { result } = (await client.call("configManager.factory.instance")).json;
  assert(Number(result) > 0);
  await set();
  assert.deepEqual(await read(client, "NTP"), trial);
  const restore = { name: "NTP" };
  assert.equal(
    (await client.call("configManager.restoreTemporaryConfig", restore)).json.result,
    true,
  );
  assert.deepEqual(await read(client, "NTP"), before);
  assert.equal(await client.refusal("configManager.restoreTemporaryConfig", restore), 268959743);
  await set();
  await it.device.restart();
  client = await it.open();
  assert.deepEqual(await read(client, "NTP"), before);
  await set();
  const kept = changed(before, ["Port"], 124);
  await write(client, "NTP", kept);
  assert.deepEqual(await read(client, "NTP"), kept);
});

Deno.test("stale configuration is judged like any other, and not kept", async () => {
  await using it = bench();
  const client = await it.open();
  it.device.fault("stale-config", { times: 2 });
  const before = await read(client, "Encode");
  const bad = { name: "Encode", table: changed(before, FPS, 99) };
  assert.equal(await client.refusal("configManager.setConfig", bad), 268959743);
  for (const held of [false, false, true]) {
    await write(client, "Encode", changed(before, FPS, 9));
    assert.deepEqual(await read(client, "Encode"), held ? changed(before, FPS, 9) : before);
  }
});

Deno.test("a table that was deleted is absent until it is restored", async () => {
  await using it = bench();
  const client = await it.open();
  const before = await read(client, "Email");
  const call = (method: string, params: object) =>
    client.call(`configManager.${method}`, params).then(({ json }) => json.result);
  assert.equal(await call("deleteConfig", { name: "Email" }), true);
  assert.equal(await client.refusal("configManager.getConfig", { name: "Email" }), 268959743);
  const { names } = await client.ask("configManager.getMemberNames", { name: "" });
  assert(!(names as string[]).includes("Email"));
  assert.equal(await call("deleteConfig", { name: "Email" }), false);
  assert.equal(await call("restore", { names: ["Email"] }), true);
  assert.deepEqual(await read(client, "Email"), before);
});
