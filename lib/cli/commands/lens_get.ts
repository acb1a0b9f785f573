import { CHANNEL } from "../ptz/options.ts";
import { command } from "../spec.ts";

export default command({
  targets: "list",
  description: "Shows where the motors of a lens stand, as parts of their ways from 0 to 1, and " +
    "whether they run.",
  arguments: {},
  options: CHANNEL,
  examples: [
    { does: "Where it stands", line: "dhip lens get 192.0.2.7" },
    { does: "The zoom alone", line: "dhip lens get 192.0.2.7 -o json | jq .zoom" },
  ],
  async run(context, _args, { channel }) {
    const { channelOf } = await import("../channel_option.ts");
    const { serviceOf } = await import("../devices.ts");
    const { lensView } = await import("../lens_work.ts");
    const { signal } = context;
    return await context.each(async (device) => {
      const number = await channelOf(device, channel, signal);
      return await serviceOf(device, "lens").state(number, { signal });
    }, { view: lensView });
  },
});
