import { CHANNEL, SPEED } from "../ptz/options.ts";
import { command } from "../spec.ts";
import { oneOf } from "../values.ts";

export default command({
  targets: "list",
  description: "Lets the camera turn round and round, by itself and until it is switched off.",
  arguments: { state: { value: "STATE", type: oneOf("on", "off"), summary: "on or off" } },
  options: { ...SPEED, ...CHANNEL },
  examples: [
    { does: "Begin, slowly", line: "dhip ptz autopan 192.0.2.7 on --speed 1" },
    { does: "End", line: "dhip ptz autopan 192.0.2.7 off" },
  ],
  async run(context, { state }, { speed, ...choice }) {
    const { orderPtz } = await import("../ptz/order.ts");
    return await orderPtz(context, `autopan ${state}`, choice, async ({ scans }, options) => {
      if (state === "off") {
        await scans.stopAutoPan(options);
        return {};
      }
      await scans.startAutoPan({ ...options, speed });
      return { details: { speed } };
    });
  },
});
