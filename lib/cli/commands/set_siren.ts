import { SETTING_OPTIONS } from "../setting_options.ts";
import { command } from "../spec.ts";
import { oneOf } from "../values.ts";

export default command({
  targets: "list",
  description: "Switches the siren. Without a value it shows whether it is on. Many cameras " +
    "switch it off again by themselves after some seconds.",
  arguments: {
    value: { value: "on|off", type: oneOf("on", "off"), optional: true, summary: "The new state" },
  },
  options: SETTING_OPTIONS,
  examples: [
    { does: "Is it on?", line: "dhip set siren 192.0.2.7" },
    { does: "Switch it on", line: "dhip set siren 192.0.2.7 on" },
    { does: "Off, on another channel", line: "dhip set siren 192.0.2.7 off --channel 2" },
  ],
  async run(context, { value }, options) {
    const { deterrentCommand } = await import("../deterrent_command.ts");
    return await deterrentCommand(context, "siren", value, options);
  },
});
