import { CHANGE, rect, VISIBLE } from "../overlay/options.ts";
import { command } from "../spec.ts";
import { usageError } from "../usage.ts";
import { integer } from "../values.ts";

export default command({
  targets: "list",
  description:
    "Shows the privacy covers of a channel, or changes one or all of them, and reads them back. " +
    "Places are on a grid of 8192 by 8192, whatever the size of the picture: 0,0,8191,8191 is " +
    "all of it. Without --cover, --show and --hide are for all covers.",
  arguments: {},
  options: {
    cover: { value: "N", type: integer(1, 64), summary: "Which cover, 1 is the first" },
    rect: {
      value: "LEFT,TOP,RIGHT,BOTTOM",
      type: rect,
      summary: "New place, each 0..8191; draws it, unless --hide is given",
    },
    ...VISIBLE,
    ...CHANGE,
  },
  examples: [
    { does: "The covers of channel 1", line: "dhip overlay covers 192.0.2.7" },
    {
      does: "Cover the left half",
      line: "dhip overlay covers 192.0.2.7 --cover 1 --rect 0,0,4095,8191",
    },
    { does: "Lift all covers of a channel", line: "dhip overlay covers 192.0.2.7 --hide -c Gate" },
  ],
  async run(context, _, { cover, rect, show, hide, channel, dryRun }) {
    const { changeOverlay, showOverlay, visibility } = await import("../overlay/change.ts");
    const visible = visibility(show, hide) ?? (rect === undefined ? undefined : true);
    const where = { channel, dryRun };
    if (visible === undefined) {
      if (cover !== undefined) throw usageError("Give --rect, --show or --hide with --cover");
      const { coversView } = await import("../overlay/views.ts");
      return await showOverlay(context, where, ({ covers }) => covers, coversView);
    }
    if (cover !== undefined) {
      return await changeOverlay(context, where, { covers: [{ number: cover, visible, rect }] });
    }
    if (rect !== undefined) throw usageError("--rect needs --cover", "For example --cover 1.");
    return await changeOverlay(context, where, ({ covers }) => ({
      covers: covers.map(({ number }) => ({ number, visible })),
    }));
  },
});
