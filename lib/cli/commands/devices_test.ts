import { envelopeOf } from "../failure.ts";
import { command } from "../spec.ts";

export default command({
  targets: "manyOrAll",
  description:
    "Logs in to each device once and out again. With several devices, exit code 6 says " +
    "that some of them failed.",
  arguments: {},
  options: {},
  examples: [
    { does: "All devices of the config file", line: "dhip devices test" },
    { does: "Those in the hall, as a spreadsheet", line: "dhip devices test @hall -o csv" },
  ],
  run(context) {
    return context.each((_device, { user }) => Promise.resolve({ login: "ok", user }), {
      view: {
        table: ({ login, user }) => ({ head: ["Login", "User"], rows: [[login, user]] }),
        failed: (error) => ({ head: ["Login", "User"], rows: [[envelopeOf(error).code, null]] }),
      },
    });
  },
});
