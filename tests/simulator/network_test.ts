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
  assert.equal(await client.refusal("netApp.scanWLanDevices", { Name: "eth2" }), 268959743);
  const conflict = (Address: string) => client.call("netApp.checkIPConflict", { Address });
  assert.equal((await conflict("192.0.2.102")).json.result, false);
  assert.equal((await conflict("192.0.2.200")).json.result, true);
  it.device.meet(["127.0.0.1", "127.0.0.2"]);
  assert.equal((await conflict("127.0.0.2")).json.result, false);
  assert.equal((await conflict("127.0.0.1")).json.result, true); // its own
  assert.equal(await client.refusal("netApp.checkIPConflict"), 268894211);
  const elsewhere = { Address: "192.0.2.200", Interface: "eth9" };
  assert.equal(await client.refusal("netApp.checkIPConflict", elsewhere), 268894211);
  assert.equal(await client.refusal("netApp.sendTestMail"), 268959743);
  const { table: email } = await client.ask("configManager.getConfig", { name: "Email" });
  const on = { ...email as object, Enable: true, Receivers: ["a@example.org"] };
  await client.ask("configManager.setConfig", { name: "Email", table: on });
  assert.equal(it.device.stats().mails, 0);
  assert.equal((await client.call("netApp.sendTestMail")).json.result, true);
  assert.equal(it.device.stats().mails, 1);
});

Deno.test("a device with a radio hears networks, and is in the configured one", async () => {
  await using it = bench({ type: "IPC-HFW1435S-W" });
  const client = await it.open();
  const radio = async () => {
    const { netInterface } = await client.ask("netApp.getNetInterfaces") as {
      netInterface: Record<string, unknown>[];
    };
    return netInterface.find(({ Type }) => Type === "Wireless")!;
  };
  const scan = async (SSID: string) => {
    const { wlanDevice } = await client.ask("netApp.scanWLanDevices", { Name: "eth2", SSID });
    return wlanDevice as Record<string, unknown>[];
  };
  assert.deepEqual([(await radio()).Name, (await radio()).ConnStatus], ["eth2", "Disconn"]);
  assert.deepEqual((await scan("")).map(({ ApConnected }) => ApConnected), [false, false]);
  assert.deepEqual((await scan("Nachbar")).map(({ SSID }) => SSID), ["Nachbar"]);
  const { table } = await client.ask("configManager.getConfig", { name: "WLan" });
  const { eth2 } = table as { eth2: { SSID: string } };
  await client.ask("configManager.setConfig", {
    name: "WLan",
    table: { eth2: { ...eth2, ConnectEnable: true } },
  });
  assert.equal((await radio()).ApSSID, eth2.SSID);
  assert.deepEqual((await scan("")).map(({ ApConnected }) => ApConnected), [true, false]);
  assert.equal(await client.refusal("netApp.scanWLanDevices", { Name: "eth0" }), 268959743);
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
