import { CHANNEL, VERIFY } from "../ptz/options.ts";
import { command } from "../spec.ts";

export default command({
  targets: "list",
  description: "Brings the head back to its origin.",
  arguments: {},
  options: { ...VERIFY, ...CHANNEL },
  examples: [{ does: "Back to the origin", line: "dhip ptz reset 192.0.2.7" }],
  async run(context, _args, choice) {
    const { orderPtz } = await import("../ptz/order.ts");
    return await orderPtz(context, "reset", choice, async (ptz, options) => {
      await ptz.reset(options);
      return {};
    });
  },
});
