import { RECORDING_MODES } from "../../camera/storage.ts";
import { SETTING_OPTIONS } from "../setting_options.ts";
import { command } from "../spec.ts";
import { oneOf } from "../values.ts";

export default command({
  targets: "list",
  description:
    "Without MODE it shows how a channel is set to record, and whether it does now. A change that " +
    "did not hold ends with exit code 7.",
  arguments: {
    mode: {
      value: "MODE",
      type: oneOf(...RECORDING_MODES),
      optional: true,
      summary: "auto: by the schedule; manual: always; off: never",
    },
  },
  options: SETTING_OPTIONS,
  examples: [
    { does: "Does it record?", line: "dhip set recording 192.0.2.7" },
    { does: "Record all the time", line: "dhip set recording 192.0.2.7 manual --channel Gate" },
    { does: "Back to the schedule", line: "dhip set recording 192.0.2.7 auto --channel Gate" },
  ],
  async run(context, { mode }, options) {
    const { settingCommand } = await import("../settings.ts");
    const { recordingOf, recordingView } = await import("../storage_view.ts");
    const { serviceOf } = await import("../devices.ts");
    return await settingCommand(context, options, {
      read: async (device, channel, signal) =>
        recordingOf(await serviceOf(device, "storage").channels({ signal }), channel, device.host),
      plan: mode === undefined
        ? undefined
        : (device, channel, limits) =>
          serviceOf(device, "storage").planRecording(channel, mode, limits),
      view: recordingView,
    });
  },
});
