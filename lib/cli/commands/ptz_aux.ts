import { CHANNEL } from "../ptz/options.ts";
import { command } from "../spec.ts";
import { oneOf } from "../values.ts";

export default command({
  targets: "list",
  description: "Switches a light, a wiper or another helper of the camera.",
  arguments: {
    name: { value: "NAME", summary: "light, wiper, or a name of dhip ptz capabilities" },
    state: { value: "STATE", type: oneOf("on", "off"), summary: "on or off" },
  },
  options: CHANNEL,
  examples: [
    { does: "Light", line: "dhip ptz aux 192.0.2.7 light on" },
    { does: "No more wiping", line: "dhip ptz aux 192.0.2.7 wiper off" },
  ],
  async run(context, { name, state }, choice) {
    const { checkedAux } = await import("../../camera/ptz/limits.ts");
    const { orderPtz } = await import("../ptz/order.ts");
    checkedAux(name);
    return await orderPtz(context, "aux", choice, async (ptz, options) => {
      await ptz.switchAux(name, state === "on", options);
      return { details: { name, state } };
    });
  },
});
