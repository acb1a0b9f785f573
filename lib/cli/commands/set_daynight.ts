import { DAY_NIGHT_MODES } from "../../camera/image.ts";
import { SETTING_OPTIONS } from "../setting_options.ts";
import { command } from "../spec.ts";
import { oneOf } from "../values.ts";

export default command({
  targets: "list",
  description:
    "Without MODE it shows what is set. With one it changes all profiles of the channel, so that " +
    "it counts by day and by night, and reads back what the camera made of it: a change that did " +
    "not hold ends with exit code 7.",
  arguments: {
    mode: {
      value: "MODE",
      type: oneOf(...DAY_NIGHT_MODES),
      optional: true,
      summary: "auto: colour while there is light enough; color: always; black-white: never",
    },
  },
  options: SETTING_OPTIONS,
  examples: [
    { does: "What is set", line: "dhip set daynight 192.0.2.7" },
    { does: "Always colour", line: "dhip set daynight 192.0.2.7 color" },
    {
      does: "See what would change on a channel",
      line: "dhip set daynight 192.0.2.7 auto --channel Gate -n",
    },
  ],
  async run(context, { mode }, options) {
    const { settingCommand } = await import("../settings.ts");
    const { serviceOf } = await import("../devices.ts");
    return await settingCommand(context, options, {
      read: (device, channel, signal) => serviceOf(device, "image").dayNight(channel, { signal }),
      plan: mode === undefined
        ? undefined
        : (device, channel, limits) =>
          serviceOf(device, "image").planDayNight(channel, mode, limits),
      view: {
        table: ({ mode, profiles }) => ({
          head: ["Profile", "Mode"],
          rows: [
            ["in force", mode],
            ...profiles.map(({ profile, mode }) => [profile, mode]),
          ],
        }),
      },
    });
  },
});
