/** Live streams over RTSP, played and recorded, against the simulator. */

import assert from "node:assert/strict";
import { DahuaNativeLive } from "../../lib/camera/live/dahua_native.ts";
import { DahuaLive } from "../../lib/camera/live/dahua_live.ts";
import { recordLive, type RecordOptions } from "../../lib/camera/live/record_live.ts";
import { DahuaLink } from "../../lib/camera/link.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { tcpDialer } from "../../lib/net/tcp.ts";
import { Recorder } from "../../lib/media/recorder/recorder.ts";
import type { RecordingSink } from "../../lib/media/recorder/sink.ts";
import type { MediaUnit } from "../../lib/media/unit.ts";
import { readSps } from "../../lib/media/sps.ts";
import { inspectAccessUnit } from "../../lib/media/annexb.ts";
import { Simulator, type SimulatorOptions } from "../../lib/simulator/mod.ts";

const HOST = "127.77.50.1";
const PASSWORD = "live secret";

async function simulated(options: SimulatorOptions = {}, password = PASSWORD) {
  const simulator = await Simulator.start({
    host: HOST,
    password: PASSWORD,
    rtspPort: 0,
    ...options,
  });
  const device = simulator.devices[0]!;
  const link = new DahuaLink(tcpDialer(HOST), undefined, { user: "admin", password }, {
    device: HOST,
    port: device.dhipPort,
    httpPort: device.httpPort ?? 1,
    guard: new MemoryLoginGuard(),
  });
  return {
    simulator,
    link,
    live: new DahuaLive(link, new DahuaNativeLive(link)),
    rtspPort: device.rtspPort!,
    async [Symbol.asyncDispose]() {
      await link.close();
      await simulator[Symbol.asyncDispose]();
    },
  };
}

/** A file in memory. */
function sink(name: string, committed: string[]): RecordingSink {
  return {
    name,
    seekable: false,
    write: () => Promise.resolve(),
    commit: () => Promise.resolve(void committed.push(name)),
    abandon: () => Promise.resolve(),
  };
}

function recorder(committed: string[], notices: string[] = []): Recorder {
  return new Recorder({
    container: "mp4",
    fragmented: true,
    open: ({ number }) => Promise.resolve(sink(`file ${number}`, committed)),
    onNotice: (text) => notices.push(text),
  });
}

for (const rtspTransport of ["tcp", "udp"] as const) {
  for (const subtype of [0, 1]) {
    Deno.test(`a stream plays over ${rtspTransport}, sub-stream ${subtype}`, async () => {
      await using room = await simulated();
      await using stream = await room.live.open({
        rtspPort: room.rtspPort,
        rtspTransport,
        subtype,
      });
      const units: MediaUnit[] = [];
      for await (const unit of stream) {
        units.push(unit);
        if (unit.track.kind === "video" && units.length > 60) break;
      }
      assert.equal(stream.source, "rtsp");
      const video = units.filter(({ track }) => track.kind === "video");
      const first = video[0]!;
      assert.ok(first.key);
      const { codec } = first.track;
      assert.ok(codec === "h264" || codec === "h265");
      const [sps] = inspectAccessUnit(codec, first.data).sps;
      assert.ok((readSps(codec, sps!)?.width ?? 0) > 0);
      const steps = video.slice(1).map((unit, index) => unit.time - video[index]!.time);
      assert.ok(steps.every((step) => Math.abs(step - 0.04) < 0.005), `${steps}`);
      assert.ok(units.some(({ track }) => track.kind === "audio"));
      assert.equal(stream.lostPackets, 0);
    });
  }
}

Deno.test("where RTSP is closed the stream comes over HTTP, and the reason is told", async () => {
  await using room = await simulated({ httpPort: 0 });
  await using stream = await room.live.open({ rtspPort: 1 });
  assert.equal(stream.source, "http");
  assert.deepEqual(stream.passed.map(({ source, error }) => [source, error.code]), [
    ["rtsp", "DHIP_UNREACHABLE"],
  ]);
  const kinds = new Set<string>();
  let first: MediaUnit | undefined;
  for await (const unit of stream) {
    if (unit.track.kind === "video") first ??= unit;
    kinds.add(unit.track.kind);
    if (kinds.size === 2) break;
  }
  assert.ok(first?.key);
  assert.deepEqual(stream.tracks.map(({ kind }) => kind).sort(), ["audio", "video"]);
  await stream.close();
  assert.equal(room.simulator.stats().refusedLogins, 0);
});

