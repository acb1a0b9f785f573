import { CHANNEL, DURATION } from "../ptz/options.ts";
import { command } from "../spec.ts";
import { integer } from "../values.ts";

const ARGUMENT = integer(-65_536, 65_536);

export default command({
  targets: "list",
  description: "Starts a code of ptz.start by its name on the device, waits, and stops it, as " +
    "python-dhip does with words that it does not know. For what has no command of its own.",
  arguments: { code: { value: "CODE", summary: "The device's word, for example AutoPanOn" } },
  options: {
    arg1: { value: "N", type: ARGUMENT, default: 0, summary: "First argument" },
    arg2: { value: "N", type: ARGUMENT, default: 0, summary: "Second argument" },
    arg3: { value: "N", type: ARGUMENT, default: 0, summary: "Third argument" },
    ...DURATION,
    ...CHANNEL,
  },
  examples: [
    {
      does: "Round and round for ten seconds",
      line: "dhip ptz code 192.0.2.7 AutoPanOn --arg2 4 --duration 10",
    },
  ],
  async run(context, { code }, { arg1, arg2, arg3, duration, channel }) {
    const { movePtz, ownCall } = await import("../ptz/order.ts");
    return await movePtz(
      context,
      code,
      { channel, duration, arg1, arg2, arg3 },
      (ptz, options) => ownCall(ptz, "runCode")(code, [arg1, arg2, arg3], duration, options),
    );
  },
});
