import { command } from "../spec.ts";

export default command({
  targets: "list",
  description:
    "Writes the tables of a backup to a device: works out what would change, shows it, asks, " +
    "writes, and reads every table back. Passwords that are masked in the backup stay what the " +
    "device has. Settings that did not hold end with exit code 7.",
  arguments: {
    file: { value: "FILE", summary: "Backup, as dhip config backup or --undo writes it" },
  },
  options: {
    table: { value: "NAME", many: true, summary: "Only this table; may be repeated" },
    dryRun: { short: "n", summary: "Show what would change and change nothing" },
    otherDevice: { summary: "With --yes: write it even to another model than the backup is of" },
    yes: { short: "y", summary: "Do not ask" },
    undo: {
      value: "FILE",
      summary: "Write the old tables here first, to a new file; {host} stands for the target",
    },
  },
  examples: [
    { does: "See what would change", line: "dhip config restore 192.0.2.7 gate.json --dry-run" },
    { does: "Restore without a question", line: "dhip config restore 192.0.2.7 gate.json --yes" },
    { does: "Take back a config set", line: "dhip config restore 192.0.2.7 undo.json --yes" },
  ],
  async run(context, { file }, options) {
    const { restoreWork } = await import("../tables/restore_work.ts");
    const { changeView } = await import("../tables/change_view.ts");
    const { notHeldError } = await import("../tables/access.ts");
    return await context.each(await restoreWork(context, file, options), {
      view: changeView,
      verdict: ({ notHeld }) => notHeldError("", notHeld),
    });
  },
});
