import assert from "node:assert/strict";
import { DahuaCamera } from "../../lib/camera/mod.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { Simulator } from "../../lib/simulator/mod.ts";
import { NO_PERMISSION, scriptedCamera, tablesScript } from "../support/scripted_camera.ts";

const drawn = (EncodeBlend: boolean, Rect: unknown, more: object = {}) => ({
  EncodeBlend,
  PreviewBlend: false,
  Rect,
  FrontColor: [255, 255, 255, 0],
  ...more,
});

const widget = () => ({
  ChannelTitle: drawn(true, [0, 7936, 1000, 8191]),
  TimeTitle: drawn(true, [6000, 0, 8191, 255], { ShowWeek: true }),
  CustomTitle: [
    drawn(false, [0, 0, 0, 0], { Text: "" }),
    drawn(true, [100, 200, 300, 260], { Text: "a|b" }),
  ],
  Covers: [drawn(false, [0, 0, 0, 0]), drawn(true, [0, 0, 4095, 8191])],
  FontSize: 32,
});

const tablesOf = () => ({
  ChannelTitle: [{ Name: "Gate", SerialNo: "1" }, { Name: "" }],
  VideoWidget: [widget(), widget()],
});

const rect = (left: number, top: number, right: number, bottom: number) => ({
  left,
  top,
  right,
  bottom,
});

Deno.test("titles, time, texts and covers are read with their places", async () => {
  await using scripted = await scriptedCamera(tablesScript(tablesOf()));
  const { overlay } = scripted.camera;
  assert.deepEqual(await overlay.titles(), ["Gate", null]);
  assert.deepEqual(await overlay.read(1), {
    channel: 1,
    title: { visible: true, rect: rect(0, 7936, 1000, 8191), text: "Gate" },
    time: { visible: true, rect: rect(6000, 0, 8191, 255), weekday: true },
    texts: [
      { number: 1, visible: false, rect: rect(0, 0, 0, 0), text: null },
      { number: 2, visible: true, rect: rect(100, 200, 300, 260), text: "a|b" },
    ],
    covers: [
      { number: 1, visible: false, rect: rect(0, 0, 0, 0) },
      { number: 2, visible: true, rect: rect(0, 0, 4095, 8191) },
    ],
  });
});

Deno.test("what a device does not have or spells oddly is null or empty", async () => {
  const tables = {
    ChannelTitle: { Name: "Only" },
    VideoWidget: {
      ChannelTitle: { EncodeBlend: 1, Rect: [0, 0, 5] },
      CustomTitle: "x",
      Covers: [5],
    },
  };
  await using scripted = await scriptedCamera(tablesScript(tables));
  assert.deepEqual(await scripted.camera.overlay.read(1), {
    channel: 1,
    title: { visible: null, rect: null, text: "Only" },
    time: null,
    texts: [],
    covers: [{ number: 1, visible: null, rect: null }],
  });
});

Deno.test("a change touches its places only, and is verified", async () => {
  const tables = tablesOf();
  await using scripted = await scriptedCamera(tablesScript(tables));
  const change = await scripted.camera.overlay.plan(2, {
    title: { text: "Yard", position: { left: 500, top: 8000 } },
    time: { weekday: false },
    texts: [{ number: 1, text: "North", visible: true, rect: rect(1, 2, 3, 4) }],
    covers: [{ number: 2, visible: false }],
  });
  assert.deepEqual(change.differences, [
    { path: "ChannelTitle[1].Name", before: "", after: "Yard" },
    { path: "VideoWidget[1].ChannelTitle.Rect[0]", before: 0, after: 500 },
    { path: "VideoWidget[1].ChannelTitle.Rect[1]", before: 7936, after: 8000 },
    { path: "VideoWidget[1].ChannelTitle.Rect[2]", before: 1000, after: 1500 },
    { path: "VideoWidget[1].TimeTitle.ShowWeek", before: true, after: false },
    { path: "VideoWidget[1].CustomTitle[0].EncodeBlend", before: false, after: true },
    { path: "VideoWidget[1].CustomTitle[0].Rect[0]", before: 0, after: 1 },
    { path: "VideoWidget[1].CustomTitle[0].Rect[1]", before: 0, after: 2 },
    { path: "VideoWidget[1].CustomTitle[0].Rect[2]", before: 0, after: 3 },
    { path: "VideoWidget[1].CustomTitle[0].Rect[3]", before: 0, after: 4 },
    { path: "VideoWidget[1].CustomTitle[0].Text", before: "", after: "North" },
    { path: "VideoWidget[1].Covers[1].EncodeBlend", before: true, after: false },
  ]);
  assert.equal(scripted.device.count("configManager.setConfig"), 0);
  assert.deepEqual((await change.apply()).notHeld, []);
  assert.equal(scripted.device.count("configManager.setConfig"), 2);
  const before = tablesOf();
  assert.deepEqual(tables.ChannelTitle, [before.ChannelTitle[0], { Name: "Yard" }]);
  assert.deepEqual(tables.VideoWidget[0], before.VideoWidget[0]);
  assert.equal(tables.VideoWidget[1]!.FontSize, 32);
});

