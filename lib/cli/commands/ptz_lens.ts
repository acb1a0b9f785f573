import type { LensMotion } from "../../camera/ptz/ptz.ts";
import { CHANNEL, DURATION, SPEED } from "../ptz/options.ts";
import { type Command, command } from "../spec.ts";
import { oneOf } from "../values.ts";

/** What a lens can do, and what its motions are called. */
const MOTIONS = {
  zoom: { in: "zoom-in", out: "zoom-out" },
  focus: { near: "focus-near", far: "focus-far" },
  iris: { open: "iris-open", close: "iris-close" },
} as const satisfies Record<string, Record<string, LensMotion>>;

/** The command that moves one part of a lens. */
export function lens(part: keyof typeof MOTIONS): Command {
  const motions: Readonly<Record<string, LensMotion>> = MOTIONS[part];
  const ways = Object.keys(motions);
  return command({
    targets: "list",
    description: `Moves the ${part} and stops it: after the time, after Ctrl-C, and over a new ` +
      "connection when the present one is lost.",
    arguments: { way: { value: "WAY", type: oneOf(...ways), summary: ways.join(" or ") } },
    options: { ...DURATION, ...SPEED, ...CHANNEL },
    examples: [
      { does: "A little", line: `dhip ptz ${part} 192.0.2.7 ${ways[0]}` },
      { does: "Two seconds", line: `dhip ptz ${part} 192.0.2.7 ${ways[1]} --duration 2` },
    ],
    async run(context, { way }, { duration, speed, channel }) {
      const { movePtz } = await import("../ptz/order.ts");
      return await movePtz(
        context,
        `${part} ${way}`,
        { channel, duration, speed },
        (ptz, options) => ptz.moveFor(motions[way]!, duration, { ...options, speed }),
      );
    },
  });
}
