import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { authorised, RawHttp } from "./_http.ts";
import { type Bench, bench, settle } from "./_support.ts";

async function cgi(it: Bench, path: string) {
  using http = RawHttp.open(it);
  return await authorised(http, `/cgi-bin/${path}`);
}

Deno.test("a restart ends sessions and connections, and takes its time and the delay", async () => {
  await using it = bench({ bootTime: 20_000 });
  const client = await it.open();
  assert.equal((await client.call("magicBox.reboot", { delay: 1 })).json.result, true);
  assert.equal(await client.next(), null);
  assert.equal(it.device.stats().sessionsOpen, 0);
  await it.clock.advance(20_999);
  assert.equal(await it.connect().next(), null); // still away
  await it.clock.advance(1);
  const later = await it.open();
  assert.deepEqual((await later.ask("magicBox.getUpTime")).info, { Last: 0, Total: 864_000 });
  assert.equal(await later.refusal("magicBox.reboot", { delay: -1 }), 268894211);
});

Deno.test("some firmware dies before it answers a restart", async () => {
  await using it = bench({ quirks: { rebootReply: "never" }, bootTime: 100 });
  for (const method of ["reboot", "shutdown"]) {
    const client = await it.open();
    await client.send(`magicBox.${method}`);
    assert.equal(await client.next(), null, method);
    await it.clock.advance(200);
  }
  assert.equal(await it.connect().next(), null); // it was shut down
  await it.device.restart();
  using http = RawHttp.open(it);
  await assert.rejects(authorised(http, "/cgi-bin/magicBox.cgi?action=reboot"), /ended instead/);
});

Deno.test("processes are told, and CGI knows of a restart that is needed", async () => {
  await using it = bench();
  const client = await it.open();
  const { info } = await client.ask("magicBox.getProcessInfo");
  assert((info as { Name: string }[]).some(({ Name }) => Name === "sonia"));
  const need = async () => (await cgi(it, "magicBox.cgi?action=needReboot")).text;
  assert.equal(await need(), "needReboot=0\r\n");
  const table = { VideoStandard: "NTSC" };
  await client.ask("configManager.setConfig", { name: "VideoStandard", table });
  assert.equal(await need(), "needReboot=1\r\n");
});

Deno.test("tables go back to the factory's state by name, all, or all but some", async () => {
  await using it = bench();
  const client = await it.open();
  const set = async () => {
    for (const [name, changes] of [["NTP", { Port: 1123 }], ["Email", { Port: 26 }]] as const) {
      const { table } = await client.ask("configManager.getConfig", { name });
      const changed = { ...table as object, ...changes };
      await client.ask("configManager.setConfig", { name, table: changed });
    }
  };
  const ports = async () => {
    const all = [];
    for (const name of ["NTP", "Email"]) {
      const { table } = await client.ask("configManager.getConfig", { name });
      all.push((table as { Port: number }).Port);
    }
    return all;
  };
  const steps: [() => Promise<unknown>, number[]][] = [
    [() => client.ask("configManager.restore", { names: ["Email"] }), [1123, 25]],
    [() => client.ask("configManager.restore", { names: [] }), [123, 25]],
    [() => client.ask("configManager.restoreExcept", { names: ["Email"] }), [123, 26]],
    [() => cgi(it, "configManager.cgi?action=restore&names[0]=NTP"), [123, 26]],
    [() => cgi(it, "configManager.cgi?action=restoreExcept&names[0]=NTP"), [1123, 25]],
  ];
  for (const [restore, expected] of steps) {
    await set();
    await restore();
    assert.deepEqual(await ports(), expected);
  }
  assert.equal(await client.refusal("configManager.restoreExcept", {}), 268894211);
  assert.equal((await cgi(it, "configManager.cgi?action=restore")).status, 400);
});

Deno.test("a firmware is installed in its time, then the device restarts with a higher version", async () => {
  await using it = bench({ upgradeTime: 10_000, bootTime: 5000 });
  const client = await it.open();
  const state = async () => (await client.ask("upgrader.getState")).state;
  const version = async (from = client) =>
    ((await from.ask("magicBox.getSoftwareVersion")).version as { Version: string }).Version;
  const before = await version();
  assert.deepEqual(await state(), { Progress: 0, State: "Idle" });
  await client.call("upgrader.prepare", { Type: "System" });
  const bytes = new Uint8Array(4096).fill(7);
  await client.call("upgrader.appendData", { length: 4096 }, {}, bytes);
  assert.deepEqual(await state(), { Progress: 0, State: "Receiving" });
  await client.call("upgrader.execute");
  await it.clock.advance(2500);
  assert.deepEqual(await state(), { Progress: 25, State: "Upgrading" });
  assert.equal(await client.refusal("upgrader.prepare", { Type: "System" }), 268959743);
  await it.clock.advance(7500);
  assert.equal(await client.next(), null);
  await it.clock.advance(5000);
  const later = await it.open();
  assert.notEqual(await version(later), before);
  assert.deepEqual((await later.ask("upgrader.getState")).state, { Progress: 0, State: "Idle" });
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  assert.deepEqual(it.device.stats().upgrades, [{ bytes: 4096, sha256, executed: true }]);
});

Deno.test("an installation that loses its power changes nothing", async () => {
  await using it = bench({ upgradeTime: 10_000 });
  const client = await it.open();
  await client.call("upgrader.prepare", { Type: "System" });
  await client.call("upgrader.appendData", { length: 1 }, {}, new Uint8Array(1));
  await client.call("upgrader.execute");
  await it.device.restart();
  await it.clock.advance(20_000);
  const later = await it.open();
  const { version } = await later.ask("magicBox.getSoftwareVersion");
  assert.match((version as { Version: string }).Version, /\.28\.R$/);
});

Deno.test("upgrades are by prepare and execute, or by check and start", async () => {
  await using append = bench({ quirks: { upgraderApi: "append" } });
  assert.equal(await (await append.open()).refusal("upgrader.start"), 268894210);
  await using it = bench({ quirks: { upgraderApi: "start" } });
  const client = await it.open();
  assert.equal(await client.refusal("upgrader.prepare", { Type: "System" }), 268894210);
  assert.equal(await client.refusal("upgrader.check"), 268959743);
  assert.equal(await client.refusal("upgrader.cancel"), 268959743);
  const append3 = () => client.call("upgrader.appendData", { length: 3 }, {}, new Uint8Array(3));
  await append3();
  await append3();
  assert.deepEqual(await client.ask("upgrader.check"), { length: 6 });
  await client.ask("upgrader.cancel");
  assert.equal(await client.refusal("upgrader.start"), 268959743);
  await append3();
  await client.ask("upgrader.start");
  assert.deepEqual(it.device.stats().upgrades.map(({ bytes, executed }) => [bytes, executed]), [
    [6, false],
    [3, true],
  ]);
  await settle();
});

Deno.test("an absent table is refused, forbidden or empty", async () => {
  for (
    const [absentTable, code] of [["unknown", 268959743], ["authority", 285278249], [
      "empty",
      undefined,
    ]] as const
  ) {
    await using it = bench({ quirks: { absentTable } });
    const { json } = await (await it.open()).call("configManager.getConfig", { name: "NoSuch" });
    assert.equal((json.error as { code: number } | undefined)?.code, code);
    if (code === undefined) assert.deepEqual(json.params, { table: null });
  }
});
