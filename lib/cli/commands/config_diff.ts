import { command } from "../spec.ts";

export default command({
  targets: "list",
  description:
    "Compares a backup with a device. Ends with exit code 8 when they differ. Passwords that are " +
    "masked on either side are not compared. dhip config compare compares two backups.",
  arguments: {
    file: { value: "FILE", summary: "Backup, as dhip config backup writes it" },
  },
  options: {
    table: { value: "NAME", many: true, summary: "Only this table; may be repeated" },
  },
  examples: [
    {
      does: "What changed on the camera since the backup",
      line: "dhip config diff 192.0.2.7 gate.json",
    },
    { does: "Only the time settings", line: "dhip config diff 192.0.2.7 gate.json --table NTP" },
  ],
  async run(context, { file }, { table }) {
    const { diffWork, differentError } = await import("../tables/diff_work.ts");
    const { differenceGrid, differenceTable } = await import("../tables/change_view.ts");
    return await context.each(await diffWork(context, file, table), {
      view: {
        table: (differences) =>
          differences.length === 0
            ? "No differences.\n"
            : differenceTable(differences, ["backup", "device"]),
        csv: (differences) => differenceGrid(differences, ["backup", "device"]),
      },
      verdict: differentError,
    });
  },
});
