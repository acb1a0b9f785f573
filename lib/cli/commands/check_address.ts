import { command } from "../spec.ts";
import { ipv4 } from "../values.ts";

export default command({
  targets: "list",
  description:
    "Has a device look whether another one uses an address, before that is given to it. It ends " +
    "with exit code 8 when the address is taken.",
  arguments: {
    address: { value: "ADDRESS", type: ipv4, summary: "IPv4 address" },
  },
  options: {
    interface: {
      value: "NAME",
      default: "eth0",
      summary: "Network interface that looks; dhip network lists them",
    },
  },
  examples: [
    {
      does: "Whether a camera could have this address",
      line: "dhip check-address 192.0.2.7 192.0.2.20",
    },
    {
      does: "Look with another interface",
      line: "dhip check-address 192.0.2.7 192.0.2.20 --interface eth2",
    },
  ],
  async run(context, { address }, options) {
    const { serviceOf } = await import("../devices.ts");
    const { addressView, takenError } = await import("../network_view.ts");
    const { signal } = context;
    return await context.each(
      async (device) => {
        const network = serviceOf(device, "network");
        return { address, free: await network.isAddressFree(address, { ...options, signal }) };
      },
      { view: addressView, verdict: takenError },
    );
  },
});
