import { PERIOD_OPTIONS } from "../period.ts";
import { command } from "../spec.ts";
import { integer } from "../values.ts";

export default command({
  targets: "many",
  description:
    "Shows the log of a device: events, logins, changes, restarts. Times are those of the " +
    "device's own clock, types and codes its own words. With -o ndjson each entry is printed as " +
    "it comes.",
  arguments: {},
  options: {
    ...PERIOD_OPTIONS,
    type: {
      value: "TYPE",
      many: true,
      summary: "Only this type, for example Event.VideoMotion.Start; may be repeated",
    },
    newest: { summary: "The newest first" },
    limit: { value: "N", type: integer(1), summary: "At most N entries", otherwise: "all" },
  },
  examples: [
    { does: "The last 50 entries of today", line: "dhip logs 192.0.2.7 --newest --limit 50" },
    {
      does: "When there was motion yesterday",
      line:
        "dhip logs 192.0.2.7 --from yesterday --to yesterday --type Event.VideoMotion.Start -o csv",
    },
    {
      does: "Who logged in",
      line: "dhip logs 192.0.2.7 --from -7d -o ndjson | jq -r 'select(.user) | .user' | sort -u",
    },
  ],
  async run(context, _args, options) {
    const { serviceOf } = await import("../devices.ts");
    const { periodOf } = await import("../period.ts");
    const { collect, listingView, tellMissing } = await import("../listing.ts");
    const { logsView } = await import("../logs_view.ts");
    const { signal, log, io } = context;
    const { type: types, limit, newest } = options;
    return await context.each(async (device, { name }) => {
      const period = await periodOf(device, options, signal);
      const order = newest ? "newest" as const : "oldest" as const;
      const filter = { ...period, types, order };
      let counted = 0;
      const onCount = (count: number) => {
        counted = count;
        log.step(`${name}: the device counts ${count} entries`);
      };
      const entries = serviceOf(device, "logs").find(filter, { signal, limit, onCount });
      const listing = await collect(context, entries);
      if (limit === undefined) tellMissing(context, name, "entries", counted, listing.count);
      if (io.stderr.isTerminal) log.notice(`${name}: ${listing.count} entries`);
      return listing;
    }, { view: listingView(logsView) });
  },
});
