import { CHANNEL, NUMBER, SPEED } from "../ptz/options.ts";
import { command } from "../spec.ts";
import { oneOf } from "../values.ts";

export default command({
  targets: "list",
  description:
    "Lets the camera turn to and fro between two ends. Set them first: turn the camera " +
    "to each and say left or right. A scan goes on by itself until it is stopped.",
  arguments: {
    action: {
      value: "ACTION",
      type: oneOf("left", "right", "start", "stop"),
      summary: "left and right set the ends, start and stop do the scan",
    },
    number: { value: "NUMBER", type: NUMBER, summary: "Number of the scan; the first is 1" },
  },
  options: { ...SPEED, ...CHANNEL },
  examples: [
    { does: "The left end of scan 1 is here", line: "dhip ptz scan 192.0.2.7 left 1" },
    { does: "Begin", line: "dhip ptz scan 192.0.2.7 start 1 --speed 2" },
  ],
  async run(context, { action, number }, { speed, ...choice }) {
    const { orderPtz } = await import("../ptz/order.ts");
    return await orderPtz(context, `scan ${action}`, choice, async ({ scans }, options) => {
      if (action === "start") await scans.start(number, { ...options, speed });
      else if (action === "stop") await scans.stop(number, options);
      else await scans.setLimit(number, action, options);
      return { details: { number } };
    });
  },
});
