import type { Direction } from "../../camera/ptz/ptz.ts";
import { CHANNEL, DURATION, SPEED } from "../ptz/options.ts";
import { type Command, command } from "../spec.ts";

/** The command that turns a camera in one direction. */
export function turn(direction: Direction): Command {
  return command({
    targets: "list",
    description: `Turns the camera ${direction.replace("-", " and ")} and stops it: after the ` +
      "time, after Ctrl-C, and over a new connection when the present one is lost.",
    arguments: {},
    options: { ...DURATION, ...SPEED, ...CHANNEL },
    examples: [
      { does: "A little", line: `dhip ptz ${direction} 192.0.2.7` },
      {
        does: "Two seconds at full speed, the second camera of a recorder",
        line: `dhip ptz ${direction} 192.0.2.7 --duration 2 --speed 8 --channel 2`,
      },
    ],
    async run(context, _args, { duration, speed, channel }) {
      const { movePtz } = await import("../ptz/order.ts");
      return await movePtz(
        context,
        direction,
        { channel, duration, speed },
        (ptz, options) => ptz.moveFor(direction, duration, { ...options, speed }),
      );
    },
  });
}
