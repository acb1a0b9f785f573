import { command } from "../spec.ts";

export default command({
  targets: "none",
  description: "Compares two backups. Ends with exit code 8 when they differ.",
  arguments: {
    first: { value: "FILE", summary: "Backup, as dhip config backup writes it" },
    second: { value: "FILE", summary: "Another backup" },
  },
  options: {
    table: { value: "NAME", many: true, summary: "Only this table; may be repeated" },
  },
  examples: [
    { does: "What changed in a week", line: "dhip config compare monday.json friday.json" },
  ],
  async run(context, { first, second }, { table }) {
    const { compare, differentError, readBackup } = await import("../tables/diff_work.ts");
    const { differenceGrid, differenceTable } = await import("../tables/change_view.ts");
    const backups = [await readBackup(context, first), await readBackup(context, second)] as const;
    const differences = compare(backups[0], backups[1].tables, table);
    await context.output.result(differences, {
      table: (found) =>
        found.length === 0 ? "No differences.\n" : differenceTable(found, ["first", "second"]),
      csv: (found) => differenceGrid(found, ["first", "second"]),
    });
    const error = differentError(differences);
    if (error !== undefined) throw error;
    return 0;
  },
});
