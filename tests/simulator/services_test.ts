import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { SIMULATED_FILE } from "../../lib/simulator/mod.ts";
import { bench, errorOf } from "./_support.ts";

Deno.test("the device tells what it is", async () => {
  await using it = bench({ index: 4, type: "NVR5232-EI", vendorKey: "vendor" });
  const client = await it.open();
  const info = await client.ask("magicBox.getSystemInfo");
  assert.equal(info.serialNumber, it.device.serial);
  assert.equal(info.deviceType, "NVR5232-EI");
  assert.deepEqual(await client.ask("magicBox.getSerialNo"), { sn: it.device.serial });
  assert.deepEqual(await client.ask("magicBox.getDeviceClass"), { type: "NVR" });
  assert.deepEqual(await client.ask("magicBox.getMachineName"), { name: "Camera-05" });
  assert.deepEqual(await client.ask("magicBox.getVendor"), { vendor: "Dahua" });
  assert.deepEqual(await client.ask("magicBox.getProductDefinition", { name: "VideoInChannel" }), {
    definition: 2,
  });
  await it.clock.advance(5_000);
  const up = (await client.ask("magicBox.getUpTime")).info as Record<string, number>;
  assert.equal(up.Last, 5);
  const memory = await client.ask("magicBox.getMemoryInfo");
  assert(Number(memory.free) < Number(memory.total));
});

Deno.test("every method that is listed can be called", async () => {
  await using it = bench();
  const client = await it.open();
  const { service } = await client.ask("system.listService") as { service: string[] };
  for (const name of ["global", "magicBox", "configManager", "eventManager", "system"]) {
    assert(service.includes(name), name);
  }
  for (const name of service) {
    const { method } = await client.ask(`${name}.listMethod`) as { method: string[] };
    assert(method.includes(`${name}.listMethod`));
    for (const full of method) {
      if (/login|logout|reboot|shutdown/.test(full)) continue;
      const { json } = await client.call(full);
      assert.notEqual((json.error as { code: number } | undefined)?.code, 268894210, full);
      assert.notEqual((json.error as { code: number } | undefined)?.code, 268894212, full);
    }
  }
});

Deno.test("the clock runs, can be set, and refuses dates that do not exist", async () => {
  await using it = bench();
  const client = await it.open();
  const time = async () => (await client.ask("global.getCurrentTime")).time;
  assert.equal(await time(), "2026-01-02 01:00:00"); // 00:00 UTC, one hour ahead
  await it.clock.advance(61_000);
  assert.equal(await time(), "2026-01-02 01:01:01");
  await client.call("global.setCurrentTime", { time: "2031-12-31 23:59:59", tolerance: 5 });
  await it.clock.advance(1_000);
  assert.equal(await time(), "2032-01-01 00:00:00");
  for (const bad of ["2026-02-30 00:00:00", "yesterday", 5, "2026-01-01"]) {
    assert.equal(await client.refusal("global.setCurrentTime", { time: bad }), 268894211);
  }
});

Deno.test("multicall answers each call by itself and in order", async () => {
  await using it = bench();
  const client = await it.open();
  const { session } = client;
  const results = await client.ask("system.multicall", [
    { method: "magicBox.getDeviceType", params: null, id: 11, session },
    { method: "no.such", params: null, id: 12, session },
    { method: "magicBox.listMethod", params: null, id: 13, session },
    { method: "configManager.getConfig", params: { name: "NTP" }, id: 14 },
    { method: "magicBox.getSerialNo", params: null, id: 15, session: session ^ 1 },
    { method: "system.multicall", params: [], id: 16 },
    { method: "global.login", params: {}, id: 17 },
    null,
  ]) as unknown as Record<string, unknown>[];
  assert.deepEqual(results.map((each) => each.id), [11, 12, 13, 14, 15, 16, 17, 0]);
  assert.deepEqual(results.map((each) => each.result), [
    true,
    false,
    false,
    true,
    false,
    false,
    false,
    false,
  ]);
  assert.equal(errorOf(results[1]!).code, 268894210);
  assert.equal(errorOf(results[4]!).code, 287637505);
  assert.equal(await client.refusal("system.multicall", { method: "x" }), 268894211);
});

