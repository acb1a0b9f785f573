/** Live streams as MPEG-TS bytes, against the simulator. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { LiveStream } from "../../lib/camera/live/live.ts";
import { mpegTs } from "../../lib/camera/live/mpeg_ts.ts";
import { DahuaCamera } from "../../lib/camera/mod.ts";
import { DhipError } from "../../lib/errors.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import type { MediaUnit } from "../../lib/media/unit.ts";
import { Simulator, type SimulatorOptions } from "../../lib/simulator/mod.ts";
import { peerTest, run, temporaryFolder } from "../support/peers.ts";

const HOST = "127.77.56.1";
const PASSWORD = "ts secret";

async function room(options: SimulatorOptions = {}) {
  const simulator = await Simulator.start({
    host: HOST,
    password: PASSWORD,
    rtspPort: 0,
    httpPort: 0,
    ...options,
  });
  const { dhipPort, httpPort, rtspPort } = simulator.devices[0]!;
  const camera = DahuaCamera.at(`${HOST}:${dhipPort}`, {
    password: PASSWORD,
    httpPort: httpPort!,
    guard: new MemoryLoginGuard(),
  });
  return {
    simulator,
    rtspPort: rtspPort!,
    live: camera.live,
    close: () => camera.close(),
    async [Symbol.asyncDispose]() {
      await camera.close();
      await simulator[Symbol.asyncDispose]();
    },
  };
}

for (const codec of ["H.264", "H.265"] as const) {
  peerTest(
    `ffmpeg plays the bytes of a live stream in ${codec}`,
    ["ffmpeg", "ffprobe"],
    async () => {
      await using folder = await temporaryFolder();
      await using at = await room({ mainVideo: codec });
      const { rtspPort } = at;
      const path = join(folder.path, "x.ts");
      let pictures = 0;
      const stream = await at.live.open({ rtspPort });
      // What passes is counted; after 40 pictures the device's stream is over.
      const counted: LiveStream = Object.assign(Object.create(stream), {
        close: () => stream.close(),
        [Symbol.asyncDispose]: () => stream.close(),
        async *[Symbol.asyncIterator]() {
          for await (const unit of stream) {
            yield unit;
            if (unit.track.kind === "video" && ++pictures === 40) return;
          }
        },
      });
      await Deno.writeFile(path, mpegTs(counted));
      await run("ffmpeg", ["-v", "error", "-xerror", "-i", path, "-f", "null", "-"]);
      const probed = JSON.parse(
        await run("ffprobe", [
          ...["-v", "error", "-count_frames", "-show_entries"],
          ...["stream=codec_name,nb_read_frames:format=format_name", "-of", "json", path],
        ]),
      );
      assert.equal(probed.format.format_name, "mpegts");
      const [video, audio] = probed.streams;
      assert.equal(video.codec_name, codec === "H.264" ? "h264" : "hevc");
      assert.equal(Number(video.nb_read_frames), pictures);
      assert.equal(audio.codec_name, "aac");
      assert.ok(Number(audio.nb_read_frames) > 10);
    },
  );
}

for (const via of ["rtsp", "http"]) {
  Deno.test(`cancelled in the middle, no session is left: ${via}`, async () => {
    await using at = await room();
    const stream = await at.live.open({ via, rtspPort: at.rtspPort });
    const reader = mpegTs(stream).getReader();
    for (let packets = 0; packets < 3; packets++) {
      const { value } = await reader.read();
      assert.equal(value![0], 0x47);
      assert.equal(value!.length % 188, 0);
    }
    const pending = reader.read();
    await reader.cancel();
    await pending;
    const { rtsp, calls } = at.simulator.stats();
    assert.deepEqual(
      [rtsp.sessions, rtsp.openSessions, calls["streamReader.destroy"] ?? 0],
      via === "rtsp" ? [1, 0, 0] : [0, 0, 1],
    );
    await at.close();
    assert.equal(at.simulator.stats().sessionsOpen, 0);
  });
}

Deno.test("cancelled before it was read, the stream is closed too", async () => {
  await using at = await room();
  const bytes = mpegTs(await at.live.open({ rtspPort: at.rtspPort }));
  assert.equal(at.simulator.stats().rtsp.openSessions, 1);
  await bytes.cancel();
  assert.equal(at.simulator.stats().rtsp.openSessions, 0);
});

Deno.test("what breaks the stream reaches the reader behind what came before", async () => {
  await using at = await room();
  at.simulator.fault("cut-stream", { after: 60_000 });
  const reader = mpegTs(await at.live.open({ rtspPort: at.rtspPort })).getReader();
  let length = 0;
  const reading = (async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      length += value.length;
    }
  })();
  await assert.rejects(reading, { name: "DhipError", code: "DHIP_CONNECTION_LOST" });
  assert.ok(length > 10_000, `${length}`);
});

Deno.test("a stream without a picture is an error and no empty file", async () => {
  const reader = mpegTs(streamOf(async function* () {})).getReader();
  await assert.rejects(reader.read(), { code: "DHIP_INCOMPLETE" });
});

Deno.test("units are taken only as fast as the bytes are read", async () => {
  await using at = await room();
  const units: MediaUnit[] = [];
  await using stream = await at.live.open({ rtspPort: at.rtspPort, audio: false });
  for await (const unit of stream) if (units.push(unit) === 20) break;
  let taken = 0;
  let closed = 0;
  const bytes = mpegTs(
    streamOf(async function* () {
      for (const unit of units) {
        taken++;
        yield unit;
      }
      throw new DhipError("DHIP_CONNECTION_LOST", "gone");
    }, () => closed++),
    { audio: "none" },
  ); // which would hold pictures back until it comes
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(taken, 0, "nobody reads yet");
  const reader = bytes.getReader();
  await reader.read();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(taken < 10, `${taken}`);
  await reader.cancel();
  assert.ok(taken < 10, `${taken}`);
  assert.ok(closed >= 1);
});

function streamOf(
  units: () => AsyncGenerator<MediaUnit, void, void>,
  onClose: () => void = () => {},
): LiveStream {
  const close = () => Promise.resolve(onClose());
  return {
    tracks: [],
    source: "test",
    passed: [],
    lostPackets: 0,
    close,
    [Symbol.asyncIterator]: units,
    [Symbol.asyncDispose]: close,
  };
}
