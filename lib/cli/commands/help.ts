import { command } from "../spec.ts";

export default command({
  targets: "none",
  arguments: {
    command: {
      value: "COMMAND",
      optional: true,
      many: true,
      offers: "command",
      summary: "Command to explain",
    },
  },
  options: {},
  examples: [
    { does: "All commands", line: "dhip help" },
    { does: "One of them", line: "dhip help call" },
    { does: "One of a group", line: "dhip help devices add" },
  ],
  async run({ output, help }, { command: words }) {
    await output.text(await help(words.length === 0 ? undefined : words.join(" ")));
    return 0;
  },
});
