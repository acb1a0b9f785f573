/**
 * All commands. To add one, write `commands/NAME.ts` and name it here.
 *
 * @module
 */

import type { CommandEntry } from "./spec.ts";

/** The commands in the order of the help. None is loaded before it is needed. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "info",
    group: "Device commands",
    summary: "Show what a device is and how it fares",
    load: () => import("./commands/info.ts"),
  },
  {
    name: "call",
    group: "Device commands",
    summary: "Call a method of a device and print its answer",
    load: () => import("./commands/call.ts"),
  },
  {
    name: "services",
    group: "Device commands",
    summary: "List the services of a device, or the methods of one",
    load: () => import("./commands/services.ts"),
  },
  {
    name: "simulate",
    group: "Tools",
    summary: "Run a simulated device to test against",
    load: () => import("./commands/simulate.ts"),
  },
  {
    name: "help",
    group: "Tools",
    summary: "Show the help of a command",
    load: () => import("./commands/help.ts"),
  },
];

/** The command of that name. */
export function findCommand(name: string): CommandEntry | undefined {
  return COMMANDS.find((entry) => entry.name === name);
}
