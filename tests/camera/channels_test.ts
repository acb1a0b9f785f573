import assert from "node:assert/strict";
import { DahuaCamera, findChannel } from "../../lib/camera/mod.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { Simulator } from "../../lib/simulator/mod.ts";
import type { Script } from "../support/scripted_device.ts";
import {
  NO_PERMISSION,
  NOT_FOUND,
  scriptedCamera,
  tablesScript,
} from "../support/scripted_camera.ts";

const video = (Compression: string, Width: number, Height: number, FPS = 25, BitRate = 2048) => ({
  Video: { Compression, Width, Height, FPS, BitRate },
  VideoEnable: true,
});

const ENCODE = {
  MainFormat: [video("H.265", 2688, 1520), video("H.265", 1, 1), video("H.265", 1, 1)],
  ExtraFormat: [video("H.264", 704, 576, 15, 512), {
    ...video("H.264", 352, 288),
    VideoEnable: false,
  }],
};

const TYPE: Script = ({ method }) =>
  method === "magicBox.getDeviceType" ? { result: true, params: { type: "IPC-1" } } : NOT_FOUND;

Deno.test("a single camera: its own channel with title, model and streams", async () => {
  const tables = { ChannelTitle: [{ Name: "Gate" }], Encode: [ENCODE] };
  await using scripted = await scriptedCamera(tablesScript(tables, TYPE));
  const { channels, problems } = await scripted.camera.channels.list();
  assert.deepEqual(problems, []); // what cameras never have is no problem
  assert.deepEqual(channels, [{
    channel: 1,
    name: "Gate",
    source: "own",
    enabled: true,
    model: "IPC-1",
    address: "device.test",
    online: true,
    main: { enabled: true, codec: "H.265", width: 2688, height: 1520, fps: 25, bitrate: 2048 },
    sub: [
      { enabled: true, codec: "H.264", width: 704, height: 576, fps: 15, bitrate: 512 },
      { enabled: false, codec: "H.264", width: 352, height: 288, fps: 25, bitrate: 2048 },
    ],
  }]);
});

const REMOTE = {
  "uuid:System_CONFIG_NETCAMERA_INFO_0": {
    Enable: true,
    Address: "192.0.2.31",
    DeviceType: "IPC-A",
    Name: "SN31",
    VideoInputs: [{ Name: "Yard (camera)" }],
  },
  "uuid:System_CONFIG_NETCAMERA_INFO_2": {
    Enable: false,
    Address: "192.168.0.0",
    DeviceType: "old",
  },
};

Deno.test("a recorder: remote cameras, states and empty slots", async () => {
  const script: Script = (asked, device) => {
    if (asked.method === "LogicDeviceManager.getCameraState") {
      assert.deepEqual(asked.params, { uniqueChannels: [-1] });
      return {
        result: true,
        params: {
          states: [
            { channel: 0, connectionState: "Connected" },
            { channel: 1, connectionState: "Unconnect" },
            { channel: 2, connectionState: "Empty" },
          ],
        },
      };
    }
    if (asked.method === "LogicDeviceManager.getCameraAll") {
      return {
        result: true,
        params: {
          camera: [
            {
              UniqueChannel: 1,
              Enable: true,
              Type: "Remote",
              DeviceInfo: { Address: "192.0.2.32", DeviceType: "IPC-B", VideoInputs: [] },
            },
            { UniqueChannel: 0, Type: "Remote", DeviceInfo: {} },
            { UniqueChannel: 3, Enable: true, Type: "Local" },
            { UniqueChannel: -1, DeviceInfo: {} },
            { UniqueChannel: 1e9, DeviceInfo: {} },
            "damage",
          ],
        },
      };
    }
    return TYPE(asked, device);
  };
  const tables = {
    ChannelTitle: [{ Name: "Yard" }, { Name: "" }],
    RemoteDevice: REMOTE,
    Encode: [ENCODE, { MainFormat: { Video: { Compression: "H.264", resolution: "1280x720" } } }],
  };
  await using scripted = await scriptedCamera(tablesScript(tables, script));
  const { channels } = await scripted.camera.channels.list();
  const short = channels.map(({ channel, name, source, enabled, model, address, online }) => [
    channel,
    name,
    source,
    enabled,
    model,
    address,
    online,
  ]);
  assert.deepEqual(short, [
    [1, "Yard", "remote", true, "IPC-A", "192.0.2.31", true],
    [2, null, "remote", true, "IPC-B", "192.0.2.32", false],
    [3, null, "remote", false, null, null, null],
    [4, null, "own", true, null, "device.test", null],
  ]);
  assert.deepEqual([channels[1]!.main?.width, channels[1]!.main?.height], [1280, 720]);
  assert.deepEqual([channels[2]!.main, channels[2]!.sub], [null, []]);
});

Deno.test("the remote devices of what is no recorder do not count", async () => {
  const tables = { ChannelTitle: [{ Name: "Gate" }], RemoteDevice: REMOTE };
  await using scripted = await scriptedCamera(
    tablesScript(
      tables,
      (asked, device) =>
        asked.method === "magicBox.getDeviceClass"
          ? { result: true, params: { type: "IPC" } }
          : TYPE(asked, device),
    ),
  );
  const { channels } = await scripted.camera.channels.list();
  assert.deepEqual(channels.map(({ source, model }) => [source, model]), [["own", "IPC-1"]]);
});

