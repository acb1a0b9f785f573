import { command } from "../spec.ts";

export default command({
  targets: "many",
  description:
    "Lists the channels of a camera, recorder or door station: number, name, the camera behind " +
    "it with its model and address, whether its picture is there, and its streams. Numbers start " +
    "with 1; wherever an option takes a channel, its name works too.",
  arguments: {},
  options: {},
  examples: [
    { does: "What a recorder shows", line: "dhip channels 192.0.2.7" },
    {
      does: "Cameras that a recorder has lost",
      line: "dhip channels 192.0.2.7 -o json | jq '.channels[] | select(.online == false)'",
    },
    { does: "Two recorders as a spreadsheet", line: "dhip channels 192.0.2.7 192.0.2.8 -o csv" },
  ],
  details: async () => [(await import("../help/topics.ts")).CHANNELS],
  async run(context) {
    const { serviceOf } = await import("../devices.ts");
    const { channelsView } = await import("../channels_view.ts");
    const { signal, log } = context;
    return await context.each(async (device, { name }) => {
      const list = await serviceOf(device, "channels").list({ signal });
      for (const { source, error } of list.problems) {
        log.notice(`${name}: ${source} could not be read: ${error.message}`);
      }
      return list;
    }, { view: channelsView });
  },
});
