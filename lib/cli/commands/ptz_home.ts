import { CHANNEL, VERIFY } from "../ptz/options.ts";
import { command } from "../spec.ts";

export default command({
  targets: "list",
  description: "Goes to the home position, or makes the present position the home position.",
  arguments: {},
  options: {
    set: { summary: "Make the present position the home position" },
    ...VERIFY,
    ...CHANNEL,
  },
  examples: [
    { does: "Go there", line: "dhip ptz home 192.0.2.7" },
    { does: "Home is here", line: "dhip ptz home 192.0.2.7 --set" },
  ],
  async run(context, _args, { set, ...choice }) {
    const { orderPtz } = await import("../ptz/order.ts");
    return await orderPtz(context, set ? "home set" : "home", choice, async (ptz, options) => {
      if (set) await ptz.setHome(options);
      else await ptz.goHome(options);
      return {};
    });
  },
});
