import { command } from "../spec.ts";

export default command({
  targets: "many",
  connection: ["target", "httpPort", "timeout", "concurrency", "cloud", "auth"],
  description: "Cameras have certificates that no authority vouches for. dhip remembers the one " +
    "that it sees first and refuses another one later. This shows the certificate, accepts it, or " +
    "forgets it. The port is that of HTTPS: of the target, of --http-port, or 443. No password is " +
    "sent.",
  arguments: {},
  options: {
    show: { summary: "Show the certificate and whether it is trusted; this is the default" },
    accept: { summary: "Remember the certificate that the device shows now" },
    forget: { summary: "Forget the remembered certificate; contacts no device" },
  },
  examples: [
    { does: "Compare the fingerprint with that of the device", line: "dhip trust 192.0.2.7" },
    {
      does: "After the device got a new certificate",
      line: "dhip trust 192.0.2.7 --accept",
    },
  ],
  async run(context, _args, options) {
    const { trustTargets } = await import("../trust_targets.ts");
    return await trustTargets(context, options);
  },
});
