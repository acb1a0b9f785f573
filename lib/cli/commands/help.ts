import { command } from "../spec.ts";

export default command({
  targets: "none",
  description:
    "Shows the help of a command, of a group of commands, or of a topic. With --man it " +
    "is the source of a manual page, for man, groff and mandoc.",
  arguments: {
    command: {
      value: "COMMAND|TOPIC",
      optional: true,
      many: true,
      offers: "command",
      summary: "Command or topic to explain; without one the program itself",
    },
  },
  options: {
    man: { summary: "As a manual page, in roff" },
  },
  examples: [
    { does: "All commands and topics", line: "dhip help" },
    { does: "One command", line: "dhip help call" },
    { does: "One of a group", line: "dhip help devices add" },
    { does: "A topic", line: "dhip help credentials" },
    { does: "Read it as a manual page", line: "dhip help --man events | man -l -" },
  ],
  async run({ io, output, help }, { command: words }, { man }) {
    const name = words.length === 0 ? undefined : words.join(" ");
    await output.text(await help(name, man ? "man" : io.stdout.columns));
    return 0;
  },
});
