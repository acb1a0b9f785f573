/** Recordings that are long, or that nobody ends. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { joined } from "../support/dhav.ts";
import { peerTest, run, temporaryFolder } from "../support/peers.ts";
import { picturesIn } from "../support/test_media.ts";
import { endless, media, recordTo } from "./_recording.ts";

const root = new URL("../../", import.meta.url);

for (const extension of ["mp4", "mov", "mkv", "ts"]) {
  peerTest(`kill -9 leaves a .${extension} that plays`, ["ffmpeg", "ffprobe"], async () => {
    await using folder = await temporaryFolder();
    const [file, stream] = [`x.${extension}`, "x.h264"].map((name) => join(folder.path, name));
    await Deno.writeFile(stream!, joined(await media.pictures("h264")));
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--cached-only", "--allow-read", "--allow-write", "--unstable-net"],
        ...["--allow-env", "--allow-sys"],
        `--config=${new URL("deno.json", root).pathname}`,
        new URL("tests/media/_endless_recorder.ts", root).pathname,
        ...[file!, stream!],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const part = `${file}.part`;
    const written = () => Deno.stat(part).then(({ size }) => size, () => 0);
    for (let tries = 0; await written() < 100_000 && tries < 2000; tries++) await pause(10);
    child.kill("SIGKILL");
    await child.status;
    assert.ok(await written() >= 100_000);
    const { count, duration } = await picturesIn(part);
    assert.ok(count >= 50, `${count} pictures`);
    assert.ok(Math.abs(duration + 0.04 - count / 25) < 0.05);
    // All but the last picture decode without a word; the last may be cut in the middle.
    await run("ffmpeg", [
      ...["-v", "error", "-xerror", "-i", part, "-frames:v", String(count - 1), "-an"],
      ...["-f", "null", "-"],
    ]);
  });
}

peerTest(
  "a fragmented file goes on when its muxer is made anew",
  ["ffmpeg", "ffprobe"],
  async () => {
    await using folder = await temporaryFolder();
    const units = await media.pictures("h264");
    // 24 000 pictures and as much sound, in two muxers and a bit.
    const source = endless(units, Infinity, 24_000);
    const { path, ...result } = await recordTo(folder.path, "x.mp4", source, { fragmented: true });
    assert.deepEqual([result.frames, result.files.length], [24_000, 1]);
    assert.equal(
      await run("ffmpeg", ["-v", "error", "-i", path, "-c", "copy", "-f", "null", "-"]),
      "",
    );
    const { count, duration } = await picturesIn(path);
    assert.equal(count, 24_000);
    assert.ok(Math.abs(duration + 0.04 - 960) < 0.04, `${duration}`);
    // A seek beyond the seam lands where it should.
    const late = await run("ffmpeg", [
      ...["-v", "error", "-ss", "900", "-i", path, "-frames:v", "1", "-f", "framemd5", "-"],
    ]);
    assert.match(late, /^0, /m);
  },
);
