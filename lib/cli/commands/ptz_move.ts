import { CHANNEL, DURATION } from "../ptz/options.ts";
import { command } from "../spec.ts";
import { integer } from "../values.ts";

const AXIS = integer(-8, 8);

export default command({
  targets: "list",
  description: "Moves pan, tilt and zoom at once, each at a speed of its own, and stops: after " +
    "the time, after Ctrl-C, and over a new connection when the present one is lost.",
  arguments: {},
  options: {
    pan: { value: "N", type: AXIS, default: 0, summary: "-8 to 8; above 0 is to the right" },
    tilt: { value: "N", type: AXIS, default: 0, summary: "-8 to 8; above 0 is up" },
    zoom: { value: "N", type: AXIS, default: 0, summary: "-8 to 8; above 0 is in" },
    ...DURATION,
    ...CHANNEL,
  },
  examples: [
    { does: "Fast to the right, slowly down", line: "dhip ptz move 192.0.2.7 --pan 6 --tilt -1" },
  ],
  async run(context, _args, { pan, tilt, zoom, duration, channel }) {
    const { checkMotion } = await import("../../camera/ptz/limits.ts");
    const { movePtz } = await import("../ptz/order.ts");
    const velocity = { pan, tilt, zoom };
    checkMotion(velocity);
    return await movePtz(
      context,
      "move",
      { channel, duration, ...velocity },
      (ptz, options) => ptz.moveFor(velocity, duration, options),
    );
  },
});
