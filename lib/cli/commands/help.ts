import { command } from "../spec.ts";

export default command({
  targets: "none",
  arguments: {
    command: { value: "COMMAND", optional: true, summary: "Command to explain" },
  },
  options: {},
  examples: [
    { does: "All commands", line: "dhip help" },
    { does: "One of them", line: "dhip help call" },
  ],
  async run({ output, help }, { command: name }) {
    await output.text(await help(name));
    return 0;
  },
});
