import assert from "node:assert/strict";
import type { SimulatorOptions } from "../../lib/simulator/mod.ts";
import { peerTest } from "../support/peers.ts";
import { decode, picturesOf } from "../support/test_picture.ts";
import { MediaBench } from "./_media_bench.ts";
import { cli } from "./_support.ts";

const HOST = "127.77.61.2";

/** A border, an overlap of five seconds, and a hole of ten. */
const RECORDINGS: NonNullable<SimulatorOptions["recordings"]> = [
  { start: "2026-04-29 10:00:00", end: "2026-04-29 10:00:20" },
  { start: "2026-04-29 10:00:20", end: "2026-04-29 10:00:40" },
  { start: "2026-04-29 10:00:35", end: "2026-04-29 10:01:00", flag: "Event" },
  { start: "2026-04-29 10:01:10", end: "2026-04-29 10:01:30" },
];

const bench = (options: SimulatorOptions = {}) =>
  MediaBench.start(HOST, { recordings: RECORDINGS, mainVideo: "H.264", ...options });

const period = (from: string, to: string) => [
  `--from=2026-04-29 10:${from}`,
  `--to=2026-04-29 10:${to}`,
];

for (const mainVideo of ["H.264", "H.265"] as const) {
  peerTest(`a clip over borders and overlaps has each picture once: ${mainVideo}`, [
    "ffmpeg",
  ], async () => {
    await using it = await bench({ mainVideo });
    const line = ["clip", ...period("00:10", "00:55"), "-o", "@/x.mp4"];
    const { code, out, err } = await it.run(line);
    assert.equal(code, 0, err);
    const report = JSON.parse(out);
    assert.deepEqual(report.holes, []);
    assert.deepEqual(report.covered, [{ from: "2026-04-29T10:00:10", to: "2026-04-29T10:00:55" }]);
    assert.equal(report.recordings.length, 3);
    assert.ok(report.duplicates > 100, `${report.duplicates}`);
    const pictures = await picturesOf(["-i", it.path("x.mp4")]);
    assert.equal(pictures.length, report.result.frames);
    pictures.forEach(({ number }, index) => {
      const before = pictures[index - 1]?.number ?? number - 1;
      assert.equal(number, (before + 1) % 250, `picture ${index}`);
    });
    // From the key picture before the start on: no more than a group too many.
    assert.ok(pictures.length >= 45 * 25 && pictures.length <= 49 * 25, `${pictures.length}`);
    const { logouts, sessionsOpen } = it.simulator.stats();
    assert.ok(logouts >= 1);
    assert.equal(sessionsOpen, 0);
    assert.doesNotMatch(out + err, /canary/);
  });
}

peerTest("exactly: the film is as long as was asked, and begins there", ["ffmpeg"], async () => {
  await using it = await bench();
  for (const name of ["x.mp4", "x.mov"]) {
    const line = ["clip", ...period("00:13", "00:25"), "-o", `@/${name}`, "--exact"];
    const { code, err } = await it.run(line);
    assert.equal(code, 0, err);
    const pictures = await picturesOf(["-i", it.path(name)]);
    assert.ok(Math.abs(pictures.length - 12 * 25) <= 1, `${pictures.length} pictures`);
    pictures.forEach(({ number }, index) => {
      if (index > 0) assert.equal(number, (pictures[index - 1]!.number + 1) % 250);
    });
    await decode(["-i", it.path(name)], ["-f", "null"]);
  }
  const wrong = await it.run(["clip", ...period("00:13", "00:25"), "-o", "@/x.mkv", "--exact"]);
  assert.equal(wrong.code, 2);
});

Deno.test("a hole is told, the rest plays, and the exit code is 7", async () => {
  await using it = await bench();
  const line = ["clip", ...period("00:50", "01:20"), "-o", "@/x.mp4"];
  const { code, out, err } = await it.run(line);
  assert.equal(code, 7, err);
  const { holes, covered } = JSON.parse(out);
  const near = (time: string, wanted: string) =>
    Math.abs(
      Temporal.PlainDateTime.from(time).until(`2026-04-29T10:${wanted}`).total("seconds"),
    ) < 0.2;
  assert.equal(holes.length, 1);
  assert.ok(near(holes[0].from, "01:00") && near(holes[0].to, "01:10"), JSON.stringify(holes));
  assert.equal(covered.length, 2);
  assert.match(
    err,
    /not whole: no pictures of 2026-04-29 10:0[01]:\d\d to 10:01:\d\d; the file plays/,
  );
});

