/** `dhip channels`. */

import assert from "node:assert/strict";
import type { ChannelList } from "../../lib/camera/mod.ts";
import { channelOf } from "../../lib/cli/channel_option.ts";
import { library } from "../../lib/cli/devices.ts";
import { channelOrName } from "../../lib/cli/values.ts";
import { DhipError } from "../../lib/errors.ts";
import { Simulator } from "../../lib/simulator/mod.ts";
import { cli, FakeDevice, memoryState } from "./_support.ts";

const LIST: ChannelList = {
  channels: [
    {
      channel: 1,
      name: "Gate",
      source: "remote",
      enabled: true,
      model: "IPC-A",
      address: "192.0.2.31",
      online: false,
      main: { enabled: true, codec: "H.265", width: 2688, height: 1520, fps: 25, bitrate: 4096 },
      sub: [
        { enabled: true, codec: "H.264", width: 704, height: 576, fps: 15, bitrate: 512 },
        { enabled: false, codec: "H.264", width: 352, height: 288, fps: 15, bitrate: 256 },
      ],
    },
    {
      channel: 2,
      name: null,
      source: null,
      enabled: false,
      model: null,
      address: null,
      online: null,
      main: null,
      sub: [],
    },
  ],
  problems: [{ source: "Encode", error: new DhipError("DHIP_NO_PERMISSION", "not allowed") }],
};

function fakeLibrary() {
  const device = Object.assign(new FakeDevice(), {
    channels: { list: () => Promise.resolve(LIST), find: () => Promise.resolve(7) },
  });
  return { device, library: { connect: () => Promise.resolve(device) } };
}

Deno.test("channels: a row each, and what could not be read on standard error", async () => {
  const { library } = fakeLibrary();
  const env = { DHIP_PASSWORD: "x", NO_COLOR: "1" };
  const table = await cli(["channels", "192.0.2.7"], { env, library, terminal: true });
  assert.equal(table.code, 0);
  assert.match(
    table.out,
    /1 +Gate +IPC-A +192\.0\.2\.31 +offline +H\.265 2688x1520 25 fps +H\.264/,
  );
  assert.match(table.out, /\n2 .*off/);
  assert.ok(!table.out.includes("352x288"), "a sub-stream that is off does not show");
  assert.match(table.err, /Encode could not be read: not allowed/);
  const json = await cli(["channels", "192.0.2.7"], { env, library });
  assert.deepEqual(JSON.parse(json.out).channels, LIST.channels);
  assert.equal(JSON.parse(json.out).problems[0].error.code, "DHIP_NO_PERMISSION");
  const csv = await cli(["channels", "192.0.2.7", "-o", "csv"], { env, library });
  const [head, first] = csv.out.split("\r\n");
  assert.ok(head!.startsWith("channel,name,source,enabled,model,address,online,main_enabled,"));
  assert.equal(head!.split(",").length, first!.split(",").length);
  assert.ok(head!.endsWith("sub2_bitrate_kbps"));
});

Deno.test("channels of a simulated camera", async () => {
  await using simulator = await Simulator.start({ password: "x", channels: 3 });
  const state = () => Promise.resolve(memoryState());
  const { code, out } = await cli(["channels", `127.0.0.1:${simulator.dhipPort}`], {
    env: { DHIP_PASSWORD: "x" },
    library: { ...library, state },
  });
  assert.equal(code, 0);
  const { channels } = JSON.parse(out);
  assert.deepEqual(channels.map(({ channel }: { channel: number }) => channel), [1, 2, 3]);
  assert.equal(channels[0].main.codec, "H.265");
});

Deno.test("an option takes a channel by number or by name", async () => {
  const { device } = fakeLibrary();
  const { signal } = new AbortController();
  assert.equal(channelOrName.parse("3"), 3);
  assert.equal(channelOrName.parse("Gate"), "Gate");
  for (const wrong of ["0", "-1", " "]) {
    assert.throws(() => channelOrName.parse(wrong), SyntaxError);
  }
  assert.equal(await channelOf(device, 3, signal), 3);
  assert.equal(await channelOf(device, "Gate", signal), 7);
  await assert.rejects(channelOf(new FakeDevice(), "Gate", signal), { code: "DHIP_NOT_SUPPORTED" });
});
