import { command } from "../spec.ts";

export default command({
  targets: "list",
  description:
    "Removes an account, and looks whether it is gone. It asks first; without a terminal, and on " +
    "several devices, give --yes.",
  arguments: {
    name: { value: "NAME", summary: "Account to remove" },
  },
  options: {
    yes: { short: "y", summary: "Do not ask" },
  },
  examples: [
    { does: "Remove an account", line: "dhip user remove 192.0.2.7 guard" },
    { does: "From two cameras", line: "dhip user remove 192.0.2.7,192.0.2.8 guard --yes" },
  ],
  async run(context, { name }, { yes }) {
    const { serviceOf } = await import("../devices.ts");
    const { confirm, requireAnswers } = await import("../confirm.ts");
    const { io, signal } = context;
    if (!yes) requireAnswers(context, "Removing an account", "Give --yes.");
    return await context.each(async (device) => {
      if (!yes) await confirm(io, `Remove the account ${name} from ${device.host}?`, device);
      await serviceOf(device, "users").remove(name, { signal });
      return { removed: name };
    }, { view: { table: ({ removed }) => ({ head: ["removed"], rows: [[removed]] }) } });
  },
});
