import { command } from "../spec.ts";

export default command({
  targets: "list",
  description: "Lists the configuration tables of a device, or the members of one table.",
  arguments: { table: { value: "TABLE", summary: "Table whose members to list", optional: true } },
  options: {},
  examples: [
    { does: "All tables", line: "dhip config names 192.0.2.7" },
    { does: "The members of a table", line: "dhip config names 192.0.2.7 NTP" },
  ],
  async run(context, { table }) {
    const { serviceOf } = await import("../devices.ts");
    const { signal } = context;
    return await context.each(async (device) => {
      const config = serviceOf(device, "config");
      return table === undefined
        ? await config.names({ signal })
        : await config.members(table, { signal });
    }, {
      view: {
        table: (names) => ({
          head: [table === undefined ? "table" : "member"],
          rows: names.map((name) => [name]),
        }),
      },
    });
  },
});
