import { CHANNEL, SPEED, VERIFY } from "../ptz/options.ts";
import { command } from "../spec.ts";
import { decimal } from "../values.ts";

export default command({
  targets: "list",
  description: "Turns by some degrees from where the camera looks now.",
  arguments: {},
  options: {
    pan: {
      value: "DEGREES",
      type: decimal(-360, 360),
      default: 0,
      summary: "Above 0 to the right",
    },
    tilt: { value: "DEGREES", type: decimal(-180, 180), default: 0, summary: "Above 0 up" },
    zoom: { value: "N", type: decimal(-128, 128), default: 0, summary: "Above 0 closer" },
    ...SPEED,
    ...VERIFY,
    ...CHANNEL,
  },
  examples: [
    { does: "Ten degrees to the left", line: "dhip ptz relative 192.0.2.7 --pan -10" },
  ],
  async run(context, _args, { pan, tilt, zoom, speed, ...choice }) {
    const { checkStep } = await import("../../camera/ptz/limits.ts");
    const { orderPtz } = await import("../ptz/order.ts");
    const step = { pan, tilt, zoom };
    checkStep(step);
    return await orderPtz(context, "relative", choice, async (ptz, options) => {
      await ptz.moveBy(step, { ...options, speed });
      return { details: step };
    });
  },
});
