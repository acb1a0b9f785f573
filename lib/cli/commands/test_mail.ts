import { command } from "../spec.ts";

export default command({
  targets: "list",
  description:
    "Has a device send a mail to the receivers in its own settings. It asks first, because people " +
    "get that mail; without a terminal, and on several devices, give --yes.",
  arguments: {},
  options: {
    yes: { short: "y", summary: "Do not ask" },
  },
  examples: [
    { does: "Try the mail settings of a camera", line: "dhip test-mail 192.0.2.7" },
    { does: "Those of two", line: "dhip test-mail 192.0.2.7,192.0.2.8 --yes" },
  ],
  async run(context, _args, { yes }) {
    const { serviceOf } = await import("../devices.ts");
    const { confirm, requireAnswers } = await import("../confirm.ts");
    const { io, signal } = context;
    if (!yes) requireAnswers(context, "Sending a mail", "Give --yes.");
    return await context.each(async (device) => {
      const network = serviceOf(device, "network");
      const question = `Have ${device.host} send a mail to the receivers in its settings?`;
      if (!yes) await confirm(io, question, device);
      await network.sendTestMail({ signal });
      return { sent: true };
    }, { view: { table: () => ({ head: ["Mail"], rows: [["sent"]], record: true }) } });
  },
});