Deno.test("a device without the list around its one channel keeps its form", async () => {
  const tables: Record<string, unknown> = { ChannelTitle: { Name: "Only" } };
  await using scripted = await scriptedCamera(tablesScript(tables));
  const { overlay } = scripted.camera;
  await (await overlay.plan(1, { title: { text: "New" } })).apply();
  assert.deepEqual(tables.ChannelTitle, { Name: "New" });
  await assert.rejects(overlay.plan(2, { title: { text: "New" } }), /device has channel 1 only/);
});

Deno.test("nothing is padded: what the device lacks is an error before anything is written", async () => {
  await using scripted = await scriptedCamera(tablesScript(tablesOf()));
  const { overlay } = scripted.camera;
  const cases: [number, Parameters<typeof overlay.plan>[1], RegExp][] = [
    [3, { title: { text: "x" } }, /no channel 3; the device has channels 1 to 2/],
    [3, { time: { visible: true } }, /no channel 3/],
    [0, { title: { text: "x" } }, /channels count from 1/],
    [1, { texts: [{ number: 3, text: "x" }] }, /no text 3; the channel has texts 1 to 2/],
    [1, { covers: [{ number: 0, visible: true }] }, /no cover 0; the channel has covers 1 to 2/],
    // A title that could be written beside it is not.
    [1, { title: { text: "x" }, covers: [{ number: 9, visible: true }] }, /no cover 9/],
    [1, { time: { rect: rect(0, 0, 8192, 0) } }, /within 0\.\.8191/],
    [1, { time: { rect: rect(5, 0, 4, 0) } }, /Not a place/],
    [1, { time: { position: { left: 1.5, top: 0 } } }, /Not a place/],
    [1, { covers: [{ number: 1, rect: rect(5, 0, 5, 9) }] }, /covers nothing/],
  ];
  for (const [channel, change, message] of cases) {
    await assert.rejects(overlay.plan(channel, change), (error) => {
      assert.ok(error instanceof RangeError);
      assert.match(error.message, message);
      return true;
    });
  }
  await assert.rejects(overlay.read(3), RangeError);
  assert.equal(scripted.device.count("configManager.setConfig"), 0);
});

Deno.test("an item that moves to the edge keeps within the picture", async () => {
  await using scripted = await scriptedCamera(tablesScript(tablesOf()));
  const { overlay } = scripted.camera;
  const { differences } = await overlay.plan(1, { time: { position: { left: 8000, top: 0 } } });
  assert.deepEqual(differences, [
    { path: "VideoWidget[0].TimeTitle.Rect[0]", before: 6000, after: 8000 },
  ]);
  assert.deepEqual((await overlay.plan(1, { time: { visible: true } })).differences, []);
  assert.deepEqual((await overlay.plan(1, {})).differences, []);
});

Deno.test("devices that draw nothing, refuse, or do not keep a change", async () => {
  await using none = await scriptedCamera(tablesScript({}));
  await assert.rejects(none.camera.overlay.titles(), { code: "DHIP_NOT_SUPPORTED" });
  await assert.rejects(none.camera.overlay.read(1), { code: "DHIP_NOT_SUPPORTED" });
  await using refused = await scriptedCamera(() => ({ result: false, error: { code: 403 } }));
  await assert.rejects(refused.camera.overlay.titles(), { code: "DHIP_NO_PERMISSION" });
  const tables = tablesOf();
  await using stubborn = await scriptedCamera((asked, device) =>
    asked.method === "configManager.setConfig"
      ? { result: true }
      : tablesScript(tables)(asked, device)
  );
  const change = await stubborn.camera.overlay.plan(1, { title: { text: "New" } });
  assert.deepEqual((await change.apply()).notHeld, [
    { path: "ChannelTitle[0].Name", before: "New", after: "Gate" },
  ]);
  await using readOnly = await scriptedCamera((asked, device) =>
    asked.method === "configManager.setConfig" ? NO_PERMISSION : tablesScript(tables)(asked, device)
  );
  const other = await readOnly.camera.overlay.plan(1, { title: { text: "New" } });
  await assert.rejects(other.apply(), { deviceCode: 285278249 });
});

Deno.test("a simulated camera keeps a new title", async () => {
  const host = "127.77.24.1";
  await using simulator = await Simulator.start({ host, password: "x" });
  const guard = new MemoryLoginGuard();
  const options = { password: "x", port: simulator.dhipPort, guard };
  await using camera = await DahuaCamera.connect(host, options);
  const change = await camera.overlay.plan(2, { title: { text: "Ворота" } });
  assert.deepEqual((await change.apply()).notHeld, []);
  assert.equal((await camera.overlay.titles())[1], "Ворота");
});
