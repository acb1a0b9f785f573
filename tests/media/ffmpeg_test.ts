/** Our reading of media against ffmpeg's. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { inspectAccessUnit, type NalCodec } from "../../lib/media/annexb.ts";
import { decodeG711, type G711Law } from "../../lib/media/g711.ts";
import { readSps } from "../../lib/media/sps.ts";
import { peerTest, run, temporaryFolder } from "../support/peers.ts";

/** Size, rate, encoder options. Sizes that are no multiple of 16 need cropping. */
const STREAMS: readonly (readonly [NalCodec, string, string, string[]])[] = [
  ["h264", "1920x1080", "25", ["-preset", "ultrafast"]],
  ["h264", "704x576", "12.5", ["-profile:v", "baseline"]],
  ["h264", "350x286", "30000/1001", ["-profile:v", "high"]],
  ["h264", "1280x720", "50", ["-x264-params", "interlaced=1"]],
  ["h264", "640x360", "15", ["-pix_fmt", "yuv444p"]],
  ["h264", "640x360", "15", ["-pix_fmt", "yuv422p", "-x264-params", "cqm=jvt"]],
  ["h265", "2560x1440", "20", ["-preset", "ultrafast"]],
  ["h265", "1920x1080", "25", ["-x265-params", "bframes=3:temporal-layers=1"]],
  ["h265", "354x290", "30", ["-x265-params", "scaling-list=default"]],
  ["h265", "640x360", "7", ["-pix_fmt", "yuv420p10le"]],
];

for (const [codec, size, rate, options] of STREAMS) {
  const name = `${codec} ${size} at ${rate} ${options.at(-1) ?? ""}`;
  peerTest(`the parameter sets of ${name} say what was encoded`, ["ffmpeg"], async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, `x.${codec}`);
    const encoder = codec === "h264" ? "libx264" : "libx265";
    const source = ["-f", "lavfi", "-i", `testsrc2=size=${size}:rate=${rate}`, "-frames:v", "3"];
    const quiet = ["-hide_banner", "-loglevel", "error", "-y"];
    const params = codec === "h265" && !options.includes("-x265-params")
      ? [...options, "-x265-params", "log-level=error"]
      : options;
    await run("ffmpeg", [...quiet, ...source, "-c:v", encoder, ...params, file]);
    const { sps, key } = inspectAccessUnit(codec, await Deno.readFile(file));
    const info = readSps(codec, sps[0]!);
    const [num, den = 1] = rate.split("/").map(Number);
    assert.ok(key);
    assert.equal(`${info?.width}x${info?.height}`, size);
    assert.ok(Math.abs(info!.frameRate! - num! / den) < 0.01, `rate ${info?.frameRate}`);
    const probe = await run("ffprobe", [
      "-v",
      "error",
      "-show_entries",
      "stream=level",
      "-of",
      "csv=p=0",
      file,
    ]);
    const level = Number(probe.trim());
    const told = codec === "h264"
      ? parseInt(info!.codec.slice(-2), 16)
      : Number(/\.[LH](\d+)/.exec(info!.codec)![1]);
    assert.equal(told, level);
  });
}

for (const law of ["alaw", "mulaw"] as const satisfies readonly G711Law[]) {
  peerTest(`G.711 ${law} decodes as ffmpeg decodes it, all 256 codes`, ["ffmpeg"], async () => {
    await using folder = await temporaryFolder();
    const [input, output] = [join(folder.path, "in"), join(folder.path, "out")];
    const codes = Uint8Array.from({ length: 256 }, (_, code) => code);
    await Deno.writeFile(input, codes);
    const format = ["-f", law, "-ar", "8000", "-ac", "1", "-i", input];
    await run("ffmpeg", ["-loglevel", "error", ...format, "-f", "s16le", output]);
    const wanted = new Int16Array((await Deno.readFile(output)).slice().buffer);
    assert.deepEqual(decodeG711(law, codes), wanted);
  });
}
