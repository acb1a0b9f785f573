import { LENS_OPTIONS } from "../lens_options.ts";
import { command } from "../spec.ts";
import { usageError } from "../usage.ts";
import { decimal } from "../values.ts";

export default command({
  targets: "list",
  description: "Sends focus and zoom of a motorised lens to places, as parts of their ways. What " +
    "is left out stays where it is.",
  arguments: {},
  options: {
    focus: { value: "PART", type: decimal(0, 1), summary: "Focus, 0 to 1" },
    zoom: { value: "PART", type: decimal(0, 1), summary: "Zoom, 0 (wide) to 1 (tele)" },
    ...LENS_OPTIONS,
  },
  examples: [
    { does: "As wide as it goes", line: "dhip lens set 192.0.2.7 --zoom 0" },
    {
      does: "A place that was noted, checked",
      line: "dhip lens set 192.0.2.7 --focus 0.42 --zoom 0.3 --verify",
    },
  ],
  async run(context, _args, { focus, zoom, ...choice }) {
    if (focus === undefined && zoom === undefined) {
      throw usageError("Neither --focus nor --zoom is given", "Give one of them, or both.");
    }
    const { orderLens } = await import("../lens_work.ts");
    return await orderLens(
      context,
      "set",
      choice,
      (lens, channel, signal) => lens.goTo(channel, { focus, zoom }, { signal }),
    );
  },
});
