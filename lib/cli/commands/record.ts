import { duration, oneOf, sizeInBytes } from "../values.ts";
import { command } from "../spec.ts";
import { RTSP, STREAM, WAY } from "../video/stream_options.ts";

export default command({
  targets: "list",
  description:
    "Records live pictures and sound to files that play, without ffmpeg. Pictures stay as the " +
    "camera encodes them and begin at a key picture. A lost link is taken up again, and the time " +
    "without pictures is a gap in the result (exit code 7). A file has its name when it is whole; " +
    "until then NAME.part plays up to its last second, whatever happens. Ctrl-C ends the file " +
    "and, without --duration, the work: exit code 0.",
  arguments: {
    out: {
      value: "OUT",
      offers: "file",
      summary: "File (.mp4, .mov, .mkv, .ts), or - for standard output. {name}, {host}, " +
        "{channel} and %Y %m %d %H %M %S %j %F %s %z (this computer's local time) are filled in",
    },
  },
  options: {
    ...STREAM,
    ...RTSP,
    ...WAY,
    duration: {
      value: "TIME",
      type: duration,
      summary: "Ends after so much of pictures: 30, 10m, 1h",
    },
    segment: { value: "TIME", type: duration, summary: "A new file after so long, such as 10m" },
    maxSize: { value: "SIZE", type: sizeInBytes, summary: "A new file after so much: 500M, 2G" },
    audio: {
      value: "HOW",
      type: oneOf("auto", "copy", "aac", "pcm", "none"),
      default: "auto",
      summary: "Sound: as it is (copy), AAC, PCM (MOV, MKV), none; auto is what plays everywhere",
    },
    format: {
      value: "KIND",
      type: oneOf("mp4", "mov", "mkv", "ts"),
      otherwise: "by the name of OUT; ts for -",
      summary: "Kind of the file where its name does not say it",
    },
    idle: {
      value: "TIME",
      type: duration,
      default: 10_000,
      otherwise: "10 s",
      summary: "A silence of so long counts as a lost link",
    },
    noReconnect: { summary: "End when the link is lost" },
    force: { short: "f", summary: "Replace files that exist" },
  },
  examples: [
    { does: "Ten seconds", line: "dhip record 192.0.2.7 gate.mp4 --duration 10" },
    { does: "Watch", line: "dhip record 192.0.2.7 - | ffplay -" },
    {
      does: "All day, a file every ten minutes",
      line: "dhip record gate '{name}/%F/%H%M%S.mp4' --segment 10m",
    },
    {
      does: "The sub-stream of all cameras of a tag",
      line: "dhip record @hall '{name}.mkv' --subtype 1 --duration 1m",
    },
  ],
  async run(context, { out }, options) {
    const { recordTargets } = await import("../video/record_work.ts");
    return await recordTargets(context, out, options);
  },
});
