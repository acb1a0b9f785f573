import { command } from "../spec.ts";

export default command({
  targets: "many",
  description: "Reads model, vendor, serial number, firmware, memory, load, uptime and clock. " +
    "A device that does not know one of them still shows the others.",
  arguments: {},
  options: {
    definition: {
      value: "NAME",
      summary: "Instead, a property that the maker gave the model, such as MaxExtraStream",
    },
  },
  examples: [
    { does: "One camera, asking for the password", line: "dhip info 192.0.2.7" },
    {
      does: "Two cameras as a spreadsheet, with the password from a file",
      line: "dhip info 192.0.2.7 192.0.2.8 -o csv --password-stdin < password.txt",
    },
    {
      does: "Just the serial number",
      line: "dhip info dhip://operator@192.0.2.7:5001 -o json | jq -r .serial",
    },
    {
      does: "How many sub streams the model has",
      line: "dhip info 192.0.2.7 --definition MaxExtraStream",
    },
  ],
  async run(context, _args, { definition }) {
    const { signal, log } = context;
    if (context.python) {
      const { pythonInfo, pythonView } = await import("../python_shapes.ts");
      return await context.each((device) => pythonInfo(device, signal), { view: pythonView });
    }
    if (definition !== undefined) {
      const { definitionOf } = await import("../devices.ts");
      const { pathGrid } = await import("../view.ts");
      return await context.each(
        (device) => definitionOf(device, definition, signal),
        { view: { table: (value) => pathGrid({ [definition]: value }) } },
      );
    }
    const { infoView, brokenLink } = await import("../info_view.ts");
    return await context.each(
      async (device, { name }) => {
        const info = await device.system.info({ signal });
        for (const { field, error } of info.problems) {
          log.notice(`${name}: no ${field}: ${error.message}`);
        }
        return info;
      },
      { view: infoView, verdict: brokenLink },
    );
  },
});
