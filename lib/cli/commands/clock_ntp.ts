import { command } from "../spec.ts";
import { usageError } from "../usage.ts";
import { integer, port } from "../values.ts";

export default command({
  targets: "list",
  description:
    "Shows the time server of a device, or changes it: reads the setting, changes it, and reads it " +
    "back. A change that did not hold ends with exit code 7.",
  arguments: {},
  options: {
    server: { value: "HOST", summary: "Name or address of the time server" },
    port: { value: "PORT", type: port, summary: "Its UDP port, commonly 123" },
    period: {
      value: "MINUTES",
      type: integer(1, 65_535),
      summary: "Minutes from one synchronisation to the next; many devices take up to 30",
    },
    enable: { summary: "Set the clock by the server" },
    disable: { summary: "Leave the clock alone" },
    dryRun: { short: "n", summary: "Show what would change and change nothing" },
  },
  examples: [
    { does: "Show it", line: "dhip clock ntp 192.0.2.7" },
    {
      does: "Every ten minutes by a server of your own",
      line: "dhip clock ntp 192.0.2.7 --server 192.0.2.1 --period 10 --enable",
    },
    { does: "See what would change", line: "dhip clock ntp 192.0.2.7 --disable --dry-run" },
  ],
  async run(context, _, { server, port, period, enable, disable, dryRun }) {
    if (enable && disable) throw usageError("--enable and --disable exclude each other");
    const { serviceOf } = await import("../devices.ts");
    const { signal } = context;
    const enabled = enable || disable ? enable : undefined;
    if ([server, port, period, enabled].every((value) => value === undefined)) {
      if (dryRun) throw usageError("--dry-run is for a change", "Give --server, --enable, …");
      const { ntpView } = await import("../clock_view.ts");
      return await context.each(
        async (device) => (await serviceOf(device, "clock").read({ signal })).ntp,
        { view: ntpView },
      );
    }
    const { applyChange } = await import("../tables/apply_plan.ts");
    const { changeView } = await import("../tables/change_view.ts");
    const { notHeldError } = await import("../tables/access.ts");
    return await context.each(async (device, target) => {
      const change = await serviceOf(device, "clock")
        .planNtp({ server, port, period, enabled }, { signal });
      return await applyChange(context, target, change, dryRun);
    }, { view: changeView, verdict: ({ notHeld }) => notHeldError("", notHeld) });
  },
});
