import { command } from "../spec.ts";
import { channel, oneOf } from "../values.ts";
import { PLAYERS } from "../video/rtsp_urls.ts";
import { RTSP, rtspOf, STREAM } from "../video/stream_options.ts";

export default command({
  targets: "many",
  connection: ["target", "user"],
  description: "Prints where other programs find a stream. No device is contacted. A password is " +
    "never part of it: the programs ask for it or take it from a variable of their own.",
  arguments: {},
  options: {
    ...STREAM,
    channel: {
      ...STREAM.channel,
      type: channel,
      summary: "Channel by number only, as no device is asked; the first is 1",
    },
    ...RTSP,
    for: {
      value: "PROGRAM",
      type: oneOf(...PLAYERS),
      default: "url",
      summary: "url, or lines for vlc, ffplay, go2rtc or frigate",
    },
  },
  examples: [
    { does: "The main stream of the first channel", line: "dhip rtsp-url 192.0.2.7" },
    {
      does: "Lines for go2rtc's configuration",
      line: "dhip rtsp-url front --for go2rtc --subtype 1 -o table",
    },
  ],
  async run(context, _args, options) {
    const { streamText } = await import("../video/rtsp_urls.ts");
    return await context.eachAddress(
      async (target) => {
        const choice = { ...options, ...rtspOf(target, options) };
        const { name, address: { serial } } = target;
        if (serial !== undefined && options.for !== "ffplay") {
          const { LOCAL_PORT } = await import("../tunnel/forward_spec.ts");
          const forward = `${LOCAL_PORT}:${choice.rtspPort}`;
          context.log.notice(`${name}: while this runs: dhip tunnel ${name} -L ${forward}`);
        }
        return streamText(target, choice, options.for);
      },
      { view: { table: (text) => `${text}\n` } },
    );
  },
});
