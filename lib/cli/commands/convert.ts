import { command } from "../spec.ts";
import { channel, oneOf } from "../values.ts";

export default command({
  targets: "none",
  description:
    "Makes files that play of DHAV recordings (.dav, .dhav), without ffmpeg: MP4, MOV, MKV or " +
    "MPEG-TS, by the name of the output. Pictures stay as they are; they begin at the first key " +
    "picture and keep their times, gaps included. Where resolution or codec change, another file " +
    "begins (NAME-2). When the recording is cut short or damaged, what is left is written and the " +
    "exit code is 7.",
  arguments: {
    paths: {
      value: "INPUT... OUTPUT",
      many: true,
      offers: "file",
      summary:
        "Recordings, or - for standard input; then a file, a folder, or - for standard output",
    },
  },
  options: {
    audio: {
      value: "HOW",
      type: oneOf("auto", "copy", "aac", "pcm", "none"),
      default: "auto",
      summary:
        "Sound: as it is (copy), as AAC, as PCM (MOV, MKV), or none; auto is what plays everywhere",
    },
    channel: {
      short: "c",
      value: "N",
      type: channel,
      otherwise: "that of the first picture",
      summary: "Channel, when the recording holds several",
    },
    format: {
      value: "KIND",
      type: oneOf("mp4", "mov", "mkv", "ts"),
      otherwise: "mp4 in a folder, ts for -",
      summary: "Kind of the output where its name does not say it",
    },
    force: { short: "f", summary: "Replace files that exist" },
  },
  examples: [
    { does: "A recording to MP4", line: "dhip convert gate.dav gate.mp4" },
    { does: "Many into one folder", line: "dhip convert *.dav movies/" },
    { does: "Watch without a file", line: "dhip convert gate.dav - | ffplay -" },
    { does: "With the sound as it was", line: "dhip convert gate.dav gate.mov --audio copy" },
  ],
  async run(context, { paths }, options) {
    const { convertFiles } = await import("../video/convert_files.ts");
    return await convertFiles(context, paths, options);
  },
});
