import { ZONE } from "../clock_options.ts";
import { command } from "../spec.ts";
import { duration } from "../values.ts";

export default command({
  targets: "many",
  description:
    "Shows a device's time, its time zone, summer time and time server, and how far its clock is " +
    "from this computer's. Devices tell whole seconds, so the drift is known to about half a " +
    "second; JSON has it in milliseconds with its uncertainty. With --max-drift it is a check: " +
    "exit code 8 when a clock is further off.",
  arguments: {},
  options: {
    maxDrift: {
      value: "TIME",
      type: duration,
      summary: "Fail with exit code 8 beyond this drift: 2s, 500ms, 1m",
    },
    ...ZONE,
  },
  examples: [
    { does: "One camera", line: "dhip clock get 192.0.2.7" },
    {
      does: "Every camera with the tag hall, checked",
      line: "dhip clock get @hall --max-drift 2s",
    },
    {
      does: "The drift in milliseconds",
      line: "dhip clock get 192.0.2.7 -o json | jq .drift.milliseconds",
    },
  ],
  async run(context, _, { maxDrift, zone }) {
    const { serviceOf } = await import("../devices.ts");
    const { clockView, zoneDoubt, driftError } = await import("../clock_view.ts");
    const { signal, log, io } = context;
    return await context.each(async (device, { name }) => {
      const reading = await serviceOf(device, "clock").read({ signal, zone, now: () => io.now() });
      for (const { field, error } of reading.problems) {
        log.notice(`${name}: no ${field}: ${error.message}`);
      }
      const doubt = zoneDoubt(reading.drift, io.now());
      if (doubt !== undefined) log.notice(`${name}: ${doubt}`);
      return reading;
    }, {
      view: clockView,
      verdict: ({ drift }) => maxDrift === undefined ? undefined : driftError(drift, maxDrift),
    });
  },
});
