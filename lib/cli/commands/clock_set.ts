import { command } from "../spec.ts";
import { wallTime } from "../values.ts";

export default command({
  targets: "list",
  description:
    "Sets the clock of a device to a time in its own zone, and reads it back. dhip clock sync sets " +
    "it by this computer's clock instead.",
  arguments: {
    time: {
      value: "TIME",
      type: wallTime,
      summary: 'Time in the device\'s own zone: "2026-01-02 03:04:05"',
    },
  },
  options: {},
  examples: [
    { does: "Set a clock", line: "dhip clock set 192.0.2.7 '2026-01-02 03:04:05'" },
  ],
  async run(context, { time }) {
    const { serviceOf } = await import("../devices.ts");
    const { timeText } = await import("../clock_view.ts");
    const { signal } = context;
    return await context.each(
      async (device) => ({ time: await serviceOf(device, "clock").set(time, { signal }) }),
      {
        view: { table: ({ time }) => ({ head: ["Time"], rows: [[timeText(time)]], record: true }) },
      },
    );
  },
});
