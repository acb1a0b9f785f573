import { command } from "../spec.ts";
import { forwardSpec, REMOTE_PORTS } from "../tunnel/forward_spec.ts";

export default command({
  targets: "list",
  connection: ["target", "user", "password", "passwordStdin", "timeout", "cloud", "auth"],
  description:
    "Opens ports of this computer that lead to ports of a device behind NAT, as ssh -L does, until " +
    "Ctrl-C. Ports stay open while a tunnel that broke is opened again: new connections wait. When " +
    "it is ready, standard output says so: text on a terminal, else one line of JSON. The other " +
    "commands take sn:SERIAL themselves and need no open port.",
  arguments: {},
  options: {
    forward: {
      short: "L",
      value: "[BIND:]PORT:REMOTE",
      type: forwardSpec,
      many: true,
      otherwise: "127.0.0.1:1554:554",
      summary: "A local port, 0 for any free one, and the device's port: a number, or " +
        `${Object.keys(REMOTE_PORTS).join(", ")}; may be repeated`,
    },
    map: {
      short: "p",
      value: "[BIND:]PORT:REMOTE",
      type: forwardSpec,
      many: true,
      summary: "The same, as dh-p2p has it",
    },
    relay: { summary: "Only through a relay" },
    direct: { summary: "Only directly" },
    exec: {
      value: "COMMAND",
      summary:
        "Run a shell command with the tunnel up, and end with it and its exit code; {host} " +
        "and {port} are those of the first local port, {host2} and {port2} of the second, and so on",
    },
    json: { summary: "Print what happens as one JSON object a line" },
    bindPublic: {
      summary: "Allow local addresses that other computers reach: they get to the device, too",
    },
  },
  examples: [
    {
      does: "The device's RTSP at 127.0.0.1:1554",
      line: "dhip tunnel sn:EXAMPLE0001",
    },
    {
      does: "Its web page and its DHIP port",
      line: "dhip tunnel sn:EXAMPLE0001 -L 8080:http -L 5000:dhip",
    },
    {
      does: "One program, on a port that is free",
      line: "dhip tunnel gate -L 0:rtsp --exec 'ffplay rtsp://admin@{host}:{port}/'",
    },
  ],
  async run(context, _args, { forward, map, ...options }) {
    const { runTunnel } = await import("../tunnel/run.ts");
    return await runTunnel(context, { ...options, forwards: [...forward, ...map] });
  },
});
