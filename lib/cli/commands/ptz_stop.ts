import { CHANNEL } from "../ptz/options.ts";
import { command } from "../spec.ts";

export default command({
  targets: "list",
  description: "Stops whatever turns, zooms or focuses, whoever began it.",
  arguments: {},
  options: { ...CHANNEL },
  examples: [{ does: "Stop it", line: "dhip ptz stop 192.0.2.7" }],
  async run(context, _args, choice) {
    const { orderPtz } = await import("../ptz/order.ts");
    return await orderPtz(context, "stop", choice, async (ptz, options) => {
      await ptz.stop(options);
      return {};
    });
  },
});
