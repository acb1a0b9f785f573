import { command } from "../spec.ts";

export default command({
  targets: "none",
  needsConfig: true,
  description: "Removes devices from the config file and leaves the rest of it as it is.",
  arguments: {
    name: { value: "NAME", many: true, offers: "device", summary: "Name of the device" },
  },
  options: {},
  examples: [{ does: "One device less", line: "dhip devices remove front" }],
  async run(context, { name }) {
    const { removeDevices } = await import("../edit_devices.ts");
    return await removeDevices(context, name);
  },
});
