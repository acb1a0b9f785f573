/**
 * `ptz ACTION [VALUE]` of python-dhip in native words. Its channels begin with 0, ours with 1.
 *
 * @module
 */

import { DIRECTIONS } from "../../camera/ptz/ptz.ts";
import type { ArgparseOption, ArgparseResult } from "../argparse.ts";
import { usageError } from "../usage.ts";

/** Options of `ptz`. */
export const PTZ_OPTIONS: readonly ArgparseOption[] = [
  { key: "channel", names: ["--channel"], kind: "integer" },
  { key: "speed", names: ["--speed"], kind: "integer" },
  { key: "duration", names: ["--duration"], kind: "number" },
  { key: "pan", names: ["--pan"], kind: "number" },
  { key: "tilt", names: ["--tilt"], kind: "number" },
  { key: "zoom", names: ["--zoom"], kind: "number" },
  { key: "degrees", names: ["--degrees"], kind: "flag" },
];

/** A native command. */
interface Native {
  readonly command: string;
  readonly args?: readonly string[];
  readonly options: readonly string[];
}

/** python-dhip's actions on presets. */
const PRESETS: Readonly<Record<string, string>> = {
  "goto-preset": "ptz preset go",
  "set-preset": "ptz preset save",
  "clear-preset": "ptz preset remove",
};

/** Motions of the lens: what python-dhip takes for the first one, and our words. */
const LENSES: Readonly<Record<string, readonly [first: string[], ours: [string, string]]>> = {
  zoom: [["in", "tele"], ["in", "out"]],
  focus: [["near"], ["near", "far"]],
  iris: [["open", "large"], ["open", "close"]],
};

/**
 * Translates an action.
 *
 * @throws {DhipError} `DHIP_USAGE`
 */
export function translatePtz(
  values: ArgparseResult["values"],
  action: string,
  value: string | undefined,
): Native {
  const of = (key: string, otherwise: number) => Number(values[key] ?? otherwise);
  const channel = of("channel", 0);
  if (channel < 0) throw usageError("--channel must be 0 or more", "python-dhip counts from 0.");
  const where = `--channel=${channel + 1}`;
  const speed = `--speed=${of("speed", 4)}`;
  // No time at all is the shortest that there is.
  const duration = `--duration=${Math.max(1, Math.round(of("duration", 0.5) * 1000))}ms`;
  switch (action) {
    case "status":
      return { command: "ptz status", options: [where] };
    case "position":
      return { command: "ptz position", options: [values.degrees ? "--degrees" : "--raw", where] };
    case "home":
    case "reset":
      return { command: `ptz ${action}`, options: [where] };
    case "absolute": {
      const axes = ["pan", "tilt", "zoom"].map((axis) => `--${axis}=${of(axis, 0)}`);
      return { command: "ptz goto", options: [...axes, where] };
    }
  }
  if (Object.hasOwn(PRESETS, action)) {
    if (value === undefined || !/^\d+$/.test(value)) {
      throw usageError(`${action} needs the number of a preset`, `For example: ptz ${action} 3`);
    }
    return { command: PRESETS[action]!, args: [value], options: [where] };
  }
  if (Object.hasOwn(LENSES, action)) {
    const [firsts, [one, other]] = LENSES[action]!;
    const way = value === undefined || firsts.includes(value) ? one : other;
    return { command: `ptz ${action}`, args: [way], options: [duration, speed, where] };
  }
  const direction = DIRECTIONS.find((name) => name.replace("-", "") === action.toLowerCase());
  if (direction !== undefined) {
    return { command: `ptz ${direction}`, options: [duration, speed, where] };
  }
  const arg2 = `--arg2=${of("speed", 4)}`;
  return { command: "ptz code", args: [action], options: [arg2, duration, where] };
}
