import { CHANNEL, numberOrName } from "../ptz/options.ts";
import { command } from "../spec.ts";

export default command({
  targets: "list",
  description: "Begins a tour. It goes on by itself until it is stopped.",
  arguments: { tour: numberOrName("tour") },
  options: CHANNEL,
  examples: [{ does: "By number", line: "dhip ptz tour start 192.0.2.7 1" }],
  async run(context, { tour }, choice) {
    const { checkedPlace } = await import("../../camera/ptz/limits.ts");
    const { named, orderPtz } = await import("../ptz/order.ts");
    checkedPlace("tour", tour);
    return await orderPtz(context, "tour start", choice, async ({ tours }, options) => ({
      details: named(await tours.start(tour, options)),
    }));
  },
});
