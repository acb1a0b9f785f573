import { LIGHT_KINDS, LIGHT_MODES } from "../../camera/image.ts";
import { SETTING_OPTIONS } from "../setting_options.ts";
import { command } from "../spec.ts";
import { integer, oneOf } from "../values.ts";

export default command({
  targets: "list",
  description:
    "Without MODE and --brightness it shows the lights that help the camera see. With one of them " +
    "it changes the light in all profiles of the channel and reads back what the camera made of " +
    "it: a change that did not hold ends with exit code 7. The light that warns people is another " +
    "one: dhip set warning-light.",
  arguments: {
    mode: {
      value: "MODE",
      type: oneOf(...LIGHT_MODES),
      optional: true,
      summary: "on: with --brightness; off; auto: as the camera sees fit",
    },
  },
  options: {
    ...SETTING_OPTIONS,
    kind: {
      value: "KIND",
      type: oneOf(...LIGHT_KINDS),
      summary: "Which light: infrared, white, mixed or laser",
      otherwise: "infrared, when something is to change",
    },
    brightness: {
      value: "PERCENT",
      type: integer(0, 100),
      summary: "Brightness in percent, while the mode is on",
    },
  },
  examples: [
    { does: "The lights of a camera", line: "dhip set light 192.0.2.7" },
    {
      does: "White light at half brightness",
      line: "dhip set light 192.0.2.7 on --kind white --brightness 50",
    },
    { does: "Infrared off", line: "dhip set light 192.0.2.7 off --kind infrared" },
  ],
  async run(context, { mode }, options) {
    const { settingCommand } = await import("../settings.ts");
    const { serviceOf } = await import("../devices.ts");
    const { kind, brightness } = options;
    const changes = mode !== undefined || brightness !== undefined;
    return await settingCommand(context, options, {
      async read(device, channel, signal) {
        const lights = await serviceOf(device, "image").lights(channel, { signal });
        return lights.filter((light) => kind === undefined || light.kind === kind);
      },
      plan: !changes ? undefined : (device, channel, limits) =>
        serviceOf(device, "image")
          .planLight(channel, kind ?? "infrared", { mode, brightness }, limits),
      view: {
        table: (lights) => ({
          head: ["Light", "Profile", "Mode", "Device mode", "Brightness"],
          rows: lights.map(({ kind, profile, mode, deviceMode, brightness }) => [
            ...[kind, profile, mode, deviceMode],
            brightness === null ? null : `${brightness} %`,
          ]),
        }),
      },
    });
  },
});
