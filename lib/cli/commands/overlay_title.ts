import { CHANGE } from "../overlay/options.ts";
import { command } from "../spec.ts";

export default command({
  targets: "list",
  description:
    "Shows the titles of all channels, or of one. With a TEXT: changes that of one channel, and " +
    "reads it back. A | in it is a line break. A channel that the device does not have is an " +
    "error before anything is written.",
  arguments: {
    text: { value: "TEXT", optional: true, summary: "New title" },
  },
  options: { ...CHANGE },
  examples: [
    { does: "The titles of a recorder", line: "dhip overlay title 192.0.2.7" },
    { does: "A new title for channel 3", line: "dhip overlay title 192.0.2.7 'Yard' -c 3" },
    {
      does: "See what renaming would change",
      line: "dhip overlay title 192.0.2.7 'Main gate' --channel Gate --dry-run",
    },
  ],
  async run(context, { text }, where) {
    if (context.python) {
      const { pythonTitle } = await import("../overlay/python.ts");
      return await pythonTitle(context, text, Number(where.channel ?? 1));
    }
    if (text !== undefined) {
      const { changeOverlay } = await import("../overlay/change.ts");
      return await changeOverlay(context, where, { title: { text } });
    }
    const { showTitles } = await import("../overlay/titles.ts");
    return await showTitles(context, where);
  },
});
