import { SETTING_OPTIONS } from "../setting_options.ts";
import { command } from "../spec.ts";
import { oneOf } from "../values.ts";

export default command({
  targets: "list",
  description:
    "Covers the lens, or turns it away, so that nothing is seen or recorded; off ends that. " +
    "Without a value it shows what is set. A change that did not hold ends with exit code 7.",
  arguments: {
    value: {
      value: "on|off",
      type: oneOf("on", "off"),
      optional: true,
      summary: "on: covered; off: the camera sees",
    },
  },
  options: SETTING_OPTIONS,
  examples: [
    { does: "Is it covered?", line: "dhip set privacy 192.0.2.7" },
    { does: "Cover it", line: "dhip set privacy 192.0.2.7 on" },
  ],
  async run(context, { value }, options) {
    const { settingCommand, switchView } = await import("../settings.ts");
    const { serviceOf } = await import("../devices.ts");
    return await settingCommand(context, options, {
      read: async (device, channel, signal) => ({
        on: await serviceOf(device, "image").privacy(channel, { signal }),
      }),
      plan: value === undefined
        ? undefined
        : (device, channel, limits) =>
          serviceOf(device, "image").planPrivacy(channel, value === "on", limits),
      view: switchView("Privacy"),
    });
  },
});
