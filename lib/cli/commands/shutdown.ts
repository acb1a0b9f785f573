import { command } from "../spec.ts";
import { usageError } from "../usage.ts";

export default command({
  targets: "many",
  description:
    "Switches a device off. It cannot be switched on again from afar: somebody has to go there.",
  arguments: {},
  options: {
    confirm: { summary: "Yes, switch it off" },
  },
  examples: [
    {
      does: "Switch a recorder off before its disks are changed",
      line: "dhip shutdown 192.0.2.7 --confirm",
    },
  ],
  async run(context, _args, { confirm }) {
    if (!confirm) {
      throw usageError(
        "Nothing was done: shutdown needs --confirm",
        "The device cannot be switched on again from afar. dhip reboot restarts it.",
      );
    }
    const { shutdownWork, powerView, unheardError } = await import("../power_work.ts");
    const looks = { view: powerView("off"), verdict: unheardError };
    return await context.each(shutdownWork(context), looks);
  },
});
