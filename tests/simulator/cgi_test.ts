import assert from "node:assert/strict";
import { authorised, RawHttp, type Reply } from "./_http.ts";
import { type Bench, bench } from "./_support.ts";

/** GET behind a Digest, on a connection of its own. */
async function cgi(it: Bench, path: string, user?: string): Promise<Reply> {
  using http = RawHttp.open(it);
  return await authorised(http, `/cgi-bin/${path}`, user === undefined ? {} : { user });
}

const config = (it: Bench, query: string, user?: string) =>
  cgi(it, `configManager.cgi?action=${query}`, user);

Deno.test("magicBox.cgi tells what the device is", async () => {
  await using it = bench({ name: "Вход" });
  const ask = async (action: string) => (await cgi(it, `magicBox.cgi?action=${action}`)).text;
  assert.match(await ask("getSystemInfo"), /^deviceType=IPC-HFW5442E-ZE\r$/m);
  assert.equal(await ask("getSerialNo"), `sn=${it.device.serial}\r\n`);
  assert.equal(await ask("getDeviceType"), "type=IPC-HFW5442E-ZE\r\n");
  assert.match(await ask("getSoftwareVersion"), /^version=[\d.R]+,build:\d{4}-\d\d-\d\d\r\n$/);
  assert.equal(await ask("getMachineName"), "name=Вход\r\n");
  assert.equal(await ask("getVendor"), "vendor=Dahua\r\n");
  const time = "global.cgi?action=getCurrentTime";
  assert.equal((await cgi(it, time)).text, "result=2026-01-02 01:00:00\r\n");
  const set = "global.cgi?action=setCurrentTime&time=2027-3-4%205:06:7";
  assert.equal((await cgi(it, set)).text, "OK\r\n");
  assert.equal((await cgi(it, time)).text, "result=2027-03-04 05:06:07\r\n");
  assert.equal((await cgi(it, "global.cgi?action=setCurrentTime&time=x")).status, 400);
});

Deno.test("everything below /cgi-bin is behind the challenge", async () => {
  await using it = bench();
  using http = RawHttp.open(it);
  for (const path of ["x", "magicBox.cgi", "magicBox.cgi?action=reboot", "no.cgi?action=x"]) {
    assert.equal((await http.get(`/cgi-bin/${path}`)).status, 401, path);
  }
  assert.equal((await cgi(it, "no.cgi?action=x")).status, 404);
  for (const query of ["", "?action=toString", "?action=getVendors", "?a=b&&=&%zz"]) {
    const reply = await cgi(it, `magicBox.cgi${query}`);
    assert.equal(reply.status, 400);
    assert.equal(reply.text, "Error\r\nBad Request!\r\n");
  }
  assert.equal(it.device.stats().calls["(unknown)"], 4);
});

Deno.test("a table comes as lines, nested as it is", async () => {
  await using it = bench({ channels: 3 });
  const { text } = await config(it, "getConfig&name=Encode");
  assert.match(text, /^table\.Encode\[2\]\.MainFormat\[0\]\.Video\.FPS=25\r$/m);
  assert.match(text, /^table\.Encode\[0\]\.ExtraFormat\[1\]\.VideoEnable=false\r$/m);
  const titles = (await config(it, "getConfig&name=ChannelTitle")).text;
  assert.equal(titles.split("\r\n").length, 4);
  assert.match(titles, /^table\.ChannelTitle\[0\]\.Name=Channel 1\r\n/);
  const rule = (await config(it, "getConfig&name=VideoAnalyseRule")).text;
  assert.match(rule, /\[0\]\[0\]\.Config\.DetectLine\[1\]\[0\]=7168\.5\r\n/);
  assert.match(rule, /\[1\]\[1\]\.Name=区域入侵 "2"/);
  const all = (await config(it, "getConfig&name=All")).text;
  assert(all.includes(text) && all.includes(titles));
});

