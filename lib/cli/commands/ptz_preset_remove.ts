import { CHANNEL, numberOrName } from "../ptz/options.ts";
import { command } from "../spec.ts";

export default command({
  targets: "list",
  arguments: { preset: numberOrName("preset") },
  options: CHANNEL,
  examples: [{ does: "By name", line: "dhip ptz preset remove 192.0.2.7 gate" }],
  async run(context, { preset }, choice) {
    const { checkedPlace } = await import("../../camera/ptz/limits.ts");
    const { named, orderPtz } = await import("../ptz/order.ts");
    checkedPlace("preset", preset);
    return await orderPtz(context, "preset remove", choice, async ({ presets }, options) => ({
      details: named(await presets.remove(preset, options)),
    }));
  },
});
