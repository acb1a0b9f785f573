import { CHANNEL_SPEC } from "../channel_spec.ts";
import { moment, MOMENT_FORMS } from "../moment.ts";
import { command } from "../spec.ts";
import { duration, integer, oneOf } from "../values.ts";

export default command({
  targets: "list",
  description:
    "Keeps a live stream that comes over HTTP: as it is (.dhav), or as MP4, MOV, MKV or MPEG-TS by " +
    "the name of the file. However it ends, the file ends with a whole frame and plays; a stream " +
    "that ended too early ends with exit code 7. Few devices are known to offer this; dhip record " +
    "uses RTSP.",
  arguments: {
    out: {
      value: "OUT",
      offers: "file",
      summary: "File, or - for standard output. {name} and {host} are filled in",
    },
  },
  options: {
    channel: { ...CHANNEL_SPEC, default: 1 },
    subtype: {
      value: "N",
      type: integer(0, 9),
      default: 0,
      summary: "0 is the main stream, 1 and more are sub-streams",
    },
    duration: {
      value: "TIME",
      type: duration,
      otherwise: "until Ctrl-C",
      summary: "How long, from the first picture on: 10, 90s, 5m",
    },
    until: {
      value: "TIME",
      type: moment,
      summary: `Ends then, by the device's clock: ${MOMENT_FORMS}`,
    },
    format: {
      value: "KIND",
      type: oneOf("dhav", "mp4", "mov", "mkv", "ts"),
      otherwise: "by the name; dhav for -",
      summary: "dhav (as it comes), mp4, mov, mkv or ts",
    },
    audio: {
      value: "HOW",
      type: oneOf("auto", "copy", "aac", "pcm", "none"),
      otherwise: "auto",
      summary: "Sound in mp4, mov, mkv and ts: auto, copy, aac, pcm or none",
    },
    force: { short: "f", summary: "Replace a file that exists" },
  },
  examples: [
    { does: "Ten seconds, as they come", line: "dhip stream 192.0.2.7 gate.dhav --duration 10" },
    { does: "A minute as MP4", line: "dhip stream 192.0.2.7 gate.mp4 -c Gate --duration 1m" },
    { does: "Into a player", line: "dhip stream 192.0.2.7 - --format mkv | ffplay -" },
  ],
  async run(context, { out }, options) {
    const { runStream } = await import("../stream/run.ts");
    return await runStream(context, out, options);
  },
});
