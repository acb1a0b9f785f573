import { CHANNEL, SPEED, VERIFY } from "../ptz/options.ts";
import { command } from "../spec.ts";
import { decimal } from "../values.ts";

export default command({
  targets: "list",
  description: "Brings a point of the picture into its middle, and zooms in on it (3-D locate).",
  arguments: {},
  options: {
    x: {
      value: "N",
      type: decimal(-1, 1),
      default: 0,
      summary: "-1 is the left edge, 1 the right",
    },
    y: {
      value: "N",
      type: decimal(-1, 1),
      default: 0,
      summary: "-1 and 1 are the edges above and below; which is which depends on the camera",
    },
    zoom: { value: "N", type: decimal(0, 128), default: 0, summary: "How much closer" },
    ...SPEED,
    ...VERIFY,
    ...CHANNEL,
  },
  examples: [
    {
      does: "What is half way to the right edge, closer",
      line: "dhip ptz locate 192.0.2.7 --x 0.5 --zoom 2",
    },
  ],
  async run(context, _args, { x, y, zoom, speed, ...choice }) {
    const { orderPtz } = await import("../ptz/order.ts");
    const point = { x, y, zoom };
    return await orderPtz(context, "locate", choice, async (ptz, options) => {
      await ptz.locate(point, { ...options, speed });
      return { details: point };
    });
  },
});
