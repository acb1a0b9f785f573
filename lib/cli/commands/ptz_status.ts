import { CHANNEL } from "../ptz/options.ts";
import { command } from "../spec.ts";

export default command({
  targets: "list",
  description:
    "Shows where the camera looks, in degrees and in its own numbers, and what it does. " +
    "Where it counts in steps, location_fullscale and tilt_span of its entry in the config file " +
    "say how many they are.",
  arguments: {},
  options: CHANNEL,
  examples: [
    { does: "Where it looks", line: "dhip ptz status 192.0.2.7" },
    { does: "Whether it moves", line: "dhip ptz status 192.0.2.7 -o json | jq .moving" },
  ],
  async run(context, _args, choice) {
    const { askPtz, ownCall } = await import("../ptz/order.ts");
    if (context.python) {
      const { pythonView } = await import("../python_shapes.ts");
      return await askPtz(
        context,
        choice,
        pythonView,
        (ptz, options) => ownCall(ptz, "rawStatus")(options),
      );
    }
    const { statusView } = await import("../ptz/views.ts");
    return await askPtz(context, choice, statusView, async (ptz, options) => {
      const status = await ptz.status(options);
      return status.moving === null ? { ...status, moving: await ptz.isMoving(options) } : status;
    });
  },
});
