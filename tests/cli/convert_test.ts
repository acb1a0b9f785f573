/** `dhip convert` and `dhip probe`, as processes where files and pipes matter. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { dhip, startDhip } from "../support/cli_process.ts";
import { dhavFrames, type DhavSpec, joined } from "../support/dhav.ts";
import { peerTest, temporaryFolder } from "../support/peers.ts";
import { complaintsOf, makeAac, makePictures, picturesIn } from "../support/test_media.ts";
import { cli } from "./_support.ts";

const BASE = { codec: "h264", fps: 25, width: 320, height: 240 } as const;

async function recording(folder: string): Promise<Uint8Array[]> {
  const [units, frames] = await Promise.all([
    makePictures(folder, { codec: "h264", duration: 4 }),
    makeAac(folder, 16_000, 4),
  ]);
  return dhavFrames({ ...BASE, units, sound: { codec: "aac", frames, rate: 16_000 } });
}

peerTest("a recording becomes a film, and is not replaced by accident", ["ffmpeg"], async () => {
  await using folder = await temporaryFolder();
  const cwd = folder.path;
  await Deno.writeFile(join(cwd, "x.dav"), joined(await recording(cwd)));
  const { code, stdout, stderr } = await dhip(["convert", "x.dav", "x.mp4"], { cwd });
  assert.deepEqual([code, stderr], [0, ""]);
  const result = JSON.parse(stdout);
  assert.deepEqual([result.frames, result.files[0].audio, result.truncated], [100, "aac", false]);
  assert.equal(result.started, "2026-01-02T03:04:05");
  assert.equal(await complaintsOf(join(cwd, "x.mp4")), "");
  const again = await dhip(["convert", "x.dav", "x.mp4"], { cwd });
  assert.equal(again.code, 1);
  assert.match(again.stderr, /DHIP_FILE.*exists already/);
  assert.equal((await dhip(["convert", "x.dav", "x.mp4", "--force"], { cwd })).code, 0);
  assert.deepEqual([...Deno.readDirSync(cwd)].filter(({ name }) => name.endsWith(".part")), []);
});

peerTest(
  "what is cut short or damaged becomes a film that plays, and exit code 7",
  ["ffmpeg"],
  async () => {
    await using folder = await temporaryFolder();
    const cwd = folder.path;
    const frames = await recording(cwd);
    const whole = joined(frames);
    await Deno.writeFile(join(cwd, "cut.dav"), whole.subarray(0, whole.length - 60));
    frames.splice(80, 0, new Uint8Array(500).fill(0x44));
    await Deno.writeFile(join(cwd, "dirty.dav"), joined(frames));
    const both = await dhip(["convert", "cut.dav", "dirty.dav", "out/", "-o", "table"], { cwd });
    assert.equal(both.code, 7);
    assert.match(both.stderr, /cut\.dav is not whole: it ends inside a frame/);
    assert.match(both.stderr, /dirty\.dav is not whole: 500 B are no frames/);
    for (const name of ["cut", "dirty"]) {
      const file = join(cwd, "out", `${name}.mp4`);
      assert.equal(await complaintsOf(file), "");
      assert.ok((await picturesIn(file)).count >= 99);
    }
    const probed = JSON.parse((await dhip(["probe", "cut.dav"], { cwd })).stdout);
    assert.equal(probed.dhav.truncated, true);
  },
);

peerTest("a pipe in and a pipe out", ["ffmpeg"], async () => {
  await using folder = await temporaryFolder();
  const cwd = folder.path;
  const whole = joined(await recording(cwd));
  for (const format of ["ts", "mkv", "mp4"]) {
    const child = startDhip(["convert", "-", "-", "--format", format], { cwd, stdin: "" });
    const output = child.output();
    const writer = child.stdin.getWriter();
    await writer.write(whole);
    await writer.close();
    const { code, stdout, stderr } = await output;
    assert.deepEqual([code, new TextDecoder().decode(stderr)], [0, ""]);
    const file = join(cwd, `piped.${format}`);
    await Deno.writeFile(file, stdout);
    assert.equal(await complaintsOf(file), "");
    assert.equal((await picturesIn(file)).count, 100);
  }
});

peerTest("a reader that leaves ends the work without a word", ["ffmpeg"], async () => {
  await using folder = await temporaryFolder();
  const frames = await recording(folder.path);
  const long = Array.from({ length: 300 }, () => frames).flat();
  await Deno.writeFile(join(folder.path, "x.dav"), joined(long));
  const child = startDhip(["convert", "x.dav", "-"], { cwd: folder.path });
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  const { code } = await child.status;
  const stderr = await new Response(child.stderr).text();
  assert.deepEqual([code, stderr], [0, ""]);
});

peerTest("one channel of several", ["ffmpeg", "ffprobe"], async () => {
  await using folder = await temporaryFolder();
  const cwd = folder.path;
  const units = await makePictures(cwd, { codec: "h264", duration: 2 });
  const frames = [0, 3].map((channel) =>
    dhavFrames({ ...BASE, units: channel === 0 ? units : units.slice(0, 25), channel })
  );
  const mixed = frames[0]!.flatMap((
    frame,
    index,
  ) => [frame, ...frames[1]!.slice(index, index + 1)]);
  await Deno.writeFile(join(cwd, "x.dav"), joined(mixed));
  const first = await dhip(["convert", "x.dav", "1.mp4"], { cwd });
  assert.match(first.stderr, /channels 1, 4; only 1 was taken \(--channel\)/);
  const other = await dhip(["convert", "x.dav", "4.mp4", "--channel", "4"], { cwd });
  assert.equal(other.stderr, "");
  assert.deepEqual(JSON.parse(other.stdout).frames, 25);
  const none = await dhip(["convert", "x.dav", "2.mp4", "--channel", "2"], { cwd });
  assert.equal(none.code, 7);
  assert.match(none.stderr, /no pictures of channel 2.*It holds: 1, 4/);
  const probed = JSON.parse((await dhip(["probe", "x.dav"], { cwd })).stdout);
  assert.deepEqual(
    probed.video.map(({ channel, frames }: Record<string, number>) => [channel, frames]),
    [[1, 50], [4, 25]],
  );
});

peerTest("probe tells rates, groups, gaps and what came twice", ["ffmpeg"], async () => {
  await using folder = await temporaryFolder();
  const cwd = folder.path;
  const units = await makePictures(cwd, { codec: "h264", duration: 6, gop: 30 });
  const edit = (spec: DhavSpec, time: number) =>
    time >= 2000 && time < 4000
      ? undefined
      : { ...spec, wall: spec.wall + (time >= 5000 ? 7_200_000 : 0) };
  const frames = dhavFrames({ ...BASE, units, edit });
  frames.splice(11, 0, frames[10]!);
  await Deno.writeFile(join(cwd, "x.dav"), joined(frames));
  const { stdout, code } = await dhip(["probe", "x.dav"], { cwd });
  const { video: [video], dhav, audio } = JSON.parse(stdout);
  assert.equal(code, 0);
  assert.deepEqual(audio, []);
  assert.deepEqual([video.codec, video.width, video.height, video.toldFps], ["h264", 320, 240, 25]);
  assert.ok(Math.abs(video.fps - 25) < 0.01 && Math.abs(video.duration - 6) < 0.04);
  assert.deepEqual([video.frames, video.gapCount, dhav.repeated], [100, 1, 1]);
  assert.equal(video.gop.longest, 30);
  assert.equal(dhav.clock.length, 1);
  assert.equal(dhav.clock[0].kind, "clock-set");
  assert.ok(Math.abs(dhav.clock[0].by - 7200) <= 1); // the clock tells whole seconds
  const table = await dhip(["probe", "x.dav", "-o", "table"], { cwd });
  assert.match(table.stdout, /25\.00 fps \(told 25\), key picture every/);
  assert.match(table.stdout, /gaps: 0:02 for 2\.0 s/);
});

Deno.test("lines that make no sense are refused before anything is read", async () => {
  for (
    const [argv, what] of [
      [["convert", "x.dav"], /Input and output are needed/],
      [["convert", "x.dav", "x.avi"], /What kind of file is x\.avi/],
      [["convert", "a.dav", "b.dav", "x.mp4"], /Several recordings need a folder/],
      [["convert", "a.dav", "b.dav", "-"], /Standard output takes one recording/],
      [["convert", "x.dav", "x.mp4", "--channel", "0"], /the first channel is 1/],
      [["convert", "x.dav", "x.mp4", "--audio", "pcm"], /MP4 holds no PCM/],
      [["convert", "x.dav", "x.mp4", "--audio", "opus"], /one of auto, copy, aac, pcm, none/],
    ] as const
  ) {
    const { code, err } = await cli(argv);
    assert.equal(code, 2, argv.join(" "));
    assert.match(err, what);
  }
});

Deno.test("other files are no recordings, and missing ones are told", async () => {
  await using folder = await temporaryFolder();
  const cwd = folder.path;
  await Deno.writeTextFile(join(cwd, "x.dav"), "no recording");
  const other = await dhip(["convert", "x.dav", "x.mp4"], { cwd });
  assert.equal(other.code, 5);
  assert.match(other.stderr, /DHIP_NOT_SUPPORTED.*is no DHAV recording/);
  const missing = await dhip(["convert", "y.dav", "x.mp4"], { cwd });
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /DHIP_FILE.*y\.dav cannot be read/);
  const unknown = await dhip(["probe", "x.dav"], { cwd });
  assert.equal(unknown.code, 5);
  assert.match(unknown.stderr, /Nobody knows what x\.dav is/);
});
