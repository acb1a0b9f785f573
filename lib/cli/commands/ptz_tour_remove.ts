import { CHANNEL, numberOrName } from "../ptz/options.ts";
import { command } from "../spec.ts";

export default command({
  targets: "list",
  description: "Removes a tour.",
  arguments: { tour: numberOrName("tour") },
  options: CHANNEL,
  examples: [{ does: "By number", line: "dhip ptz tour remove 192.0.2.7 1" }],
  async run(context, { tour }, choice) {
    const { checkedPlace } = await import("../../camera/ptz/limits.ts");
    const { named, orderPtz } = await import("../ptz/order.ts");
    checkedPlace("tour", tour);
    return await orderPtz(context, "tour remove", choice, async ({ tours }, options) => ({
      details: named(await tours.remove(tour, options)),
    }));
  },
});
