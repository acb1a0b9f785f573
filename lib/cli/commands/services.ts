import { serviceOf } from "../devices.ts";
import { command } from "../spec.ts";

export default command({
  targets: "list",
  arguments: {
    service: { value: "SERVICE", optional: true, summary: "List the methods of this service" },
  },
  options: {},
  examples: [
    { does: "What services a camera has", line: "dhip services 192.0.2.7" },
    { does: "The methods of one of them", line: "dhip services 192.0.2.7 magicBox" },
  ],
  run(context, { service }) {
    const { signal } = context;
    const title = service === undefined ? "service" : "method";
    return context.each(
      (device) =>
        service === undefined
          ? serviceOf(device, "rpc").services({ signal })
          : serviceOf(device, "rpc").methods(service, { signal }),
      { view: { table: (names) => ({ head: [title], rows: names.map((name) => [name]) }) } },
    );
  },
});
