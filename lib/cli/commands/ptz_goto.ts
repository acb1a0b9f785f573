import { CHANNEL, SPEED, TOLERANCE, VERIFY } from "../ptz/options.ts";
import { command } from "../spec.ts";
import { decimal } from "../values.ts";

export default command({
  targets: "list",
  description: "Goes to a position. What is left out stays as it is, where the camera tells its " +
    "position. The camera goes on by itself: --verify waits for it.",
  arguments: {},
  options: {
    pan: { value: "DEGREES", type: decimal(-360, 360), summary: "0 or more and below 360" },
    tilt: {
      value: "DEGREES",
      type: decimal(-180, 180),
      summary: "-180 to 180; cameras reach less",
    },
    zoom: { value: "FACTOR", type: decimal(0, 128), summary: "Zoom factor, 1 is the widest" },
    ...SPEED,
    ...VERIFY,
    ...TOLERANCE,
    ...CHANNEL,
  },
  examples: [
    { does: "To the east, a little down", line: "dhip ptz goto 192.0.2.7 --pan 90 --tilt 10" },
    {
      does: "The same, and fail unless it gets there within 20 s",
      line: "dhip ptz goto 192.0.2.7 --pan 90 --tilt 10 --zoom 1 --verify --within 20",
    },
  ],
  async run(context, _args, { pan, tilt, zoom, speed, ...choice }) {
    const { checkAim } = await import("../../camera/ptz/limits.ts");
    const { orderPtz } = await import("../ptz/order.ts");
    const aim = { pan, tilt, zoom };
    checkAim(aim);
    return await orderPtz(context, "goto", choice, async (ptz, options) => {
      const ordered = await ptz.goto(aim, { ...options, speed });
      return { aim: ordered, details: { ...ordered } };
    });
  },
});
