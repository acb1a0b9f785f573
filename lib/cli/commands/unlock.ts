import { command } from "../spec.ts";

export default command({
  targets: "many",
  connection: ["target", "user", "dhipPort"],
  description:
    "A password that a device refused is not sent again for 30 minutes, or for as long " +
    "as the device said, so that jobs with an old password lock no account. This forgets the " +
    "refusal. It contacts no device and cannot end a lock of the device itself.",
  arguments: {},
  options: {},
  examples: [
    { does: "Let every refused password be tried again", line: "dhip unlock 192.0.2.7" },
    { does: "Only those of one user", line: "dhip unlock 192.0.2.7 -u operator" },
  ],
  async run(context) {
    const { unlockTargets } = await import("../unlock_targets.ts");
    return await unlockTargets(context);
  },
});
