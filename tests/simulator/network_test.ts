import assert from "node:assert/strict";
import { authorised, RawHttp } from "./_http.ts";
import { bench } from "./_support.ts";

Deno.test("the network is told as it is configured", async () => {
  await using it = bench({ deviceClass: "NVR", channels: 3 });
  const client = await it.open();
  const { netInterface } = await client.ask("netApp.getNetInterfaces") as {
    netInterface: Record<string, unknown>[];
  };
  const { table } = await client.ask("configManager.getConfig", { name: "Network" });
  const { eth0 } = table as { eth0: { PhysicalAddress: string } };
  assert.deepEqual(
    netInterface.map(({ Name, PhysicalAddress }) => [Name, PhysicalAddress]),
    [["eth0", eth0.PhysicalAddress]],
  );
  const traffic = await client.ask("netApp.getNetDataStat", { Name: "eth0" });
  assert((traffic.Transmit as { bytes: number }).bytes > 500);
  assert.equal(await client.refusal("netApp.getNetDataStat", { Name: "eth9" }), 268959743);
  assert.equal((await client.ask("netApp.getNetResourceStat")).IPChanneIn, 3 * 4096);
  assert.equal((await client.ask("netApp.getLinkStatus", { Name: "eth0" })).LinkStatus, true);
  const { caps } = await client.ask("netApp.getCaps");
  assert.equal((caps as { SupportHTTPS: boolean }).SupportHTTPS, true);
  assert.equal((await client.ask("netApp.getUPnPStatus")).Working, false);
  const { wlanDevice } = await client.ask("netApp.scanWLanDevices", { Name: "eth2", SSID: "" });
  assert.equal((wlanDevice as unknown[]).length, 2);
  const one = await client.ask("netApp.scanWLanDevices", { Name: "eth2", SSID: "Nachbar" });
  assert.equal((one.wlanDevice as unknown[]).length, 1);
  const conflict = (Address: string) => client.call("netApp.checkIPConflict", { Address });
  assert.equal((await conflict("192.0.2.102")).json.result, false);
  assert.equal((await conflict("192.0.2.200")).json.result, true);
  assert.equal(await client.refusal("netApp.checkIPConflict"), 268894211);
  assert.equal(await client.refusal("netApp.sendTestMail"), 268959743);
  const { table: email } = await client.ask("configManager.getConfig", { name: "Email" });
  const on = { ...email as object, Enable: true, Receivers: ["a@example.org"] };
  await client.ask("configManager.setConfig", { name: "Email", table: on });
  assert.equal((await client.call("netApp.sendTestMail")).json.result, true);
});

Deno.test("the door of a door station opens for as long as its table says", async () => {
  await using it = bench({ deviceClass: "VTO", channels: 1 });
  const client = await it.open();
  const object = (await client.call("accessControl.factory.instance")).json.result;
  const status = async () =>
    (await client.ask("accessControl.getDoorStatus", null, { object })).Info;
  assert.deepEqual(await status(), { status: "Close" });
  const open = { DoorIndex: 0, ShortNumber: "8001" };
  assert.equal((await client.call("accessControl.openDoor", open, { object })).json.result, true);
  await it.clock.advance(1999);
  assert.deepEqual(await status(), { status: "Open" });
  await it.clock.advance(1);
  assert.deepEqual(await status(), { status: "Close" });
  const second = { DoorIndex: 1 };
  assert.equal(await client.refusal("accessControl.openDoor", second, { object }), 268894211);
  const cgi = async (query: string) => {
    using http = RawHttp.open(it);
    return (await authorised(http, `/cgi-bin/accessControl.cgi?action=${query}`)).text;
  };
  assert.equal(await cgi("openDoor&UserID=101&Type=Remote&channel=1"), "OK\r\n");
  assert.equal(await cgi("getDoorStatus&channel=1"), "Info.status=Open\r\n");
  assert.match(await cgi("openDoor&UserID=101&Type=Remote&channel=2"), /^Error/);
});

Deno.test("who opened the door can be found by time", async () => {
  await using it = bench({ deviceClass: "VTO", channels: 1 });
  const client = await it.open();
  const door = (await client.call("accessControl.factory.instance")).json.result;
  for (const ShortNumber of ["8001", "8002", "8003"]) {
    await client.call("accessControl.openDoor", { ShortNumber }, { object: door });
    await it.clock.advance(60_000);
  }
  const object = (await client.call("RecordFinder.factory.create", {
    name: "AccessControlCardRec",
  })).json.result;
  const ask = (method: string, params: unknown = null) =>
    client.ask(`RecordFinder.${method}`, params, { object });
  assert.equal(await client.refusal("RecordFinder.doFind", { count: 1 }, { object }), 268959743);
  await ask("startFind", { condition: {} });
  assert.deepEqual(await ask("getQuerySize"), { count: 3 });
  const { found, records } = await ask("doFind", { count: 2 });
  assert.equal(found, 2);
  assert.deepEqual((records as { UserID: string }[]).map(({ UserID }) => UserID), ["8001", "8002"]);
  assert.equal((await ask("doFind", { count: 2 })).found, 1);
  const CreateTime = ["<=>", "2026-01-02 01:00:30", "2026-01-02 01:01:30"];
  await ask("startFind", { condition: { CreateTime } });
  assert.deepEqual(await ask("getQuerySize"), { count: 1 });
  await ask("stopFind");
  assert.equal(await client.refusal("RecordFinder.getQuerySize", null, { object }), 268959743);
});

Deno.test("a camera has no door", async () => {
  await using it = bench();
  const client = await it.open();
  assert.equal(await client.refusal("RecordFinder.factory.create"), 268894210);
  assert.equal(await client.refusal("accessControl.factory.instance"), 268894210);
  using http = RawHttp.open(it);
  const path = "/cgi-bin/accessControl.cgi?action=openDoor&UserID=101&Type=Remote&channel=1";
  assert.equal((await authorised(http, path)).status, 400);
});
