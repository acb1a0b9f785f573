import { CHANNEL, numberOrName } from "../ptz/options.ts";
import { command } from "../spec.ts";

export default command({
  targets: "list",
  description: "Keeps the present position as a preset, and sees whether the camera lists it. A " +
    "new name takes the first free number; a preset that exists is replaced.",
  arguments: { preset: numberOrName("preset") },
  options: {
    name: { value: "NAME", summary: "Name for a preset that is given by number" },
    ...CHANNEL,
  },
  examples: [
    { does: "This is the gate", line: "dhip ptz preset save 192.0.2.7 gate" },
    { does: "As number 3", line: "dhip ptz preset save 192.0.2.7 3 --name gate" },
  ],
  async run(context, { preset }, { name, ...choice }) {
    const { checkedPlace } = await import("../../camera/ptz/limits.ts");
    const { named, orderPtz } = await import("../ptz/order.ts");
    checkedPlace("preset", preset, name);
    return await orderPtz(context, "preset save", choice, async ({ presets }, options) => ({
      details: named(await presets.save(preset, { ...options, name })),
    }));
  },
});
