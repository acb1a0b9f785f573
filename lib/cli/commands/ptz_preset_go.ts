import { CHANNEL, numberOrName, SPEED, VERIFY } from "../ptz/options.ts";
import { command } from "../spec.ts";

export default command({
  targets: "list",
  description:
    "Goes to a preset. The camera goes on by itself: --verify waits for it, and needs a " +
    "camera that tells at which preset it is.",
  arguments: { preset: numberOrName("preset") },
  options: { ...SPEED, ...VERIFY, ...CHANNEL },
  examples: [
    { does: "By name", line: "dhip ptz preset go 192.0.2.7 gate" },
    { does: "By number, and see it arrive", line: "dhip ptz preset go 192.0.2.7 3 --verify" },
  ],
  async run(context, { preset }, { speed, ...choice }) {
    const { checkedPlace } = await import("../../camera/ptz/limits.ts");
    const { named, orderPtz } = await import("../ptz/order.ts");
    checkedPlace("preset", preset);
    return await orderPtz(context, "preset go", choice, async ({ presets }, options) => {
      const found = await presets.go(preset, { ...options, speed });
      return { preset: found.number, details: named(found) };
    });
  },
});
