import { CHANNEL } from "../ptz/options.ts";
import { command } from "../spec.ts";
import { usageError } from "../usage.ts";

export default command({
  targets: "list",
  description: "Shows where the camera looks, and nothing else.",
  arguments: {},
  options: {
    degrees: { summary: "In degrees, and the zoom as a factor; this is the default" },
    raw: { summary: "In the numbers that the camera sends: degrees, or steps of its own" },
    ...CHANNEL,
  },
  examples: [
    { does: "In degrees", line: "dhip ptz position 192.0.2.7" },
    { does: "In the camera's own numbers", line: "dhip ptz position 192.0.2.7 --raw" },
  ],
  async run(context, _args, { degrees, raw, ...choice }) {
    if (degrees && raw) throw usageError("--degrees and --raw do not go together");
    const { askPtz } = await import("../ptz/order.ts");
    if (context.python) {
      const { pythonPosition, pythonView } = await import("../python_shapes.ts");
      return await askPtz(
        context,
        choice,
        pythonView,
        async (ptz, options) => pythonPosition(await ptz.status(options), degrees),
      );
    }
    const { positionView } = await import("../ptz/views.ts");
    return await askPtz(context, choice, positionView, async (ptz, options) => {
      const status = await ptz.status(options);
      return raw ? status.raw : status.position;
    });
  },
});
