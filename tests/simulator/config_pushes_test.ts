/** Changed tables are told to whoever attached to them. */

import assert from "node:assert/strict";
import { authorised, RawHttp } from "./_http.ts";
import { bench, type RawClient, type Received } from "./_support.ts";

async function pushOf(client: RawClient): Promise<Received> {
  const message = await client.next();
  assert.equal(message?.json.method, "client.notifyConfigChange");
  return message!;
}

Deno.test("every write of a table is pushed with the whole table, and no other table's", async () => {
  await using it = bench();
  const [watcher, writer] = [await it.open(), await it.open()];
  const attach = await watcher.call("configManager.attach", { name: "NTP", proc: 7 });
  const { SID } = attach.json.params as { SID: number };
  const { table } = await writer.ask("configManager.getConfig", { name: "NTP" });
  const wanted = { ...table as object, Port: 1123 };
  await writer.ask("configManager.setConfig", { name: "NTP", table: wanted, options: [] });
  const { table: general } = await writer.ask("configManager.getConfig", { name: "General" });
  await writer.ask("configManager.setConfig", { name: "General", table: general, options: [] });
  await writer.call("configManager.restore", { names: ["NTP"] });
  const { json, session } = await pushOf(watcher);
  assert.deepEqual(json.params, { SID, name: "NTP", table: wanted });
  assert.deepEqual([json.id, json.callback, session], [attach.requestId, 7, watcher.session]);
  assert.deepEqual((await pushOf(watcher)).json.params, { SID, name: "NTP", table });
});

Deno.test("after a detach nothing is pushed; events and tables are told apart", async () => {
  await using it = bench();
  const client = await it.open();
  const { SID } = await client.ask("configManager.attach", { name: "NTP" });
  const { SID: events } = await client.ask("eventManager.attach", { codes: ["All"] });
  it.device.event({ code: "NTP" });
  assert.equal((await client.next())?.json.method, "client.notifyEventStream");
  assert.equal(await client.refusal("configManager.detach", { SID: events }), 268959743);
  assert.equal((await client.call("configManager.detach", { SID })).json.result, true);
  const { table } = await client.ask("configManager.getConfig", { name: "NTP" });
  // The next message is the reply: neither an event nor a push was sent.
  await client.ask("configManager.setConfig", { name: "NTP", table, options: [] });
  assert.equal(it.device.stats().subscriptions, 1);
});

Deno.test("what cannot be attached to is refused", async () => {
  await using it = bench();
  const client = await it.open();
  assert.equal(await client.refusal("configManager.attach", { name: "NoSuch" }), 268959743);
  assert.equal(await client.refusal("configManager.attach", { name: 5 }), 268894211);
  assert.equal(await client.refusal("configManager.detach", {}), 268894211);
  await using silent = bench({ quirks: { configPushes: false } });
  const other = await silent.open();
  assert.equal(await other.refusal("configManager.attach", { name: "NTP" }), 268894210);
  const { method } = await other.ask("configManager.listMethod");
  assert.ok(!(method as string[]).includes("configManager.attach"));
});

Deno.test("writes through the web API are pushed too, and temporary tables", async () => {
  await using it = bench();
  const client = await it.open();
  const { SID } = await client.ask("configManager.attach", { name: "NTP" });
  const { table } = await client.ask("configManager.getConfig", { name: "NTP" });
  for (const query of ["action=setConfig&NTP.Port=5", "action=restore&names[0]=NTP"]) {
    using http = RawHttp.open(it);
    const { text } = await authorised(http, `/cgi-bin/configManager.cgi?${query}`);
    assert.equal(text, "OK\r\n");
  }
  const changed = { ...table as object, Port: 5 };
  assert.deepEqual((await pushOf(client)).json.params, { SID, name: "NTP", table: changed });
  assert.deepEqual((await pushOf(client)).json.params, { SID, name: "NTP", table });
  const writer = await it.open();
  await writer.call("configManager.setTemporaryConfig", { name: "NTP", table: changed });
  await writer.call("configManager.restoreTemporaryConfig", { name: "NTP" });
  assert.deepEqual((await pushOf(client)).json.params, { SID, name: "NTP", table: changed });
  assert.deepEqual((await pushOf(client)).json.params, { SID, name: "NTP", table });
});