Deno.test("settings are written by key, each in the type it had", async () => {
  await using it = bench();
  const client = await it.open();
  const keys = [
    "Encode[0].MainFormat[0].Video.FPS=15",
    "Encode[0].MainFormat[0].VideoEnable=false",
    "ChannelTitle[1].Name=Tor%20%C3%9C%2F%26%3D",
    "Email.Receivers[0]=a@example.org",
    "Email.Receivers[1]=b@example.org",
    "RemoteDevice.uuid:System_CONFIG_NETCAMERA_INFO_0.Port=37778",
    "WLan.eth2.Keys[1]=",
  ];
  assert.equal((await config(it, `setConfig&${keys.join("&")}`)).text, "OK\r\n");
  const get = async (name: string) =>
    (await client.ask("configManager.getConfig", { name })).table as never;
  const [encode] = await get("Encode") as {
    MainFormat: { Video: { FPS: number }; VideoEnable: boolean }[];
  }[];
  assert.equal(encode!.MainFormat[0]!.Video.FPS, 15);
  assert.equal(encode!.MainFormat[0]!.VideoEnable, false);
  assert.equal((await get("ChannelTitle") as { Name: string }[])[1]!.Name, "Tor Ü/&=");
  const { Receivers } = await get("Email") as { Receivers: string[] };
  assert.deepEqual(Receivers, ["a@example.org", "b@example.org"]);
});

Deno.test("a refused setting is 200 with Error, and changes nothing", async () => {
  await using it = bench();
  const good = "ChannelTitle[0].Name=changed";
  const bad = [
    "Encode[0].MainFormat[0].Video.FPS=61",
    "Encode[0].MainFormat[0].Video.FPS=fast",
    "Encode[0].MainFormat[0].Video=1",
    "Encode[9].MainFormat[0].Video.FPS=5",
    "Encode[0].MainFormat[0].Video.NoSuch=5",
    "Encode[0].MainFormat[0].VideoEnable=yes",
    "NoSuch.X=1",
    "table.Encode[0].MainFormat[0].Video.FPS=5",
    "Encode[0].MainFormat[0].Video.toString=5",
    "Encode[0]..x=1",
    "Encode=1",
    "=1",
  ];
  for (const key of bad) {
    const reply = await config(it, `setConfig&${good}&${key}`);
    assert.equal(reply.status, 200, key);
    assert.match(reply.text, /^Error\r\n/, key);
  }
  const titles = (await config(it, "getConfig&name=ChannelTitle")).text;
  assert.match(titles, /^table\.ChannelTitle\[0\]\.Name=Channel 1\r/);
  assert.equal((await config(it, "setConfig")).status, 400);
});

Deno.test("an absent table is answered as the firmware at hand does", async () => {
  for (const cgiMissingTable of [200, 400, 404, 501] as const) {
    await using it = bench({ cgiMissingTable });
    const reply = await config(it, "getConfig&name=NoSuch");
    assert.equal(reply.status, cgiMissingTable);
    assert.equal(reply.text, cgiMissingTable === 200 ? "" : "Error\r\nBad Request!\r\n");
  }
});

Deno.test("users may read and not write", async () => {
  await using it = bench({ users: [{ name: "guest", password: "admin54321", group: "user" }] });
  assert.equal((await config(it, "getConfig&name=NTP", "guest")).status, 200);
  for (
    const path of ["configManager.cgi?action=setConfig&NTP.Port=1", "magicBox.cgi?action=reboot"]
  ) {
    const reply = await cgi(it, path, "guest");
    assert.equal(reply.status, 403);
    assert.equal(reply.text, "Error\r\nAuthority:check failure.\r\n");
  }
  const [line] = (await config(it, "getConfig&name=NTP")).text.match(/^table\.NTP\.Port=.*$/m)!;
  assert.equal(line, "table.NTP.Port=123");
});

Deno.test("a reboot is answered before the device goes", async () => {
  await using it = bench({ bootTime: 1000 });
  const reply = await cgi(it, "magicBox.cgi?action=reboot");
  assert.equal(reply.text, "OK\r\n");
  assert.equal(it.device.stats().openConnections, 0);
  await it.clock.advance(1000);
  assert.equal((await cgi(it, "magicBox.cgi?action=getVendor")).status, 200);
});