Deno.test("when nothing plays, the first failure is told with the words of the other", async () => {
  await using room = await simulated();
  await assert.rejects(room.live.open({ rtspPort: 1 }), {
    code: "DHIP_UNREACHABLE",
    message: /:1: .*over http: /,
  });
});

Deno.test("sound can be left out", async () => {
  await using room = await simulated();
  await using stream = await room.live.open({ rtspPort: room.rtspPort, audio: false });
  assert.deepEqual(stream.tracks.map(({ kind }) => kind), ["video"]);
});

Deno.test("a wrong password is sent once, also over RTSP", async () => {
  await using room = await simulated({}, "wrong");
  const { rtspPort } = room;
  await assert.rejects(room.live.open({ rtspPort }), { code: "DHIP_AUTH_REFUSED" });
  await assert.rejects(room.live.open({ rtspPort }), { code: "DHIP_AUTH_GUARDED" });
  assert.equal(room.simulator.stats().refusedLogins, 1);
});

Deno.test("what is no channel, sub-stream or source is the caller's mistake", async () => {
  await using room = await simulated();
  await assert.rejects(room.live.open({ channel: 0 }), RangeError);
  await assert.rejects(room.live.open({ subtype: -1 }), RangeError);
  await assert.rejects(room.live.open({ via: "carrier pigeon" }), RangeError);
  await assert.rejects(room.live.open({ rtspTemplate: "cam" }), SyntaxError);
  assert.equal(room.simulator.stats().connections, 0);
});

Deno.test("a channel that the device does not have is not supported", async () => {
  await using room = await simulated();
  const { rtspPort } = room;
  await assert.rejects(room.live.open({ rtspPort, channel: 40 }), { code: "DHIP_NOT_SUPPORTED" });
});

async function record(
  room: Awaited<ReturnType<typeof simulated>>,
  options: RecordOptions,
) {
  const committed: string[] = [];
  const lost: string[] = [];
  const result = await recordLive(room.live, recorder(committed), {
    rtspPort: room.rtspPort,
    onLost: ({ code }) => lost.push(code),
    ...options,
  });
  return { result, committed, lost };
}

Deno.test("a recording lasts as long as it should, in one file", async () => {
  await using room = await simulated();
  const { result, committed, lost } = await record(room, { duration: 1_000 });
  assert.ok(result.duration >= 1 && result.duration < 1.2);
  assert.deepEqual([committed, lost, result.gapCount], [["file 1"], [], 0]);
});

Deno.test("a recording goes on after the device was away, and tells the gap", async () => {
  await using room = await simulated({ bootTime: 1_500 });
  const restart = (async () => {
    await new Promise((resolve) => setTimeout(resolve, 700));
    await room.link.call("magicBox.reboot").catch(() => {});
  })();
  const { result, committed, lost } = await record(room, { duration: 4_500 });
  await restart;
  assert.deepEqual(committed, ["file 1"]);
  assert.ok(lost.length >= 1);
  assert.equal(result.gapCount, 1);
  const [gap] = result.gaps;
  assert.ok(gap!.to - gap!.from > 1, JSON.stringify(gap));
  assert.equal(result.error, undefined);
});

Deno.test("without reconnecting, the end is told and the file is whole", async () => {
  await using room = await simulated();
  room.simulator.fault("cut-stream", { after: 40_000 });
  const { result, committed } = await record(room, { duration: 60_000, reconnect: false });
  assert.equal(result.error?.code, "DHIP_CONNECTION_LOST");
  assert.deepEqual(committed, ["file 1"]);
});

Deno.test("a stream that falls silent ends in time, and is opened again", async () => {
  await using room = await simulated();
  room.simulator.fault("silent-media", { after: 20_000, times: 1 });
  const { result, lost } = await record(room, { duration: 3_000, idleTimeout: 600 });
  assert.deepEqual(lost, ["DHIP_TIMEOUT"]);
  assert.ok(result.duration >= 3);
});

Deno.test("stopped from outside, a recording is over and no failure", async () => {
  await using room = await simulated();
  const stop = new AbortController();
  const { result, committed } = await record(room, {
    stop: stop.signal,
    onProgress: ({ frames }) => frames > 20 && stop.abort(),
  });
  assert.equal(result.error, undefined);
  assert.deepEqual(committed, ["file 1"]);
});
