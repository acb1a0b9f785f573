import { RECORDING_FLAGS, RECORDING_STREAMS, RECORDING_TYPES } from "../../camera/recordings.ts";
import { CHANNELS_SPEC } from "../channel_spec.ts";
import { PERIOD_OPTIONS } from "../period.ts";
import { command } from "../spec.ts";
import { integer, oneOf } from "../values.ts";

export default command({
  targets: "many",
  description:
    "Lists what a device has recorded, channel by channel. Times are those of the device's own " +
    "clock. To find nothing is no failure. With -o ndjson each recording is printed as it comes.",
  arguments: {},
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
    why: {
      value: "REASON",
      type: oneOf(...RECORDING_FLAGS),
      many: true,
      summary: "Only what was recorded for this reason: timing (the schedule), event, manual, " +
        "marker, mosaic or cutout; may be repeated",
    },
    event: {
      value: "CODE",
      many: true,
      summary: "Only what this event started, for example VideoMotion; may be repeated",
    },
    stream: {
      value: "STREAM",
      type: oneOf(...RECORDING_STREAMS),
      summary: "Only this stream: main, sub1, sub2 or sub3",
    },
    newest: { summary: "The newest first, within each channel" },
    redundant: { summary: "List redundant copies too" },
    folder: { value: "PATH", many: true, summary: "Only in this folder of the device" },
    offset: { value: "N", type: integer(0), summary: "Leave out the first N recordings" },
    limit: { value: "N", type: integer(1), summary: "At most N recordings", otherwise: "all" },
  },
  examples: [
    { does: "Everything of today", line: "dhip files 192.0.2.7" },
    {
      does: "Motion on two channels last night",
      line:
        "dhip files 192.0.2.7 -c 1 -c Gate --event VideoMotion --from 'yesterday 22:00' --to 06:00",
    },
    {
      does: "Bytes of the last two hours",
      line: "dhip files 192.0.2.7 --from -2h -o ndjson | jq -s 'map(.bytes) | add'",
    },
    {
      does: "The ten newest pictures of a channel",
      line: "dhip files 192.0.2.7 -c 1 --type jpg --from 2026-04-29 --newest --limit 10",
    },
  ],
  async run(context, _args, options) {
    if (context.python) {
      const { pythonFiles, pythonView } = await import("../python_shapes.ts");
      const work = pythonFiles(context, options);
      return await context.each(work, { view: pythonView });
    }
    const { filesWork } = await import("../files_work.ts");
    const { recordingsView } = await import("../recordings_view.ts");
    const { listingView } = await import("../listing.ts");
    const work = filesWork(context, {
      ...options,
      types: options.type.length === 0 ? undefined : options.type,
      flags: options.why,
      events: options.event,
      order: options.newest ? "newest" : "oldest",
      folders: options.folder,
    });
    return await context.each(work, { view: listingView(recordingsView) });
  },
});