Deno.test("a recorder of the simulator: cameras behind it, one of them lost", async () => {
  const host = "127.77.26.1";
  await using simulator = await Simulator.start({
    host,
    password: "x",
    deviceClass: "NVR",
    channels: 3,
    offlineChannels: [2],
  });
  await using camera = await DahuaCamera.connect(host, {
    password: "x",
    port: simulator.dhipPort,
    guard: new MemoryLoginGuard(),
  });
  const { channels } = await camera.channels.list();
  assert.deepEqual(channels.map(({ source, online }) => [source, online]), [
    ["remote", true],
    ["remote", false],
    ["remote", true],
  ]);
  assert.ok(channels.every(({ model, address }) => model !== null && address !== null));
  assert.equal(await camera.channels.find("channel 3"), 3);
});

Deno.test("a door station without tables still has its picture", async () => {
  await using scripted = await scriptedCamera(tablesScript({}, TYPE));
  const { channels } = await scripted.camera.channels.list();
  assert.equal(channels.length, 1);
  assert.deepEqual([channels[0]!.name, channels[0]!.model, channels[0]!.main], [
    null,
    "IPC-1",
    null,
  ]);
});

Deno.test("one refused or silent source costs the others nothing, and is told", async () => {
  const tables = { ChannelTitle: [{ Name: "Gate" }], Encode: [ENCODE] };
  await using scripted = await scriptedCamera((asked, device) => {
    if (asked.params?.name === "RemoteDevice") return undefined;
    if (asked.method === "LogicDeviceManager.getCameraAll") return NO_PERMISSION;
    return tablesScript(tables, TYPE)(asked, device);
  });
  const { channels, problems } = await scripted.clock.settle(scripted.camera.channels.list());
  assert.equal(channels[0]!.name, "Gate");
  assert.deepEqual(problems.map(({ source, error }) => [source, error.code]), [
    ["LogicDeviceManager.getCameraAll", "DHIP_NO_PERMISSION"],
    ["RemoteDevice", "DHIP_TIMEOUT"],
  ]);
});

Deno.test("channels fail as a whole when everything is refused or the link is gone", async () => {
  {
    const locked = { result: false, error: { code: 403 } };
    await using scripted = await scriptedCamera(() => locked);
    await assert.rejects(scripted.camera.channels.list(), { code: "DHIP_NO_PERMISSION" });
  }
  await using cut = await scriptedCamera((_, device) => {
    device.stream!.close();
    return undefined;
  });
  await assert.rejects(cut.camera.channels.list(), { code: "DHIP_CONNECTION_LOST" });
});

Deno.test("odd tables are read as far as they make sense", async () => {
  const tables = {
    ChannelTitle: { Name: "Only" },
    Encode: ["x", 5, null, { MainFormat: [7], ExtraFormat: "y" }],
    RemoteDevice: "none",
  };
  await using scripted = await scriptedCamera(tablesScript(tables, TYPE));
  const { channels } = await scripted.camera.channels.list();
  assert.deepEqual(channels.map(({ name, main }) => [name, main?.codec]), [
    ["Only", undefined],
    [null, undefined],
    [null, undefined],
    [null, null],
  ]);
});

Deno.test("a channel is found by number without asking, by name with one question", async () => {
  const tables = { ChannelTitle: [{ Name: "Gate" }, { Name: "Yard" }] };
  await using scripted = await scriptedCamera(tablesScript(tables, TYPE));
  const { channels } = scripted.camera;
  assert.equal(await channels.find(7), 7);
  assert.equal(await channels.find(" 2 "), 2);
  await assert.rejects(channels.find(0), RangeError);
  assert.equal(scripted.device.count("configManager.getConfig"), 0);
  assert.equal(await channels.find("YARD"), 2);
  assert.equal(scripted.device.count("configManager.getConfig"), 1);
  await assert.rejects(channels.find("Door"), {
    name: "RangeError",
    message: 'No channel is named "Door"; there is 1 "Gate", 2 "Yard"',
  });
});

Deno.test("a recorder without titles is asked for the names of its cameras", async () => {
  await using scripted = await scriptedCamera(tablesScript({ RemoteDevice: REMOTE }, TYPE));
  assert.equal(await scripted.camera.channels.find("yard (camera)"), 1);
});

Deno.test("findChannel tells what there is", () => {
  const channels = [
    { channel: 1, name: "Gate" },
    { channel: 2, name: "gate" },
    { channel: 3, name: "Höf" },
    { channel: 4, name: "Höf" },
    { channel: 5, name: null },
  ];
  assert.equal(findChannel(channels, "gate"), 2);
  assert.equal(findChannel(channels, 5), 5);
  assert.equal(findChannel(channels, "5"), 5);
  assert.throws(() => findChannel(channels, "GATE"), /Several channels .*one of 1, 2/);
  assert.throws(() => findChannel(channels, "HÖF".normalize("NFD")), /one of 3, 4/);
  assert.throws(() => findChannel(channels, 9), /no channel 9; there is 1 "Gate", .*, 5$/);
  assert.throws(() => findChannel([], "Gate"), /the device tells none/);
  const many = Array.from({ length: 64 }, (_, index) => ({ channel: index + 1, name: null }));
  assert.throws(() => findChannel(many, "x"), /19, 20 and 44 more$/);
});
