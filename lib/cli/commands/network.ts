import { command } from "../spec.ts";

export default command({
  targets: "many",
  description:
    "Shows the network interfaces of a device: whether they are connected, addresses, and, as JSON, " +
    "the counters that the device keeps and what its network can do, in its own words.",
  arguments: {},
  options: {},
  examples: [
    { does: "Interfaces of a camera", line: "dhip network 192.0.2.7" },
    { does: "Hardware addresses of two", line: "dhip network 192.0.2.7 192.0.2.8 -o csv" },
    {
      does: "Counters",
      line: "dhip network 192.0.2.7 -o json | jq '.interfaces[].statistics'",
    },
  ],
  async run(context) {
    const { serviceOf } = await import("../devices.ts");
    const { networkView } = await import("../network_view.ts");
    const { signal } = context;
    return await context.each(
      (device) => serviceOf(device, "network").status({ signal }),
      { view: networkView },
    );
  },
});
