import { RECORDING_STREAMS } from "../../camera/recordings.ts";
import { CHANNEL_SPEC } from "../channel_spec.ts";
import { PERIOD_OPTIONS } from "../period.ts";
import { command } from "../spec.ts";
import { oneOf } from "../values.ts";

export default command({
  targets: "list",
  description:
    "Makes one file of what was recorded within a time, wherever one recording ends and the next " +
    "begins; pictures that both have come once. It begins with the last key picture before --from; " +
    "with --exact players show nothing before --from (the pictures that decoding needs are in the " +
    "file and hidden by an edit list: MP4 and MOV). Nothing is encoded anew. The result says " +
    "what is covered; exit code 7 when something is missing.",
  arguments: {},
  options: {
    from: { ...PERIOD_OPTIONS.from, otherwise: "needed" },
    to: { ...PERIOD_OPTIONS.to, otherwise: "needed" },
    out: {
      short: "o",
      value: "FILE",
      offers: "file",
      summary: "File (.mp4, .mov, .mkv or .ts), or - for standard output. {name} and {host} are " +
        "filled in",
    },
    channel: { ...CHANNEL_SPEC, default: 1 },
    stream: {
      value: "STREAM",
      type: oneOf(...RECORDING_STREAMS),
      default: "main",
      summary: "main, sub1, sub2 or sub3",
    },
    exact: { summary: "Show nothing before --from" },
    format: {
      value: "KIND",
      type: oneOf("mp4", "mov", "mkv", "ts"),
      otherwise: "by the name; mkv for -",
      summary: "mp4, mov, mkv or ts",
    },
    audio: {
      value: "HOW",
      type: oneOf("auto", "copy", "aac", "pcm", "none"),
      otherwise: "auto",
      summary: "Sound: auto, copy, aac, pcm or none",
    },
    force: { short: "f", summary: "Replace a file that exists" },
  },
  examples: [
    {
      does: "Ten minutes of a channel",
      line: "dhip clip 192.0.2.7 --channel Gate --from 09:55 --to 10:05 -o gate.mp4",
    },
    {
      does: "Exactly one minute of yesterday",
      line: "dhip clip 192.0.2.7 --from 'yesterday 23:59' --to today -o x.mp4 --exact",
    },
    {
      does: "What is missing",
      line: "dhip clip 192.0.2.7 --from -1h --to now -o x.mkv | jq .holes",
    },
  ],
  async run(context, _args, options) {
    const { runClip } = await import("../clip/run.ts");
    return await runClip(context, options);
  },
});
