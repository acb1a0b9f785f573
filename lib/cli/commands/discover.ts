import { command } from "../spec.ts";
import { duration, port } from "../values.ts";

export default command({
  targets: "none",
  needsConfig: true,
  description:
    "Asks cameras and recorders on the network what they are. No login, and nothing changes. " +
    "Without arguments everybody on this host's IPv4 networks is asked by multicast; hosts and " +
    "subnets are asked one by one, which works across routers. A subnet has 4096 addresses at " +
    "most and must be private or this host's own. NDJSON comes as devices answer.",
  arguments: {
    where: {
      value: "HOST|SUBNET",
      optional: true,
      many: true,
      offers: "target",
      summary: "Host, NAME, @TAG or IPv4 subnet such as 192.168.1.0/24",
    },
  },
  options: {
    timeout: {
      value: "SECONDS",
      type: duration,
      otherwise: "3 s",
      summary: "How long to wait for answers: 3, 1.5, 500ms",
    },
    interface: {
      value: "NAME",
      many: true,
      summary: "Only this interface of this host, by name or IPv4 address; may be repeated",
    },
    port: { value: "PORT", type: port, otherwise: "37810", summary: "UDP port of the devices" },
    legacy: { summary: "Ask UDP port 5050 too, which old recorders answer" },
    save: { summary: "Add the devices to the config file, without passwords" },
    tag: {
      value: "TAG",
      many: true,
      offers: "tag",
      summary: "With --save: tag of the new entries; may be repeated",
    },
  },
  examples: [
    { does: "Everything on this network", line: "dhip discover" },
    {
      does: "A subnet behind a router, as a spreadsheet",
      line: "dhip discover 10.1.2.0/24 -o csv --timeout 5",
    },
    {
      does: "Those that have no password yet",
      line: "dhip discover -o ndjson | jq -r 'select(.initialised == false).ip'",
    },
    { does: "Name what is found", line: "dhip discover --save --tag new" },
  ],
  async run(context, { where }, options) {
    const { discoverDevices } = await import("../discovery/discover_devices.ts");
    return await discoverDevices(context, where ?? [], options);
  },
});
