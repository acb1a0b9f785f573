import { CHANGE, position, VISIBLE } from "../overlay/options.ts";
import { command } from "../spec.ts";
import { usageError } from "../usage.ts";
import { integer, oneOf } from "../values.ts";

export default command({
  targets: "list",
  description:
    "Shows what is drawn over the picture of a channel: its title, the time, and texts of your " +
    "own; or changes one of them, and reads it back. Places are on a grid of 8192 by 8192, " +
    "whatever the size of the picture: 0,0 is the upper left corner. --text draws the text, " +
    "unless --hide is given.",
  arguments: {},
  options: {
    item: {
      value: "ITEM",
      type: oneOf("text", "title", "time"),
      default: "text",
      summary: "What to change: title, time or text",
    },
    number: {
      value: "N",
      type: integer(1, 64),
      otherwise: "1",
      summary: "Which text, 1 is the first",
    },
    text: { value: "TEXT", summary: "New text; a | in it is a line break" },
    position: {
      value: "LEFT,TOP",
      type: position,
      summary: "New place of the upper left corner, each 0..8191",
    },
    weekday: {
      value: "on|off",
      type: oneOf("on", "off"),
      summary: "With the time: the day of the week too",
    },
    ...VISIBLE,
    ...CHANGE,
  },
  examples: [
    { does: "What is drawn over channel 1", line: "dhip overlay osd 192.0.2.7" },
    {
      does: "A text in the upper left corner",
      line: "dhip overlay osd 192.0.2.7 --text 'North side' --position 200,200",
    },
    { does: "Hide the time", line: "dhip overlay osd 192.0.2.7 --item time --hide -c Gate" },
  ],
  async run(context, _, options) {
    const { item, number, text, position, weekday, show, hide, channel, dryRun } = options;
    const { changeOverlay, showOverlay, visibility } = await import("../overlay/change.ts");
    const visible = visibility(show, hide);
    const where = { channel, dryRun };
    if ([text, position, weekday, visible].every((value) => value === undefined)) {
      const { osdView } = await import("../overlay/views.ts");
      return await showOverlay(context, where, ({ covers: _, ...osd }) => osd, osdView);
    }
    if (weekday !== undefined && item !== "time") throw usageError("--weekday is for --item time");
    if (item !== "text" && number !== undefined) throw usageError("--number is for texts");
    if (item === "time" && text !== undefined) throw usageError("The time has no --text");
    switch (item) {
      case "title":
        return await changeOverlay(context, where, { title: { text, visible, position } });
      case "time": {
        const time = { visible, position, weekday: weekday && weekday === "on" };
        return await changeOverlay(context, where, { time });
      }
      case "text": {
        const drawn = visible ?? (text === undefined ? undefined : true);
        const one = { number: number ?? 1, visible: drawn, position };
        return await changeOverlay(context, where, {
          texts: [text === undefined ? one : { ...one, text }],
        });
      }
    }
  },
});
