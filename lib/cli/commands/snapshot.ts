import { command } from "../spec.ts";
import { channelChoice } from "../snapshot/channels.ts";
import { PREVIEWS } from "../snapshot/preview_kinds.ts";
import { RTSP } from "../video/stream_options.ts";
import { channelBase, duration, integer, oneOf, percent, span } from "../values.ts";

export default command({
  targets: "list",
  description:
    "Takes still pictures and keeps them as JPEG files. A picture is checked from its first to its " +
    "last byte; a file appears complete or not at all. Busy and unreachable devices are asked " +
    "again until the deadline; a refused password never is.",
  arguments: {
    out: {
      value: "OUT",
      optional: true,
      offers: "file",
      summary:
        "File, FOLDER/, or - for standard output. {name}, {host}, {channel} and %Y %m %d %H " +
        "%M %S %j %F %s %z (this computer's local time) are filled in, folders are made " +
        "(default {name}-{channel}-%Y%m%d-%H%M%S.jpg)",
    },
  },
  options: {
    channel: {
      short: "c",
      value: "LIST",
      type: channelChoice,
      otherwise: "1",
      summary: "Channels by number or name, such as 1,3-5,Gate; or all",
    },
    via: {
      value: "WAY",
      type: oneOf("auto", "cgi", "rpc", "rtsp"),
      default: "auto",
      summary: "cgi (web API, no session), rpc (snapManager), rtsp (a key frame, if there is an " +
        "ffmpeg that makes a JPEG of it), or auto: the first that delivers",
    },
    ...RTSP,
    snapshotChannelBase: {
      value: "BASE",
      type: channelBase,
      otherwise: "found out",
      summary: "How the web API counts channels: 0, 1 or none (door stations); the config file " +
        "has snapshot_channel_base for each device",
    },
    deadline: {
      value: "SECONDS",
      type: duration,
      otherwise: "30 s",
      summary: "Limit for one picture, all attempts together",
    },
    every: {
      value: "TIME",
      type: span,
      summary:
        "Again and again, at whole multiples of the time since 1970 (UTC): 5m is :00, :05, " +
        ":10; a round that is late is skipped",
    },
    count: { value: "N", type: integer(1), summary: "Ends --every after so many rounds" },
    keep: {
      value: "TIME",
      type: span,
      summary: "Removes files last written before, such as 7d: only those that OUT can have made " +
        "for a channel of which a picture came now, never the newest, never through links",
    },
    ifChanged: {
      value: "PERCENT",
      implied: "2",
      type: percent,
      summary:
        "Keeps a picture only when so many of its 32 x 18 parts (2 %) differ in brightness " +
        "from the newest file that OUT has made for the channel",
    },
    preview: {
      value: "KIND",
      implied: "auto",
      type: oneOf(...PREVIEWS),
      summary: "Shows pictures on the terminal (standard error): auto, kitty, iterm, blocks, none",
    },
    nagios: { summary: "Answers as a plugin of Nagios: one line; exit code 0, 1, 2 or 3" },
    prom: {
      value: "FILE",
      offers: "file",
      summary: "Writes metrics for the textfile collector of Prometheus' node exporter",
    },
  },
  examples: [
    { does: "A picture of now", line: "dhip snapshot 192.0.2.7" },
    { does: "Into a viewer", line: "dhip snapshot 192.0.2.7 - | display" },
    {
      does: "All channels of several devices",
      line: "dhip snapshot gate,hall --channel all '{name}-{channel}.jpg'",
    },
    {
      does: "A picture every 5 minutes where something changed, for a week",
      line: "dhip snapshot gate '{name}/%Y-%m-%d/%H%M%S.jpg' --every 5m --if-changed --keep 7d",
    },
    { does: "Is the picture there?", line: "dhip snapshot gate /tmp/gate.jpg --nagios" },
  ],
  async run(context, { out }, options) {
    const { runSnapshot } = await import("../snapshot/run.ts");
    return await runSnapshot(context, out, options);
  },
});
