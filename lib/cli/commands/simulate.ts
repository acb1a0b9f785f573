import { command } from "../spec.ts";
import { duration, integer, listenPort } from "../values.ts";

export default command({
  targets: "none",
  description:
    "Starts a device that every other command can be pointed at. When it is ready, one " +
    "line of JSON on standard output tells addresses and ports. It ends with Ctrl-C.",
  arguments: {},
  options: {
    host: {
      value: "ADDRESS",
      default: "127.0.0.1",
      summary: "Address of the first device; the others follow on the next ones",
    },
    dhipPort: {
      short: "p",
      value: "PORT",
      type: listenPort,
      default: 5000,
      summary: "DHIP port of the devices; 0 is any free one",
    },
    httpPort: {
      value: "PORT",
      type: listenPort,
      summary: "HTTP port of the devices; 0 is any free one; without it there is no web server",
    },
    httpsPort: {
      value: "PORT",
      type: listenPort,
      summary: "HTTPS port of the devices, with a self-signed certificate; 0 is any free one",
    },
    rtspPort: {
      value: "PORT",
      type: listenPort,
      summary: "RTSP port of the devices; 0 is any free one; without it there is no RTSP",
    },
    discoveryPort: {
      value: "PORT",
      type: listenPort,
      summary: "UDP port on which the devices can be discovered, usually 37810; 0 is any free one",
    },
    p2pPort: {
      value: "PORT",
      type: listenPort,
      summary: "UDP port of a cloud that knows the devices by serial number, usually 8800; " +
        "0 is any free one",
    },
    controlPort: {
      value: "PORT",
      type: listenPort,
      summary: "Loopback HTTP port for events, faults and statistics; 0 is any free one",
    },
    user: { short: "u", value: "USER", default: "admin", summary: "User of the devices" },
    password: {
      short: "P",
      value: "PASSWORD",
      otherwise: "admin54321",
      summary: "Password of the devices; it guards nothing",
    },
    devices: { value: "N", type: integer(1, 1000), default: 1, summary: "Number of devices" },
    seed: { value: "N", type: integer(0), default: 1, summary: "Seed of everything random" },
    eventsEvery: {
      value: "TIME",
      type: duration,
      summary: "Let events happen by themselves, one each TIME (seconds, or 500ms, 2m)",
    },
    fault: {
      value: "NAME",
      many: true,
      offers: "fault",
      summary: "Misbehave from the start; may be repeated; options as NAME:OPTION=VALUE,...",
    },
  },
  examples: [
    { does: "A camera on 127.0.0.1:5000", line: "dhip simulate" },
    {
      does: "Three cameras on free ports that can be steered over HTTP",
      line: "dhip simulate --devices 3 --dhip-port 0 --control-port 0",
    },
    {
      does: "A camera that answers every call a second late",
      line: "dhip simulate --fault late-reply:delay=1000",
    },
  ],
  async details() {
    const { FAULTS } = await import("../../simulator/faults.ts");
    const rows = FAULTS.flatMap(({ name, description, options }): [string, string][] => [
      [name, description],
      // Indented below their fault; `device` goes with every one.
      ...options.map((option): [string, string] => [
        `  ${option.name}=${option.default}`,
        option.description,
      ]),
    ]);
    const device: [string, string] = ["device=N", "With every fault: only on this device, from 0"];
    return [{ title: "Faults, with their options and defaults", rows: [...rows, device] }];
  },
  async run({ library, output, signal, log }, _args, options) {
    const {
      password,
      httpPort,
      httpsPort,
      rtspPort,
      discoveryPort,
      p2pPort,
      controlPort,
      eventsEvery,
      fault,
      ...rest
    } = options;
    await using simulator = await library.simulate({
      ...rest,
      ...(password === undefined ? {} : { password }),
      ...(httpPort === undefined ? {} : { httpPort }),
      ...(httpsPort === undefined ? {} : { httpsPort }),
      ...(rtspPort === undefined ? {} : { rtspPort }),
      ...(discoveryPort === undefined ? {} : { discoveryPort }),
      ...(p2pPort === undefined ? {} : { p2pPort }),
      ...(controlPort === undefined ? {} : { controlPort }),
      ...(eventsEvery === undefined ? {} : { eventsEvery }),
      faults: fault,
    });
    await output.line(simulator.ready);
    log.step("ready; Ctrl-C ends it");
    if (!signal.aborted) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    }
    return 0;
  },
});
