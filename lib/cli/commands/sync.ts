import { RECORDING_STREAMS, RECORDING_TYPES } from "../../camera/recordings.ts";
import { CHANNELS_SPEC } from "../channel_spec.ts";
import { PERIOD_OPTIONS } from "../period.ts";
import { command } from "../spec.ts";
import { integer, oneOf, span } from "../values.ts";

export default command({
  targets: "list",
  description:
    "Keeps a folder of what devices have recorded, for cron: fetches what is missing, goes on with " +
    "what was broken off, and leaves alone what is there. A list in the folder (.dhip-sync.json) " +
    "says which files it made; --keep removes only these. One run works in a folder at a time. " +
    "Exit codes: 0 all is there, 7 something is not whole, 6 some devices failed.",
  arguments: {
    folder: { value: "FOLDER", offers: "file", summary: "Where the files go; it is made" },
  },
  options: {
    last: {
      value: "TIME",
      type: span,
      otherwise: "24h",
      summary: "The time before now, such as 24h or 7d",
    },
    from: { ...PERIOD_OPTIONS.from, otherwise: "see --last" },
    to: PERIOD_OPTIONS.to,
    keep: {
      value: "TIME",
      type: span,
      otherwise: "for good",
      summary: "Removes files that it made of recordings older than this, such as 30d",
    },
    channel: CHANNELS_SPEC,
    type: {
      value: "TYPE",
      type: oneOf(...RECORDING_TYPES),
      many: true,
      otherwise: "dav",
      summary: "dav and mp4 are video, jpg are pictures; may be repeated",
    },
    stream: {
      value: "STREAM",
      type: oneOf(...RECORDING_STREAMS),
      summary: "Only this stream: main, sub1, sub2 or sub3",
    },
    names: {
      value: "NAME",
      otherwise: "folders by name and day",
      summary: "Names within the folder; {name}, {host}, {channel}, {stream}, {type}, {file} and " +
        "%Y %m %d %H %M %S %j %F (start of the recording) are filled in",
    },
    jobs: {
      value: "N",
      type: integer(1, 8),
      default: 2,
      summary: "Recordings fetched from one device at the same time",
    },
  },
  examples: [
    { does: "Every night", line: "dhip sync gate,hall /srv/video --last 26h --keep 30d" },
    { does: "Motion of last week", line: "dhip sync gate /srv/video --last 7d --type jpg" },
    {
      does: "When nothing was recorded",
      line: "dhip sync gate /srv/video | jq .gaps",
    },
  ],
  async run(context, { folder }, options) {
    const { runSync } = await import("../sync/run.ts");
    return await runSync(context, folder.replace(/(?<=.)\/+$/, ""), options);
  },
});
