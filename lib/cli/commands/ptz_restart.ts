import { CHANNEL, VERIFY } from "../ptz/options.ts";
import { command } from "../spec.ts";

export default command({
  targets: "list",
  description: "Restarts the head, which then calibrates itself.",
  arguments: {},
  options: { ...VERIFY, ...CHANNEL },
  examples: [{ does: "Restart the head, not the camera", line: "dhip ptz restart 192.0.2.7" }],
  async run(context, _args, choice) {
    const { orderPtz } = await import("../ptz/order.ts");
    return await orderPtz(context, "restart", choice, async (ptz, options) => {
      await ptz.restart(options);
      return {};
    });
  },
});
