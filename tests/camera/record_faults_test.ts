/** What a recording over RTSP becomes under each fault of the simulator that concerns it. */

import assert from "node:assert/strict";
import { type FaultOptions, Simulator } from "../../lib/simulator/mod.ts";
import { dhip, privateHome, startDhip } from "../support/cli_process.ts";
import { peerTest, run } from "../support/peers.ts";
import { clicksOf, picturesOf } from "../support/test_picture.ts";

const HOST = "127.77.52.1";
const PASSWORD = "fault canary";
/** Pictures a second of the simulator. */
const RATE = 25;
/** Its pictures are numbered modulo this. */
const CYCLE = 250;

/** A file as ffmpeg reads it, without a complaint. */
interface Seen {
  /** Frame numbers that the pictures carry. */
  readonly numbers: readonly number[];
  /** Seconds at which they are shown. */
  readonly times: readonly number[];
  /** Seconds by which each click is late against the picture that belongs to it. */
  readonly apart: readonly number[];
}

async function look(file: string): Promise<Seen> {
  await run("ffmpeg", ["-v", "error", "-xerror", "-i", file, "-f", "null", "-"])
    .then((said) => assert.equal(said, ""));
  const probe = async (entries: string) =>
    (await run("ffprobe", [
      ...["-v", "error", "-select_streams", "v", "-show_entries", entries, "-of", "csv=p=0", file],
    ])).trim().split("\n");
  const [size] = await probe("stream=width,height");
  const [width, height] = size!.split(",").map(Number) as [number, number];
  const times = (await probe("packet=pts_time")).map(parseFloat).sort((a, b) => a - b);
  // At ffmpeg's own rate some would share a time.
  const pictures = await picturesOf(["-i", file, "-enc_time_base", "1:90000"], width, height);
  assert.equal(times.length, pictures.length);
  const numbers = pictures.map(({ number }) => number);
  const flashes = times.filter((_, index) => numbers[index]! % RATE === 0);
  // Sound stands where its times say, and not where the sound before it ends.
  const clicks = await clicksOf(["-i", file, "-af", "aresample=async=8000:first_pts=0"]);
  const apart = clicks.map((click) => {
    const each = flashes.map((flash) => click / 1000 - flash);
    return each.reduce((best, one) => Math.abs(one) < Math.abs(best) ? one : best, Infinity);
  }).filter((distance) => Math.abs(distance) < 0.5); // the picture of a click may be missing
  return { numbers, times, apart };
}

/** No picture comes twice, and pictures that are missing are missing in time too. */
function assertTrue({ numbers, times, apart }: Seen, clicks = 1): void {
  for (let index = 1; index < numbers.length; index++) {
    const step = (numbers[index]! - numbers[index - 1]! + CYCLE) % CYCLE;
    const passed = times[index]! - times[index - 1]!;
    const where = `${numbers[index - 1]} -> ${numbers[index]}, ${passed.toFixed(3)} s`;
    assert.ok(step > 0 && step < 200, `a picture twice or back: ${where}`);
    if (step === 1) assert.ok(passed < 0.08, `a hole where nothing is missing: ${where}`);
    else assert.ok(passed > 0.04, `missing pictures without a hole: ${where}`);
  }
  assert.ok(apart.length >= clicks, `${apart.length} clicks`);
  for (const each of apart) assert.ok(Math.abs(each) <= 0.04, `sound ${each.toFixed(3)} s late`);
}

const isGapless = ({ numbers }: Seen) =>
  numbers.slice(1).every((number, index) => number === (numbers[index]! + 1) % CYCLE);

interface File {
  readonly name: string;
  readonly frames: number;
  readonly video: string;
  readonly width: number;
}

