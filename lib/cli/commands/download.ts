import { RECORDING_STREAMS, RECORDING_TYPES } from "../../camera/recordings.ts";
import { CHANNELS_SPEC } from "../channel_spec.ts";
import { PERIOD_OPTIONS } from "../period.ts";
import { command } from "../spec.ts";
import { integer, oneOf } from "../values.ts";

export default command({
  targets: "list",
  description:
    "Fetches recordings, as the device keeps them: those of a period, or those whose paths are " +
    "given (dhip files lists them). A file has its name only when it is whole: as long as the " +
    "device says, and not ended inside a frame. Until then it is called NAME.part, and the same " +
    "line goes on with it. What is there with the right size is not fetched again.",
  arguments: {
    path: {
      value: "PATH",
      optional: true,
      many: true,
      summary: "Path of a recording on the device; none: the period of --from and --to",
    },
  },
  options: {
    ...PERIOD_OPTIONS,
    channel: CHANNELS_SPEC,
    type: {
      value: "TYPE",
      type: oneOf(...RECORDING_TYPES),
      many: true,
      summary: "dav and mp4 are video, jpg are pictures; may be repeated",
      otherwise: "dav",
    },
    stream: {
      value: "STREAM",
      type: oneOf(...RECORDING_STREAMS),
      summary: "Only this stream: main, sub1, sub2 or sub3",
    },
    out: {
      short: "o",
      value: "FILE",
      offers: "file",
      otherwise: "name, channel and start; of paths their names",
      summary: "File, FOLDER/, or - for standard output. {name}, {host}, {channel}, {stream}, " +
        "{type}, {file} (date and name on the device) and %Y %m %d %H %M %S %j %F (start of the " +
        "recording by the device's clock) are filled in, folders are made",
    },
    jobs: {
      value: "N",
      type: integer(1, 8),
      default: 2,
      summary: "Recordings fetched from one device at the same time",
    },
  },
  examples: [
    { does: "Everything of today", line: "dhip download 192.0.2.7" },
    {
      does: "Two channels of last night into folders",
      line: "dhip download 192.0.2.7 -c 1 -c Gate --from 'yesterday 22:00' --to 06:00 " +
        "-o '{name}/%F/{channel}-%H%M%S.dav'",
    },
    {
      does: "One recording, by its path, into a player",
      line: "dhip download 192.0.2.7 '/mnt/dvr/2026-04-29/x[R][0@0][0].dav' -o - | ffplay -",
    },
    {
      does: "What is not whole",
      line: "dhip download 192.0.2.7 --from -1d | jq '.[] | select(.error)'",
    },
  ],
  async run(context, { path }, options) {
    const { runDownload } = await import("../download/run.ts");
    return await runDownload(context, path, options);
  },
});
