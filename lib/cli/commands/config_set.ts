import { command } from "../spec.ts";

export default command({
  targets: "list",
  description:
    "Changes settings: reads the table, changes the places named, writes it back, and reads it " +
    "again to see whether the device kept the change. A change that did not hold ends with exit " +
    "code 7. The type of a value follows the one in the table.",
  arguments: {
    changes: {
      value: "PATH=VALUE",
      summary: "For example Encode[0].MainFormat[0].Video.FPS=15, or a TABLE with --table",
      many: true,
    },
  },
  options: {
    table: {
      value: "JSON",
      summary: "Write this whole table; @FILE reads a file, - reads standard input",
    },
    dryRun: { short: "n", summary: "Show what would change and change nothing" },
    undo: {
      value: "FILE",
      summary:
        "Write the old tables to this new file first, for dhip config restore; {host} for the target",
    },
  },
  examples: [
    { does: "See what would change", line: "dhip config set 192.0.2.7 NTP.Enable=true --dry-run" },
    {
      does: "Change two settings, with a way back",
      line:
        "dhip config set 192.0.2.7 NTP.Enable=true NTP.Address=ntp.example.org --undo undo.json",
    },
    { does: "Write a whole table", line: "dhip config set 192.0.2.7 NTP --table @ntp.json" },
  ],
  async run(context, { changes }, options) {
    const { setWork } = await import("../tables/set_work.ts");
    const { changeView } = await import("../tables/change_view.ts");
    const { notHeldError } = await import("../tables/access.ts");
    return await context.each(await setWork(context, changes, options), {
      view: changeView,
      verdict: ({ notHeld }) => notHeldError("", notHeld),
    });
  },
});
