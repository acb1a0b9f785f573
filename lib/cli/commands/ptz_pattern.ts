import { CHANNEL, NUMBER } from "../ptz/options.ts";
import { command } from "../spec.ts";
import { usageError } from "../usage.ts";
import { oneOf } from "../values.ts";

export default command({
  targets: "list",
  description: "Records a motion and repeats it: record, move the camera, save, start. A pattern " +
    "goes on by itself until it is stopped.",
  arguments: {
    action: {
      value: "ACTION",
      type: oneOf("list", "record", "save", "start", "stop"),
      summary: "list, record, save, start or stop",
    },
    number: {
      value: "NUMBER",
      type: NUMBER,
      optional: true,
      summary: "Number of the pattern; the first is 1. list takes none",
    },
  },
  options: { name: { value: "NAME", summary: "Name for a new pattern" }, ...CHANNEL },
  examples: [
    { does: "Begin to record pattern 1", line: "dhip ptz pattern 192.0.2.7 record 1" },
    { does: "Repeat it", line: "dhip ptz pattern 192.0.2.7 start 1" },
    { does: "What there is", line: "dhip ptz pattern 192.0.2.7 list" },
  ],
  async run(context, { action, number }, { name, ...choice }) {
    const { askPtz, orderPtz } = await import("../ptz/order.ts");
    if (action === "list") {
      if (number !== undefined) throw usageError("list takes no NUMBER");
      const { rememberedView } = await import("../ptz/views.ts");
      return await askPtz(
        context,
        choice,
        rememberedView,
        ({ patterns }, options) => patterns.list(options),
      );
    }
    if (number === undefined) throw usageError("NUMBER is missing");
    const { checkedName } = await import("../../camera/ptz/limits.ts");
    if (name !== undefined) checkedName("pattern", name);
    return await orderPtz(context, `pattern ${action}`, choice, async ({ patterns }, options) => {
      if (action === "record") await patterns.record(number, { ...options, name });
      else await patterns[action](number, options);
      return { details: { number } };
    });
  },
});
