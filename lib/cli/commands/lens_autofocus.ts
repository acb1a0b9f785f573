import { LENS_OPTIONS } from "../lens_options.ts";
import { command } from "../spec.ts";

export default command({
  targets: "list",
  description: "Makes the camera look for its focus once, as after a cleaning or a new zoom.",
  arguments: {},
  options: LENS_OPTIONS,
  examples: [
    { does: "Focus", line: "dhip lens autofocus 192.0.2.7" },
    { does: "Focus, and wait for it", line: "dhip lens autofocus 192.0.2.7 --verify" },
  ],
  async run(context, _args, choice) {
    const { orderLens } = await import("../lens_work.ts");
    return await orderLens(context, "autofocus", choice, async (lens, channel, signal) => {
      await lens.autofocus(channel, { signal });
      return null;
    });
  },
});
