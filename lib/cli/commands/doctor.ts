import { command } from "../spec.ts";
import { port } from "../values.ts";
import { RTSP } from "../video/stream_options.ts";

export default command({
  targets: "many",
  description:
    "Says which ports answer and what speaks there, how logins work or why they fail, and what " +
    "about clock, sessions, streams, storage and time synchronisation is worth knowing. It only " +
    "reads. The password goes out at most twice, for one session and for one question to the web " +
    "API, and never again after a refusal; sn:SERIAL may take a signature of it before. A problem ends it with exit code 8; a warning does not.",
  arguments: {},
  options: {
    noLogin: { summary: "Look from outside only; needs no password" },
    httpsPort: { value: "PORT", type: port, otherwise: "443", summary: "HTTPS port" },
    rtspPort: RTSP.rtspPort,
    netsdkPort: {
      value: "PORT",
      type: port,
      otherwise: "37777",
      summary: "Port of the vendor's private protocol",
    },
    bundle: {
      value: "FILE",
      offers: "file",
      summary: "Also write findings, versions and some tables to a file that can be posted; " +
        "{host} and {name} stand for the target",
    },
    includeIdentity: {
      summary: "With --bundle: keep serial number, addresses and names in it",
    },
  },
  examples: [
    { does: "Why does it not work?", line: "dhip doctor 192.0.2.7" },
    { does: "From outside, without a password", line: "dhip doctor 192.0.2.7 --no-login" },
    {
      does: "All cameras in the hall, problems only",
      line: "dhip doctor @hall -o ndjson | jq '.result[]? | select(.status == \"problem\")'",
    },
    { does: "Which step of the way by serial number fails", line: "dhip doctor sn:EXAMPLE0001" },
    { does: "Something to post", line: "dhip doctor 192.0.2.7 --bundle doctor.json" },
  ],
  async run(context, _args, options) {
    const { doctorTargets } = await import("../doctor/doctor_targets.ts");
    return await doctorTargets(context, options);
  },
});
