import { command } from "../spec.ts";
import { duration } from "../values.ts";
import { RTSP, STREAM, WAY } from "../video/stream_options.ts";

export default command({
  targets: "manyOrFiles",
  description:
    "Shows what files hold or what cameras send: codecs, picture size, frame rate as told and as " +
    "measured, key pictures, duration, gaps, sound, bit rates. Files (DHAV, MP4, MOV, MKV, MPEG-TS) " +
    "are read whole; of DHAV recordings it is told what is damaged, was skipped or came twice. Of a " +
    "camera the live stream is played for some seconds: over what it came, and how many packets were " +
    "lost; exit code 7 when no whole picture came, or the stream broke. The options are for cameras.",
  arguments: {},
  options: {
    ...STREAM,
    ...RTSP,
    ...WAY,
    duration: {
      value: "TIME",
      type: duration,
      default: 5000,
      otherwise: "5 s",
      summary: "How long a live stream is played: 5, 90s, 2m",
    },
  },
  examples: [
    { does: "A recording", line: "dhip probe gate.dav" },
    { does: "Frame rate as measured", line: "dhip probe gate.mp4 -o json | jq .video[0].fps" },
    { does: "Many, as a spreadsheet", line: "dhip probe *.dav -o csv" },
    { does: "What a camera sends on its sub-stream", line: "dhip probe 192.0.2.7 --subtype 1" },
  ],
  async run(context, _, options) {
    const { probeAll } = await import("../video/probe_work.ts");
    return await probeAll(context, options);
  },
});
