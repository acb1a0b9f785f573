import { command } from "../spec.ts";

export default command({
  targets: "none",
  needsConfig: true,
  description: "Lists the devices of the config file, and where their passwords come from.",
  arguments: {},
  options: {
    tag: { value: "TAG", offers: "tag", summary: "Only devices with this tag" },
  },
  examples: [
    { does: "All of them", line: "dhip devices list" },
    { does: "Names of those in the hall", line: "dhip devices list --tag hall -o csv" },
  ],
  async run({ config, output, log }, _args, { tag }) {
    const { devicesView } = await import("../device_view.ts");
    const wanted = tag?.replace(/^@/, "");
    const devices = [...config.devices.values()]
      .filter(({ tags }) => wanted === undefined || tags.includes(wanted));
    if (config.devices.size === 0 && config.path !== undefined) {
      log.notice(`No devices in ${config.path}; dhip devices add NAME HOST adds one`);
    }
    await output.result(devices, devicesView);
    return 0;
  },
});
