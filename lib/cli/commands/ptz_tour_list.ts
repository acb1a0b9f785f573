import { CHANNEL } from "../ptz/options.ts";
import { command } from "../spec.ts";

export default command({
  targets: "list",
  arguments: {},
  options: CHANNEL,
  examples: [{ does: "Numbers and names", line: "dhip ptz tour list 192.0.2.7" }],
  async run(context, _args, choice) {
    const { askPtz } = await import("../ptz/order.ts");
    const { rememberedView } = await import("../ptz/views.ts");
    return await askPtz(
      context,
      choice,
      rememberedView,
      ({ tours }, options) => tours.list(options),
    );
  },
});
