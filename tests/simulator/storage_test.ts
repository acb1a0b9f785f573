import assert from "node:assert/strict";
import { authorised, RawHttp } from "./_http.ts";
import { type Bench, bench } from "./_support.ts";

async function cgi(it: Bench, path: string) {
  using http = RawHttp.open(it);
  return await authorised(http, `/cgi-bin/${path}`);
}

interface Device {
  Name: string;
  State: string;
  Detail: { Path: string; TotalBytes: number; UsedBytes: number; IsError: boolean }[];
}

Deno.test("the card is as full as its recordings are long", async () => {
  const recordings = [
    { start: "2026-01-01 10:00:00", end: "2026-01-01 11:00:00", length: 5_000_000 },
    { start: "2026-01-01 10:00:00", channel: 2, type: "jpg", length: 300_000 },
  ] as const;
  await using it = bench({ recordings });
  const client = await it.open();
  const { info } = await client.ask("storage.getDeviceAllInfo") as { info: Device[] };
  assert.deepEqual([info[0]!.Name, info[0]!.State], ["/dev/mmc0", "Success"]);
  assert.equal(info[0]!.Detail[0]!.UsedBytes, 5_300_000);
  assert.deepEqual(await client.ask("storage.getDeviceNames"), { list: ["/dev/mmc0"] });
  const instance = async (name: string) =>
    (await client.call("devStorage.factory.instance", { name })).json.result;
  const object = await instance("/dev/mmc0");
  const { device } = await client.ask("devStorage.getDeviceInfo", null, { object });
  assert.deepEqual(device, info[0]);
  const wrong = { object: await instance("/dev/sdz") };
  assert.equal(await client.refusal("devStorage.getDeviceInfo", null, wrong), 268959743);
  assert.equal(await client.refusal("devStorage.getDeviceInfo"), 268894209);
  const { text } = await cgi(it, "storageDevice.cgi?action=getDeviceAllInfo");
  assert.match(text, /^list\.info\[0\]\.Detail\[0\]\.UsedBytes=5300000\r$/m);
});

Deno.test("recorders have disks; some firmware answers with a bare list; a device may have none", async () => {
  await using recorder = bench({ deviceClass: "NVR", quirks: { storageIn: "list" } });
  const list = await (await recorder.open()).ask("storage.getDeviceAllInfo") as unknown as Device[];
  assert.equal(list[0]!.Name, "/dev/sda");
  assert(list[0]!.Detail[0]!.UsedBytes > 1_000_000_000);
  await using bare = bench({ sdCard: false });
  const client = await bare.open();
  assert.deepEqual(await client.ask("storage.getDeviceAllInfo"), { info: null });
  assert.deepEqual(await client.ask("storage.getDeviceNames"), { list: [] });
  assert.deepEqual(await client.ask("recordManager.getState", { channel: 0 }), { state: false });
  assert.equal(await client.refusal("recordManager.start"), 268959743);
  assert.equal((await cgi(bare, "storageDevice.cgi?action=getDeviceAllInfo")).status, 400);
});

Deno.test("recording is switched by channel or for all, and stands in its table", async () => {
  await using it = bench({ users: [{ name: "guest", password: "g", group: "user" }] });
  const client = await it.open();
  const states = async () => {
    const all = [];
    for (const channel of [0, 1]) {
      all.push((await client.ask("recordManager.getState", { channel })).state);
    }
    return all;
  };
  assert.deepEqual(await states(), [true, true]);
  await client.ask("recordManager.stopChannel", { channel: 1 });
  assert.deepEqual(await states(), [true, false]);
  const { table } = await client.ask("configManager.getConfig", { name: "RecordMode" });
  assert.deepEqual((table as { Mode: number }[]).map(({ Mode }) => Mode), [0, 2]);
  const text = async (channel: number) =>
    (await cgi(it, `recordManager.cgi?action=getState&channel=${channel}`)).text;
  assert.deepEqual([await text(1), await text(2)], ["state=true\r\n", "state=false\r\n"]);
  await client.ask("recordManager.startChannel", { channel: 1 });
  assert.deepEqual(await states(), [true, true]);
  await client.ask("recordManager.stop");
  assert.deepEqual(await states(), [false, false]);
  await client.ask("recordManager.start");
  assert.deepEqual(await states(), [true, true]);
  assert.equal(await client.refusal("recordManager.getState", { channel: 2 }), 268959743);
  const guest = await it.open("guest", "g");
  assert.equal(await guest.refusal("recordManager.stop"), 285278249);
  assert.equal(typeof (await client.ask("recordManager.getCaps")).caps, "object");
});
