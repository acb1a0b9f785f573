import { command } from "../spec.ts";

export default command({
  targets: "list",
  description:
    "Saves all configuration tables to one file. Passwords are masked unless --secrets is given; " +
    "a masked backup can still be restored to the same device, which keeps the passwords it has.",
  arguments: {
    file: {
      value: "FILE",
      summary: "Where to; {host} and {name} stand for the target, - is stdout",
    },
  },
  options: {
    secrets: { summary: "Keep passwords in clear text; only you can read the file" },
    table: { value: "NAME", many: true, summary: "Only this table; may be repeated" },
  },
  examples: [
    { does: "Everything to a file", line: "dhip config backup 192.0.2.7 gate.json" },
    {
      does: "Many cameras, a file each",
      line: "dhip config backup 192.0.2.7,192.0.2.8 '{host}.json'",
    },
    { does: "Only some tables", line: "dhip config backup 192.0.2.7 - --table NTP --table Encode" },
  ],
  async run(context, { file }, options) {
    const { backupWork } = await import("../tables/backup_work.ts");
    return await context.each(backupWork(context, file, options), {
      view: {
        table: (result) =>
          "file" in result
            ? {
              head: ["file", "tables", "masked"],
              rows: [[result.file, result.tables, result.masked]],
            }
            : `${JSON.stringify(result, null, 2)}\n`,
      },
    });
  },
});
