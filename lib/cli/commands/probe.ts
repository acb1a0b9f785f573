import { command } from "../spec.ts";

export default command({
  targets: "none",
  description:
    "Shows what files hold: codecs, picture size, frame rate as told and as measured, key pictures, " +
    "duration, gaps, sound, bit rates, and in DHAV recordings what is damaged, was skipped or came " +
    "twice. Reads the whole file. DHAV, MP4, MOV, MKV and MPEG-TS.",
  arguments: {
    files: {
      value: "FILE",
      many: true,
      offers: "file",
      summary: "Files; - is standard input, for DHAV",
    },
  },
  options: {},
  examples: [
    { does: "A recording", line: "dhip probe gate.dav" },
    { does: "Frame rate as measured", line: "dhip probe gate.mp4 -o json | jq .video[0].fps" },
    { does: "Many, as a spreadsheet", line: "dhip probe *.dav -o csv" },
  ],
  async run(context, { files }) {
    const { probeFiles } = await import("../video/probe_files.ts");
    return await probeFiles(context, files);
  },
});
