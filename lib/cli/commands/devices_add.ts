import { command } from "../spec.ts";
import { oneOf, port } from "../values.ts";

export default command({
  targets: "none",
  needsConfig: true,
  description: "Adds a device to the end of the config file and leaves the rest of it as it is. " +
    "The device is not contacted. Its password stays out of the command line: name a program " +
    "that prints it or a file that holds it, or write it into the config file yourself.",
  arguments: {
    name: { value: "NAME", summary: "Letters, digits, dot, dash and underscore" },
    host: { value: "HOST", summary: "HOST, HOST:PORT or [IPV6]:PORT" },
  },
  options: {
    user: { short: "u", value: "USER", summary: "User name" },
    tag: { value: "TAG", many: true, offers: "tag", summary: "Tag; may be repeated" },
    passwordCommand: {
      value: "COMMAND",
      summary: "Line for the shell that prints the password, for example: pass show cam",
    },
    passwordFile: {
      value: "FILE",
      summary: "File whose first line is the password; only you may read it",
    },
    dhipPort: { short: "p", value: "PORT", type: port, summary: "DHIP port" },
    httpPort: { value: "PORT", type: port, summary: "HTTP port" },
    rtspPort: { value: "PORT", type: port, summary: "RTSP port" },
    transport: {
      value: "WAY",
      type: oneOf("auto", "dhip", "http"),
      summary: "auto, dhip or http",
    },
    tls: { summary: "HTTP over TLS" },
  },
  examples: [
    { does: "A name for a camera", line: "dhip devices add front 192.0.2.7" },
    {
      does: "With tags, and its password from a password manager",
      line: "dhip devices add hall-1 192.0.2.8 -u operator --tag hall " +
        "--password-command 'pass show hall-1'",
    },
  ],
  async run(context, args, options) {
    const { addDevice } = await import("../edit_devices.ts");
    return await addDevice(context, args, options);
  },
});