async function room() {
  const simulator = await Simulator.start({
    host: HOST,
    password: PASSWORD,
    rtspPort: 0,
    mainVideo: "H.264",
  });
  const home = await privateHome();
  const { dhipPort, rtspPort } = simulator.devices[0]!;
  const target = `${HOST}:${dhipPort}`;
  const env = {
    ...home.env,
    DHIP_PASSWORD: PASSWORD,
    DHIP_RTSP_PORT: `${rtspPort}`,
  };
  return {
    simulator,
    target,
    around: { env, cwd: home.path },
    path: (name: string) => `${home.path}/${name}`,
    /** Records the sub-stream, whose pictures are small, for some seconds. */
    async record(seconds: number, ...words: string[]) {
      const { code, stdout, stderr } = await dhip(
        [
          "record",
          target,
          "x.mp4",
          "--subtype=1",
          `--duration=${seconds}`,
          "--output=json",
          ...words,
        ],
        { env, cwd: home.path },
      );
      const result = stdout === "" ? undefined : JSON.parse(stdout) as {
        readonly files: readonly File[];
        readonly frames: number;
        readonly duration: number;
        readonly gapCount: number;
        readonly gaps: readonly { from: number; to: number; reason: string }[];
        readonly damaged: number;
        readonly lost: number;
      };
      const seen = await Promise.all(
        (result?.files ?? []).map(({ name }) => look(`${home.path}/${name}`)),
      );
      for (const [index, { frames }] of (result?.files ?? []).entries()) {
        assert.equal(seen[index]!.numbers.length, frames, stderr);
      }
      return { code, stderr, result: result!, seen };
    },
    async [Symbol.asyncDispose]() {
      await simulator[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

type Room = Awaited<ReturnType<typeof room>>;

/** A test of a recording under a fault. */
function faultTest(
  name: string,
  fault: string,
  options: FaultOptions,
  test: (room: Room) => Promise<void>,
): void {
  peerTest(`recorded under ${fault}: ${name}`, ["ffmpeg"], async () => {
    await using at = await room();
    at.simulator.fault(fault, options);
    await test(at);
  });
}

/** Nothing is missing and nobody is told anything. */
function complete(seconds: number, ...words: string[]) {
  return async ({ record }: Room) => {
    const { code, stderr, result, seen } = await record(seconds, ...words);
    assert.equal(code, 0, stderr);
    assert.deepEqual([result.files.length, result.gapCount, result.lost], [1, 0, 0]);
    assert.ok(result.duration >= seconds && result.duration < seconds + 0.2);
    assert.ok(isGapless(seen[0]!), `${seen[0]!.numbers}`);
    assertTrue(seen[0]!, 2);
  };
}

faultTest("whole", "wrong-rtp-info", {}, complete(3));
faultTest("whole, a little later", "late-setup", { delay: 1500 }, complete(3));
faultTest("whole", "udp-reorder", {}, complete(3, "--udp"));
faultTest("whole", "udp-duplicate", {}, complete(3, "--udp"));
faultTest("whole, the counter is not of RTSP", "timestamp-wrap", { after: 1000 }, complete(3));
faultTest(
  "whole, the times go on",
  "timestamp-jump",
  { after: 1000, ms: -5000 },
  complete(3),
);

faultTest("what comes twice after it is left out", "cut-stream", {
  after: 30_000,
  service: "rtsp",
}, async ({ record }) => {
  const { code, stderr, result, seen } = await record(5);
  assert.match(stderr, /closed the RTSP connection; again in/);
  assert.deepEqual([result.files.length, result.lost], [1, 1]);
  assertTrue(seen[0]!, 2);
  // A picture is lost only when its second was over before the device was asked again.
  assert.equal(code, result.gapCount === 0 ? 0 : 7, stderr);
});

faultTest("a part, and why it ends", "cut-stream", {
  after: 30_000,
  service: "rtsp",
}, async ({ record }) => {
  const { code, stderr, result, seen } = await record(60, "--no-reconnect");
  assert.equal(code, 7, stderr);
  assert.match(stderr, /"DHIP_INCOMPLETE".*Only 0:0\d: The device closed the RTSP connection/);
  assert.ok(result.duration < 50);
  assert.ok(isGapless(seen[0]!));
  assertTrue(seen[0]!);
});

faultTest("a gap as long as the silence", "silent-media", {
  after: 30_000,
  times: 1,
}, async ({ record }) => {
  const { code, stderr, result, seen } = await record(8, "--idle=3");
  assert.equal(code, 7, stderr);
  assert.match(stderr, /fell silent for 3 s; again in/);
  assert.match(stderr, /"DHIP_INCOMPLETE".*a gap: \d\.\d s are missing/);
  assert.deepEqual([result.files.length, result.gapCount, result.lost], [1, 1, 1]);
  const [gap] = result.gaps;
  assert.ok(gap!.to - gap!.from > 1.5 && gap!.to - gap!.from < 6, JSON.stringify(gap));
  assertTrue(seen[0]!, 2);
});

faultTest("a hole in the times is told", "timestamp-jump", {
  after: 1000,
  ms: 3000,
}, async ({ record }) => {
  const { code, stderr, result, seen } = await record(6);
  assert.equal(code, 7, stderr);
  assert.match(stderr, /a gap: 3\.0 s are missing/);
  assert.equal(result.gapCount, 1);
  assert.ok(isGapless(seen[0]!));
  assert.ok(Math.abs(seen[0]!.times.at(-1)! - 6) < 0.2);
  for (const each of seen[0]!.apart) assert.ok(Math.abs(each) <= 0.04, `${each}`);
});

faultTest("another size is another file", "codec-change", {
  after: 1000,
  what: "size",
}, async ({ record }) => {
  const { code, stderr, result, seen } = await record(3);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /changed from avc1\S* 160x90 to avc1\S* 320x180: a new file begins/);
  assert.deepEqual(result.files.map(({ width }) => width), [160, 320]);
  for (const each of seen) assertTrue(each, 0);
  const numbers = seen.flatMap((each) => each.numbers);
  assert.ok(isGapless({ ...seen[0]!, numbers }), `${numbers}`);
});

faultTest("damaged pictures are left out and told", "udp-loss", {
  probability: 0.02,
}, async ({ record }) => {
  const { code, stderr, result, seen } = await record(6, "--udp");
  assert.equal(result.files.length, 1);
  assertTrue(seen[0]!);
  if (result.damaged === 0) return assert.equal(code, 0, stderr); // only sound was lost
  assert.equal(code, 7, stderr);
  assert.match(stderr, /\d+(?:\.\d)? s are missing, \d+ damaged pictures/);
});

faultTest("no file, and who refuses", "rtsp-refused", {}, async ({ record, simulator, path }) => {
  const { code, stderr } = await record(3, "--via=rtsp");
  assert.equal(code, 5, stderr);
  assert.match(stderr, /"DHIP_DEVICE_BUSY".*453/);
  await assert.rejects(Deno.stat(path("x.mp4")));
  await assert.rejects(Deno.stat(path("x.mp4.part")));
  simulator.fault("rtsp-refused", { status: 503, times: 1 });
  assert.equal((await record(3, "--via=rtsp")).code, 5);
});

peerTest("recorded over a restart of the device: a gap, and it is told", ["ffmpeg"], async () => {
  await using at = await room();
  const recording = at.record(7);
  for (let tries = 0; at.simulator.stats().rtsp.openSessions === 0; tries++) {
    assert.ok(tries < 400, "it plays");
    await pause();
  }
  await pause(1500);
  await at.simulator.restart({ downtime: 2500 });
  const { code, stderr, result, seen } = await recording;
  assert.equal(code, 7, stderr);
  assert.match(stderr, /again in/);
  assert.deepEqual([result.files.length, result.gapCount, result.lost], [1, 1, 1]);
  assertTrue(seen[0]!, 2);
});

const pause = (ms = 50) => new Promise((resolve) => setTimeout(resolve, ms));

peerTest("recorded until kill -9: the part plays up to its end", ["ffmpeg"], async () => {
  await using at = await room();
  const child = startDhip(["record", at.target, "x.mp4", "--subtype=1"], at.around);
  const part = at.path("x.mp4.part");
  const size = async () => (await Deno.stat(part).catch(() => undefined))?.size ?? 0;
  const output = child.output();
  for (let tries = 0; await size() < 25_000 && tries < 400; tries++) await pause();
  child.kill("SIGKILL");
  await output;
  await assert.rejects(Deno.stat(at.path("x.mp4")));
  const seen = await look(part);
  assert.ok(seen.numbers.length >= RATE, `${seen.numbers.length} pictures`);
  assert.ok(isGapless(seen));
  assertTrue(seen);
});
