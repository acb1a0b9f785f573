import assert from "node:assert/strict";
import { Simulator, type SimulatorOptions } from "../../lib/simulator/mod.ts";
import { peerTest } from "../support/peers.ts";
import { clicksOf, picturesOf } from "../support/test_picture.ts";

const STREAMS = [
  { mainVideo: "H.264", sound: "G.711A" },
  { mainVideo: "H.265", sound: "AAC" },
] as const satisfies readonly SimulatorOptions[];

const RECORDINGS = [
  { start: "2026-01-01 10:00:00", end: "2026-01-01 10:00:10" },
  { start: "2026-01-01 10:00:10", end: "2026-01-01 10:00:20" },
] as const;

/** Runs a camera for ffmpeg; the input is that of a path. */
async function withCamera(
  options: SimulatorOptions,
  test: (input: (path: string, transport: string) => string[], it: Simulator) => Promise<void>,
): Promise<void> {
  const host = "127.77.0.9";
  await using simulator = await Simulator.start({
    ...options,
    host,
    rtspPort: 0,
    recordings: RECORDINGS,
  });
  await test((path, transport) => [
    ...["-rtsp_transport", transport, "-buffer_size", "4000000"],
    ...["-i", `rtsp://admin:admin54321@${host}:${simulator.rtspPort}${path}`],
  ], simulator);
}

for (const options of STREAMS) {
  for (const transport of ["tcp", "udp"]) {
    const name = `${options.mainVideo} with ${options.sound} over ${transport}`;
    peerTest(
      `ffmpeg takes ${name} live without a word`,
      ["ffmpeg"],
      () =>
        withCamera(options, async (input, simulator) => {
          const path = "/cam/realmonitor?channel=1&subtype=0";
          const pictures = await picturesOf([...input(path, transport), "-t", "2"]);
          assert(pictures.length >= 48, `${pictures.length} pictures`);
          const [first] = pictures;
          assert.deepEqual(
            pictures.map(({ number }) => number),
            pictures.map((_, index) => (first!.number + index) % 250),
          );
          assert.equal(simulator.stats().rtsp.openSessions, 0);
        }),
    );
  }

  peerTest(
    `ffmpeg takes a recording of ${options.mainVideo} with ${options.sound} by RTSP, in sync`,
    ["ffmpeg"],
    () =>
      withCamera(options, async (input) => {
        const path = "/cam/playback?channel=1&subtype=0" +
          "&starttime=2026_01_01_10_00_08&endtime=2026_01_01_10_00_12";
        const from = [...input(path, "tcp"), "-t", "3"];
        const [pictures, clicks] = await Promise.all([picturesOf(from), clicksOf(from)]);
        const begin = Date.UTC(2026, 0, 1, 10, 0, 8);
        assert(pictures.length >= 74);
        assert.deepEqual(
          pictures.map(({ number }) => number),
          pictures.map((_, index) => (begin / 40 + index) % 250),
        );
        // The first packet of AAC does not begin with the second.
        const late = options.sound === "AAC" ? Math.ceil(begin / 128) * 128 - begin : 0;
        assert(clicks.length >= 2);
        for (const click of clicks) {
          const off = (click + late) % 1000;
          assert(Math.min(off, 1000 - off) < 40, `a click at ${click} ms`);
        }
      }),
  );
}
