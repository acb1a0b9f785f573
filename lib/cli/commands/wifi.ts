import { command } from "../spec.ts";

export default command({
  targets: "many",
  description: "Has a device listen for radio networks and lists those it hears. That takes some " +
    "seconds; its settings stay as they are.",
  arguments: {},
  options: {
    interface: {
      value: "NAME",
      otherwise: "the first wireless one",
      summary: "Network interface that listens; dhip network lists them",
    },
  },
  examples: [
    { does: "What a camera hears", line: "dhip wifi 192.0.2.7" },
    {
      does: "How well it hears one of them",
      line: "dhip wifi 192.0.2.7 -o json | jq '.[] | select(.ssid == \"yard\") | .quality'",
    },
  ],
  async run(context, _args, options) {
    const { serviceOf } = await import("../devices.ts");
    const { wirelessView } = await import("../network_view.ts");
    const { signal } = context;
    return await context.each(
      (device) => serviceOf(device, "network").wirelessNetworks({ ...options, signal }),
      { view: wirelessView },
    );
  },
});
