import assert from "node:assert/strict";
import { authorised, RawHttp } from "./_http.ts";
import { type Bench, bench } from "./_support.ts";

async function cgi(it: Bench, path: string) {
  using http = RawHttp.open(it);
  return await authorised(http, `/cgi-bin/${path}`);
}

Deno.test("tables have an entry for each channel", async () => {
  await using it = bench({ channels: 5 });
  const client = await it.open();
  const names = ["ChannelTitle", "VideoWidget", "VideoInOptions", "Lighting_V2", "Encode"];
  for (const name of [...names, "RecordMode", "LeLensMask", "MotionDetect"]) {
    const { table } = await client.ask("configManager.getConfig", { name });
    assert.equal((table as unknown[]).length, 5, name);
  }
  const { table } = await client.ask("configManager.getConfig", { name: "StorageGroup" });
  assert.equal((table as { Name: string }[])[0]!.Name, "ReadWrite");
});

Deno.test("a recorder tells of the cameras behind its channels", async () => {
  await using it = bench({ deviceClass: "NVR", channels: 3, offlineChannels: [2] });
  const client = await it.open();
  assert.deepEqual(await client.ask("magicBox.getDeviceClass"), { type: "NVR" });
  assert.deepEqual(await client.ask("magicBox.getDeviceType"), { type: "NVR5232-EI" });
  const definition = await client.ask("magicBox.getProductDefinition", {
    name: "MaxRemoteInputChannels",
  });
  assert.deepEqual(definition, { definition: 3 });
  const { camera } = await client.ask("LogicDeviceManager.getCameraAll") as {
    camera: { UniqueChannel: number; Type: string; DeviceInfo: Record<string, string> }[];
  };
  assert.deepEqual(camera.map(({ UniqueChannel }) => UniqueChannel), [0, 1, 2]);
  assert.deepEqual(camera.map(({ DeviceInfo }) => DeviceInfo.Address), [
    "192.0.2.101",
    "192.0.2.102",
    "192.0.2.103",
  ]);
  assert.equal(new Set(camera.map(({ DeviceInfo }) => DeviceInfo.SerialNo)).size, 3);
  assert.doesNotMatch(JSON.stringify(camera), /secret/);
  const states = async (uniqueChannels: number[]) =>
    (await client.ask("LogicDeviceManager.getCameraState", { uniqueChannels })).states;
  assert.deepEqual(await states([-1]), [
    { channel: 0, connectionState: "Connected" },
    { channel: 1, connectionState: "Unconnect" },
    { channel: 2, connectionState: "Connected" },
  ]);
  assert.deepEqual(await states([2]), [{ channel: 2, connectionState: "Connected" }]);
  const refused = { uniqueChannels: [3] };
  assert.equal(await client.refusal("LogicDeviceManager.getCameraState", refused), 268959743);
  const { table } = await client.ask("configManager.getConfig", { name: "RemoteDevice" });
  assert.deepEqual(
    Object.values(table as Record<string, { Address: string }>).map(({ Address }) => Address),
    ["192.0.2.101", "192.0.2.102", "192.0.2.103"],
  );
  const text = (await cgi(it, "LogicDeviceManager.cgi?action=getCameraState")).text;
  assert.match(text, /^states\[1\]\.connectionState=Unconnect\r$/m);
  const all = (await cgi(it, "LogicDeviceManager.cgi?action=getCameraAll")).text;
  assert.match(all, /^camera\[2\]\.DeviceInfo\.Address=192\.0\.2\.103\r$/m);
  const product = "magicBox.cgi?action=getProductDefinition&name=MaxRemoteInputChannels";
  assert.equal((await cgi(it, product)).text, "table.MaxRemoteInputChannels=3\r\n");
  assert.equal((await cgi(it, "magicBox.cgi?action=getDeviceClass")).text, "class=NVR\r\n");
});

Deno.test("a camera has no cameras behind it", async () => {
  await using it = bench();
  const client = await it.open();
  assert.equal(await client.refusal("LogicDeviceManager.getCameraAll"), 268894210);
  const { service } = await client.ask("system.listService") as { service: string[] };
  assert(!service.includes("LogicDeviceManager"));
  assert.equal((await cgi(it, "LogicDeviceManager.cgi?action=getCameraAll")).status, 400);
});

Deno.test("class and type follow from each other", async () => {
  for (
    const [options, type, deviceClass] of [
      [{ type: "VTO2311R" }, "VTO2311R", "VTO"],
      [{ deviceClass: "VTO" }, "VTO2311R-WP", "VTO"],
      [{ type: "DH-XYZ" }, "DH-XYZ", "IPC"],
      [{ type: "DH-XYZ", deviceClass: "NVR" }, "DH-XYZ", "NVR"],
      [{}, "IPC-HFW5442E-ZE", "IPC"],
    ] as const
  ) {
    await using it = bench(options);
    const client = await it.open();
    assert.deepEqual(await client.ask("magicBox.getDeviceType"), { type });
    assert.deepEqual(await client.ask("magicBox.getDeviceClass"), { type: deviceClass });
  }
  assert.throws(() => bench({ deviceClass: "TV" as never }), RangeError);
  assert.throws(() => bench({ offlineChannels: [0] }), RangeError);
});

Deno.test("focus and zoom are driven as parts of their way", async () => {
  await using it = bench({ channels: 3 });
  const client = await it.open();
  const { json } = await client.call("devVideoInput.factory.getCollect");
  assert.equal(json.result, 3);
  assert.equal(await client.refusal("devVideoInput.getCaps", { channel: 0 }), 268894209);
  const { result: object } = (await client.call("devVideoInput.factory.instance", {
    channel: 1,
  })).json;
  const { caps } = await client.ask("devVideoInput.getCaps", null, { object });
  assert.equal((caps as Record<string, unknown>).ElectricFocus, true);
  const status = async () =>
    (await client.ask("devVideoInput.getFocusStatus", null, { object })).status as Record<
      string,
      unknown
    >;
  await client.call("devVideoInput.adjustFocus", { focus: 0.25, zoom: 0.5 }, { object });
  assert.equal((await status()).Status, "Autofocus");
  await it.clock.advance(10_000);
  const { Focus, Zoom, Status } = await status();
  assert.deepEqual([Focus, Zoom, Status], [0.25, 0.5, "Normal"]);
  for (const params of [{ focus: 2 }, { zoom: "x" }]) {
    assert.equal(await client.refusal("devVideoInput.adjustFocus", params, { object }), 268894211);
  }
  await client.call("devVideoInput.autoFocus", null, { object });
  await it.clock.advance(10_000);
  assert.equal((await status()).Focus, 0.5);
});

Deno.test("devVideoInput.cgi counts channels from 1", async () => {
  await using it = bench();
  const ask = (query: string) => cgi(it, `devVideoInput.cgi?action=${query}`);
  assert.equal((await ask("getCollect")).text, "result=2\r\n");
  assert.match((await ask("getCaps&channel=1")).text, /^caps\.ElectricFocus=true\r$/m);
  assert.equal((await ask("getCaps&channel=0")).status, 400);
  assert.equal((await ask("adjustFocus&channel=2&focus=0.75&zoom=-1")).text, "OK\r\n");
  await it.clock.advance(10_000);
  assert.match((await ask("getFocusStatus&channel=2")).text, /^status\.Focus=0\.75\r$/m);
  assert.equal((await ask("adjustFocus&channel=2&focus=1.5")).status, 400);
  assert.equal((await ask("autoFocus&channel=2")).text, "OK\r\n");
});
