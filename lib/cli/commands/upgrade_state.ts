import { command } from "../spec.ts";

export default command({
  targets: "many",
  description: "Shows whether a device installs firmware now and how far it is. Changes nothing.",
  arguments: {},
  options: {},
  examples: [
    { does: "What a camera does", line: "dhip upgrade state 192.0.2.7" },
    { does: "All devices of a tag", line: "dhip upgrade state @hall -o csv" },
  ],
  async run(context) {
    const { serviceOf } = await import("../devices.ts");
    const { stateView } = await import("../upgrade_view.ts");
    const { signal } = context;
    return await context.each(
      (device) => serviceOf(device, "upgrade").state({ signal }),
      { view: stateView },
    );
  },
});