Deno.test("a table that was set is read back; the factory state is kept apart", async () => {
  await using it = bench();
  const client = await it.open();
  const get = async (name: string) =>
    (await client.ask("configManager.getConfig", { name })).table as Record<string, unknown>;
  const ntp = await get("NTP");
  assert.equal(ntp.Enable, false);
  const table = { ...ntp, Enable: true, Address: "192.0.2.1" };
  assert.deepEqual(
    await client.ask("configManager.setConfig", { name: "NTP", table, options: [] }),
    {
      options: null,
    },
  );
  assert.deepEqual(await get("NTP"), table);
  assert.deepEqual((await client.ask("configManager.getDefault", { name: "NTP" })).table, ntp);
  await it.device.restart();
  const later = await it.open();
  assert.deepEqual((await later.ask("configManager.getConfig", { name: "NTP" })).table, table);
  assert.equal((await later.call("configManager.restore", { names: ["NTP"] })).json.result, true);
  assert.deepEqual((await later.ask("configManager.getConfig", { name: "NTP" })).table, ntp);
});

Deno.test("the machine name is a setting", async () => {
  await using it = bench();
  const client = await it.open();
  const { table } = await client.ask("configManager.getConfig", { name: "General" });
  const renamed = { ...table as object, MachineName: "Вход" };
  await client.ask("configManager.setConfig", { name: "General", table: renamed });
  assert.deepEqual(await client.ask("magicBox.getMachineName"), { name: "Вход" });
  assert.equal(it.device.name, "Вход");
});

Deno.test("absent tables and tables of the wrong shape are refused", async () => {
  await using it = bench();
  const client = await it.open();
  assert.equal(await client.refusal("configManager.getConfig", { name: "NoSuch" }), 268959743);
  assert.equal(
    await client.refusal("configManager.setConfig", { name: "NoSuch", table: {} }),
    268959743,
  );
  for (const table of [[], null, 5, undefined]) {
    assert.equal(
      await client.refusal("configManager.setConfig", { name: "NTP", table }),
      268894211,
    );
  }
});

Deno.test("All is every table under its name", async () => {
  await using it = bench({ channels: 3 });
  const client = await it.open();
  const { names } = await client.ask("configManager.getMemberNames", { name: "" });
  const { table } = await client.ask("configManager.getConfig", { name: "All" });
  assert.deepEqual(Object.keys(table as object).sort(), names);
  for (const name of ["General", "Encode", "Network", "ChannelTitle", "VideoWidget", "NTP"]) {
    assert((names as string[]).includes(name), name);
  }
  assert.equal((table as Record<string, unknown[]>).Encode!.length, 3);
});

Deno.test("users can be listed, added and removed, and no answer has a password", async () => {
  await using it = bench({ users: [{ name: "guest", password: "geheim", group: "user" }] });
  const client = await it.open();
  const user = { Name: "op", Password: "op-secret-1", Group: "user", Memo: "", Sharable: true };
  assert.equal((await client.call("userManager.addUser", { user })).json.result, true);
  assert.equal(await client.refusal("userManager.addUser", { user }), 285409285);
  const { users } = await client.ask("userManager.getUserInfoAll");
  assert.deepEqual((users as Record<string, unknown>[]).map((each) => each.Name), [
    "admin",
    "guest",
    "op",
  ]);
  assert.doesNotMatch(JSON.stringify(users), /geheim|secret|54321/);
  const operator = await it.open("op", "op-secret-1");
  assert.equal(await operator.refusal("userManager.deleteUser", { name: "guest" }), 285278249);
  assert.equal((await client.call("userManager.deleteUser", { name: "op" })).json.result, true);
  assert.equal(await operator.refusal("magicBox.getSerialNo"), 287637505);
  assert.equal(await client.refusal("userManager.deleteUser", { name: "op" }), 285409284);
});

