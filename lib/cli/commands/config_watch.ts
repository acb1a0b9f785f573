import { command } from "../spec.ts";
import { until } from "../until.ts";
import { duration, integer } from "../values.ts";

export default command({
  targets: "list",
  description:
    "Prints every change of configuration tables as it happens, whoever makes it: one JSON object " +
    "a line with the places that changed and the new table, or a line for each place on a " +
    "terminal. Passwords are masked. Changes are pushed by the device over DHIP; where it does " +
    "not push them the tables are read again and again. A broken link is replaced for ever, and " +
    "what changed meanwhile is printed. Ctrl-C ends it with exit code 0.",
  arguments: {
    names: { value: "NAME", summary: "Tables, as dhip config names lists them", many: true },
  },
  options: {
    until: { value: "TIME", type: until, summary: "End at 18:30, 2026-01-31T18:30 or after 10m" },
    maxChanges: { value: "N", type: integer(1), summary: "End after this many changes" },
    every: {
      value: "TIME",
      type: duration,
      otherwise: "10s",
      summary: "Time between two looks where changes are not pushed, at least 100ms",
    },
  },
  examples: [
    { does: "Who changes the time settings", line: "dhip config watch 192.0.2.7 NTP Locales" },
    {
      does: "The next change of the streams of two cameras",
      line: "dhip config watch 192.0.2.7,192.0.2.8 Encode --max-changes 1",
    },
    {
      does: "A record of a night",
      line: "dhip config watch 192.0.2.7 Network Encode --until 06:00 > changes.ndjson",
    },
  ],
  async run(context, { names }, { until, maxChanges, every }) {
    const { serviceOf } = await import("../devices.ts");
    const { changePrinter } = await import("../tables/watch_printer.ts");
    const { watchEach } = await import("../watch_each.ts");
    return await watchEach(context, {
      open: (device, target, timeout) =>
        serviceOf(device, "config").watch(names, {
          every,
          timeout,
          onNotice: (message) => context.log.notice(`${target.name}: ${message}`),
        }),
      counts: () => true,
      print: changePrinter(context),
    }, { until, most: maxChanges });
  },
});
