import { command } from "../spec.ts";

export default command({
  targets: "manyOrAll",
  description:
    "Shows the disks and cards of a device, how full they are, and which channels record now. " +
    "With --check it ends with exit code 8 when there is no disk, when one is broken, or full on a " +
    "device that does not overwrite, or when a channel does not record.",
  arguments: {},
  options: {
    check: { summary: "End with exit code 8 when something is wrong" },
  },
  examples: [
    { does: "Disks and channels", line: "dhip storage 192.0.2.7" },
    {
      does: "In a cron job, for all devices of the config file",
      line: "dhip storage --check --quiet -o ndjson",
    },
    {
      does: "Free bytes",
      line: "dhip storage 192.0.2.7 -o json | jq '.disks[] | .totalBytes - .usedBytes'",
    },
  ],
  async run(context, _args, { check }) {
    const { serviceOf } = await import("../devices.ts");
    const { storageView, storageError } = await import("../storage_view.ts");
    const { signal, log } = context;
    return await context.each(async (device, { name }) => {
      const status = await serviceOf(device, "storage").status({ signal });
      for (const { subject, text } of check ? [] : status.problems) {
        log.notice(`${name}: ${subject}: ${text}`);
      }
      return status;
    }, {
      view: storageView,
      verdict: ({ problems }) => check ? storageError("", problems) : undefined,
    });
  },
});
