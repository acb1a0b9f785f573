import { CHANNEL } from "../ptz/options.ts";
import { command } from "../spec.ts";

export default command({
  targets: "list",
  description: "Shows what the camera says it can do. Cameras are known to promise too much.",
  arguments: {},
  options: CHANNEL,
  examples: [{ does: "All of it", line: "dhip ptz capabilities 192.0.2.7" }],
  async run(context, _args, choice) {
    const { askPtz } = await import("../ptz/order.ts");
    const { capabilitiesView } = await import("../ptz/views.ts");
    return await askPtz(
      context,
      choice,
      capabilitiesView,
      (ptz, options) => ptz.capabilities(options),
    );
  },
});
