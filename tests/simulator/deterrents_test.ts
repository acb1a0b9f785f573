import assert from "node:assert/strict";
import { authorised, RawHttp } from "./_http.ts";
import { bench } from "./_support.ts";

Deno.test("light and siren are switched, alone and together, each channel by itself", async () => {
  await using it = bench();
  const client = await it.open();
  const status = async (channel: number) =>
    (await client.ask("CoaxialControlIO.getStatus", { channel })).status;
  const control = (info: unknown, channel = 0) =>
    client.call("CoaxialControlIO.control", { channel, info });
  assert.deepEqual(await client.ask("CoaxialControlIO.getCaps", { channel: 0 }), {
    caps: { SupportControlFullcolorLight: 0, SupportControlLight: 1, SupportControlSpeaker: 1 },
  });
  assert.deepEqual(await status(0), { Speaker: "Off", WhiteLight: "Off" });
  await control([{ Type: 1, IO: 1, TriggerMode: 2 }]);
  assert.deepEqual(await status(0), { Speaker: "Off", WhiteLight: "On" });
  assert.deepEqual(await status(1), { Speaker: "Off", WhiteLight: "Off" });
  await control([{ Type: 1, IO: 2 }, { Type: 2, IO: 1 }]);
  assert.deepEqual(await status(0), { Speaker: "On", WhiteLight: "Off" });
  const bad = [undefined, [], [{ Type: 3, IO: 1 }], [{ Type: 1, IO: 1 }, { Type: 1, IO: 0 }]];
  for (const info of bad) assert.equal((await control(info)).json.result, false);
  assert.equal((await control([{ Type: 1, IO: 1 }], 2)).json.result, false);
  assert.deepEqual(await status(0), { Speaker: "On", WhiteLight: "Off" });
  await it.device.restart();
  const later = await it.open();
  assert.deepEqual((await later.ask("CoaxialControlIO.getStatus", { channel: 0 })).status, {
    Speaker: "Off",
    WhiteLight: "Off",
  });
});

Deno.test("coaxialControlIO.cgi counts channels from 1", async () => {
  await using it = bench({ users: [{ name: "guest", password: "admin54321", group: "user" }] });
  const cgi = async (query: string, user = "admin") => {
    using http = RawHttp.open(it);
    return await authorised(http, `/cgi-bin/coaxialControlIO.cgi?action=${query}`, { user });
  };
  const on = "control&channel=2&info[0].Type=1&info[0].IO=1&info[0].TriggerMode=2" +
    "&info[1].Type=2&info[1].IO=1";
  assert.equal((await cgi(on)).text, "OK\r\n");
  assert.equal(
    (await cgi("getStatus&channel=2")).text,
    "status.status.Speaker=On\r\nstatus.status.WhiteLight=On\r\n",
  );
  assert.match((await cgi("getStatus&channel=1")).text, /Speaker=Off/);
  assert.match((await cgi("getCaps&channel=1")).text, /^caps\.SupportControlLight=1\r$/m);
  assert.equal((await cgi("control&channel=2&info[0].Type=1&info[0].IO=9")).status, 400);
  assert.equal((await cgi("control&channel=3&info[0].Type=1&info[0].IO=1")).status, 400);
  assert.equal((await cgi(on, "guest")).status, 403);
});
