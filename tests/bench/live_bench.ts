/** Sixteen live streams, received and recorded in real time, and how much of a core they take. */

import process from "node:process";
import { DahuaCamera } from "../../lib/camera/mod.ts";
import { recordLive } from "../../lib/camera/live/record_live.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { Recorder, StreamSink } from "../../lib/media/recorder/mod.ts";
import { atMost, type Row } from "./_harness.ts";
import { startServer } from "./_process.ts";

const STREAMS = 16;
/** Seconds before the measurement: modules are loaded, encoders are started. */
const WARM_UP = 3;
const SECONDS = 10;

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** Seconds of processor time of this process, with all its threads. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

export async function run(): Promise<Row[]> {
  // In a process of its own: its processor time is not ours.
  await using simulator = await startServer(
    "cli.ts",
    ...["simulate", "--dhip-port=0", "--rtsp-port=0", "--host=127.77.61.16", "--password=x"],
  );
  const { devices: [device] } = JSON.parse(simulator.firstLine);
  await using camera = await DahuaCamera.connect(`${device.host}:${device.dhipPort}`, {
    password: "x",
    guard: new MemoryLoginGuard(),
  });
  const stop = new AbortController();
  const recorders = Array.from({ length: STREAMS }, (_, index) =>
    new Recorder({
      container: "mp4",
      fragmented: true,
      open: () => Promise.resolve(new StreamSink(`stream ${index}`, () => Promise.resolve())),
    }));
  const lost: string[] = [];
  const recordings = recorders.map((recorder) =>
    recordLive(camera.live, recorder, {
      rtspPort: device.rtspPort,
      via: "rtsp",
      stop: stop.signal,
      onLost: ({ code }) => lost.push(code),
    })
  );
  const recorded = () => recorders.map(({ progress }) => progress.duration);
  await pause(WARM_UP);
  const before = recorded();
  const [start, used] = [performance.now(), processorTime()];
  await pause(SECONDS);
  const cores = (processorTime() - used) / ((performance.now() - start) / 1000);
  const passed = (performance.now() - start) / 1000;
  const behind = recorded().map((duration, index) => passed - (duration - before[index]!));
  stop.abort();
  const results = await Promise.all(recordings);
  const gaps = results.reduce((sum, { gapCount }) => sum + gapCount, lost.length);
  const rate = results.reduce((sum, { bytes, duration }) => sum + bytes / duration, 0);
  const what = `${STREAMS} live streams, ${(rate * 8 / 1e6).toFixed(1)} Mbit/s with sound to AAC`;
  return [
    atMost(`${what}, cores in use`, cores, 1, "cores"),
    atMost(`${what}, furthest behind real time`, Math.max(...behind), 1, "s"),
    atMost(`${what}, gaps`, gaps, 0, "gaps"),
  ];
}
