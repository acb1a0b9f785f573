import { command } from "../spec.ts";
import { duration } from "../values.ts";

export default command({
  targets: "many",
  description:
    "Restarts a device. With --wait it ends when the device can be used again: until then its port " +
    "is tried without a login, and then there is one login.",
  arguments: {},
  options: {
    wait: { summary: "Wait until the device can be used again" },
    waitLimit: {
      value: "TIME",
      type: duration,
      default: 300_000,
      otherwise: "5m",
      summary: "Longest wait, in seconds or with a unit",
    },
  },
  examples: [
    { does: "Restart a camera", line: "dhip reboot 192.0.2.7" },
    {
      does: "Restart it and go on when it is back",
      line: "dhip reboot 192.0.2.7 --wait --wait-limit 10m",
    },
  ],
  async run(context, _args, { wait, waitLimit }) {
    const { rebootWork, rebootView, unheardError } = await import("../power_work.ts");
    const limit = wait ? waitLimit : undefined;
    return await context.each(rebootWork(context, limit), {
      view: rebootView,
      verdict: unheardError,
    });
  },
});