Deno.test("a new password holds, in either spelling of the call", async () => {
  await using it = bench();
  const client = await it.open();
  const change = { name: "admin", oldPassword: "wrong", password: "new-1" };
  assert.equal(await client.refusal("userManager.modifyPassword", change), 268632071);
  await client.call("userManager.modifyPassword", { ...change, oldPassword: "admin54321" });
  assert.equal((await it.connect().login()).result, false);
  const again = await it.open("admin", "new-1");
  await again.call("userManager.modifyPassword", { name: "admin", pwdOld: "new-1", pwd: "new-2" });
  await it.open("admin", "new-2");
});

Deno.test("a user without rights can read and not write", async () => {
  await using it = bench({ users: [{ name: "guest", password: "g", group: "user" }] });
  const client = await it.open("guest", "g");
  await client.ask("configManager.getConfig", { name: "NTP" });
  for (const method of ["configManager.setConfig", "magicBox.reboot", "global.setCurrentTime"]) {
    assert.equal(await client.refusal(method), 285278249);
  }
});

Deno.test("an upload arrives byte for byte", async () => {
  await using it = bench();
  const client = await it.open();
  const append = (bytes: Uint8Array, length = bytes.length) =>
    client.call("upgrader.appendData", { length }, {}, bytes);
  assert.equal((await append(new Uint8Array(5))).json.result, false); // not prepared
  await client.call("upgrader.prepare", { Type: "System" });
  const hash = createHash("sha256");
  for (const size of [32_768, 1, 200_000]) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 7 + size) & 0xff);
    hash.update(bytes);
    assert.equal((await append(bytes)).json.result, true);
  }
  assert.equal(errorOf((await append(new Uint8Array(5), 6)).json).code, 268894211);
  assert.equal((await client.call("upgrader.execute")).json.result, true);
  assert.equal(await client.refusal("upgrader.execute"), 268959743);
  assert.deepEqual(it.device.stats().upgrades, [
    { bytes: 232_769, sha256: hash.digest("hex"), executed: true },
  ]);
});

Deno.test("a download comes in pieces that fit together", async () => {
  await using it = bench();
  const client = await it.open();
  const piece = (offset: number, length: number) =>
    client.call("FileManager.downloadPiece", { fileName: SIMULATED_FILE, offset, length });
  const whole = await piece(0, 262_144);
  assert.deepEqual(whole.json.params, { length: 262_144, total: 262_144 });
  assert.equal(whole.binary.length, 262_144);
  const part = await piece(100_000, 5_000);
  assert.deepEqual(part.binary, whole.binary.slice(100_000, 105_000));
  assert.equal((await piece(262_144, 10)).binary.length, 0);
  assert.equal((await piece(-1, 10)).json.result, false);
  const other = await (await bench({ seed: 2 }).open()).call("FileManager.downloadPiece", {
    fileName: SIMULATED_FILE,
    offset: 0,
    length: 100,
  });
  assert.notDeepEqual(other.binary, whole.binary.slice(0, 100));
});

Deno.test("PTZ and recordings have their places in the counters", async () => {
  await using it = bench();
  const client = await it.open();
  await client.ask("magicBox.getDeviceType");
  const stats = it.device.stats();
  assert.deepEqual(stats.ptz, []);
  assert.deepEqual(stats.calls, { "global.login": 2, "magicBox.getDeviceType": 1 });
  assert(stats.bytesServed.dhip! > 300);
});

Deno.test("system explains itself, and nothing else", async () => {
  await using it = bench();
  const client = await it.open();
  const about = { method_name: "system.multicall" };
  assert.match(String((await client.ask("system.methodHelp", about)).help), /several calls/);
  assert(Array.isArray((await client.ask("system.methodSignature", about)).signature));
  for (const method_name of ["magicBox.getSerialNo", "system.no", "no", 5, undefined]) {
    assert.equal(await client.refusal("system.methodHelp", { method_name }), 268894211);
  }
});
