import { CHANNEL, NUMBER } from "../ptz/options.ts";
import { command } from "../spec.ts";

export default command({
  targets: "list",
  description: "Makes a tour, or gives it another name. Which presets it visits is set on the " +
    "camera's own page.",
  arguments: {
    number: { value: "NUMBER", type: NUMBER, summary: "Number of the tour; the first is 1" },
    name: { value: "NAME", summary: "Its name" },
  },
  options: CHANNEL,
  examples: [{ does: "Tour 1", line: "dhip ptz tour set 192.0.2.7 1 night" }],
  async run(context, { number, name }, choice) {
    const { checkedName } = await import("../../camera/ptz/limits.ts");
    const { named, orderPtz } = await import("../ptz/order.ts");
    checkedName("tour", name);
    return await orderPtz(context, "tour set", choice, async ({ tours }, options) => ({
      details: named(await tours.set(number, name, options)),
    }));
  },
});
