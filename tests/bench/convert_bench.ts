/** DHAV to MP4, beside ffmpeg, and how much memory a long one takes. */

import { dhavFrames, type DhavSpec, joined } from "../support/dhav.ts";
import { makePictures } from "../support/test_media.ts";
import { run as runProgram, temporaryFolder } from "../support/peers.ts";
import { atLeast, fastestSeconds, type Row } from "./_harness.ts";

const DHIP = ["run", "--quiet", "-P=cli", new URL("../../cli.ts", import.meta.url).pathname];
const NOISE = ["-vf", "noise=alls=60:allf=t", "-b:v", "24M", "-maxrate", "24M", "-bufsize", "24M"];

/** Writes a recording of about this many bytes: the same seconds again and again. */
async function writeRecording(folder: string, size: number): Promise<number> {
  const spec = { codec: "h264", size: "1280x720", duration: 4, options: NOISE } as const;
  const units = await makePictures(folder, spec);
  const file = await Deno.open(`${folder}/x.dhav`, { write: true, create: true, truncate: true });
  let written = 0;
  for (let turn = 0; written < size; turn++) {
    const stream = { ...spec, units, fps: 25, width: 1280, height: 720 };
    const time = { wall: Date.UTC(2026, 0, 1) + turn * 4000, counter: turn * 4000 };
    const edit = (frame: DhavSpec) => ({
      ...frame,
      number: frame.number + turn * units.length,
    });
    const bytes = joined(dhavFrames({ ...stream, ...time, edit }));
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    written += bytes.length;
  }
  file.close();
  return written;
}

export async function run(): Promise<Row[]> {
  await using folder = await temporaryFolder();
  const size = await writeRecording(folder.path, 1e9);
  const [input, ours, theirs] = ["x.dhav", "a.mp4", "b.mp4"].map((name) =>
    `${folder.path}/${name}`
  );
  const convert = ["convert", input!, ours!, "--force", "--quiet"];
  const [dhip, ffmpeg] = await fastestSeconds(
    3,
    () => runProgram(Deno.execPath(), [...DHIP, ...convert]),
    () =>
      runProgram("ffmpeg", [
        "-v",
        "error",
        "-y",
        "-f",
        "dhav",
        "-i",
        input!,
        "-c",
        "copy",
        theirs!,
      ]),
  );
  await Deno.remove(theirs!);
  const rows = [
    atLeast("DHAV to MP4, the whole process", size / dhip! / 1e6, 250, "MB/s"),
    atLeast("the same, beside ffmpeg -c copy", ffmpeg! / dhip!, 0.2, "times its speed"),
  ];
  await writeRecording(folder.path, 4e9);
  const usage = await runProgram("sh", [
    "-c",
    '"$@" & pid=$!; peak=0; while kill -0 $pid 2>/dev/null; do ' +
    "rss=$(awk '/VmRSS/ {print $2}' /proc/$pid/status 2>/dev/null); " +
    '[ "${rss:-0}" -gt $peak ] && peak=$rss; sleep 0.2; done; echo $peak',
    "sh",
    Deno.execPath(),
    ...DHIP,
    ...convert,
  ]);
  const peak = Number(usage.trim().split("\n").at(-1)) / 1024;
  rows.push({
    what: "DHAV of 4 GB to MP4, memory",
    figure: `${peak.toFixed(0)} MB`,
    goal: "below 200 MB",
    met: peak < 200,
  });
  return rows;
}