Deno.test("what begins before the first recording and ends behind the last", async () => {
  await using it = await bench();
  const { code, out } = await it.run(["clip", ...period("01:20", "01:50"), "-o", "@/x.mkv"]);
  assert.equal(code, 7);
  assert.equal(JSON.parse(out).holes.length, 1);
  const none = await it.run(["clip", ...period("05:00", "06:00"), "-o", "@/y.mp4"]);
  assert.equal(none.code, 7);
  assert.match(none.err, /there is no file/);
  assert.deepEqual(JSON.parse(none.out).result, null);
  assert.deepEqual(await it.names(), ["x.mkv"]);
});

for (
  const [fault, options, code] of [
    ["short-download", { missing: 30_000, announced: true }, 0],
    ["cut-stream", { after: 50_000, service: "http" }, 0],
    ["cut-stream", { after: 50_000, service: "http", times: 4 }, 0],
    ["short-download", { missing: 30_000, times: 100 }, 7],
    ["dhav-garbage", {}, 0],
    ["timestamp-wrap", {}, 0],
    ["download-refused", {}, 5],
  ] as const
) {
  Deno.test(`fault ${fault} ${JSON.stringify(options)}: ${code}`, async () => {
    await using it = await bench();
    it.simulator.fault(fault, options);
    const line = ["clip", ...period("00:10", "00:30"), "-o", "@/x.mkv", "--audio=none"];
    const ran = await it.run(line);
    assert.equal(ran.code, code, ran.err);
    if (code === 0) assert.deepEqual(JSON.parse(ran.out).holes, []);
    if (code === 7) assert.match(ran.err, /not whole: /);
    assert.deepEqual(await it.names(), code === 5 ? [] : ["x.mkv"]);
  });
}

Deno.test("of a long recording only what is needed is fetched", async () => {
  await using it = await bench({
    recordings: [{ start: "2026-04-29 08:00:00", end: "2026-04-29 09:00:00" }],
  });
  const from = ["--from=2026-04-29 08:50", "--to=2026-04-29 08:51"];
  const { code, out, err } = await it.run(["clip", ...from, "-o", "@/x.mkv", "--audio=none"]);
  assert.equal(code, 0, err);
  const { recordings, result } = JSON.parse(out);
  const { bytesServed } = it.simulator.stats() as unknown as {
    bytesServed?: Record<string, number>;
  };
  assert.ok(result.frames >= 60 * 25 && result.frames < 66 * 25);
  if (bytesServed !== undefined) {
    const served = Object.values(bytesServed).reduce((sum, bytes) => sum + bytes, 0);
    assert.ok(served < recordings[0].bytes / 2, `${served} of ${recordings[0].bytes}`);
  }
});

Deno.test("to standard output", async () => {
  await using it = await bench();
  let length = 0;
  const { code, err } = await it.run(["clip", ...period("00:10", "00:12"), "-o", "-"], {
    io: {
      stdout: {
        isTerminal: false,
        columns: 80,
        rows: 24,
        write: (data) => Promise.resolve(void (length += data.length)),
      },
    },
  });
  assert.equal(code, 0, err);
  assert.ok(length > 10_000);
});

const FROM = ["--from", "09:55", "--to", "10:05"];
const WRONG: readonly (readonly [readonly string[], RegExp])[] = [
  [["-o", "x.mp4"], /needs --from and --to/],
  [FROM, /needs a file/],
  [[...FROM, "-o", "x.avi"], /\.mp4, \.mov/],
  [[...FROM, "-o", "json"], /--output=json/],
  [[...FROM, "-o", "x.ts", "--exact"], /MP4 or MOV/],
];

for (const [words, message] of WRONG) {
  Deno.test(`wrong: clip ${words.join(" ")}`, async () => {
    const { code, err } = await cli(["clip", "h", ...words]);
    assert.equal(code, 2, err);
    assert.match(err, message);
  });
}
