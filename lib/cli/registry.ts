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
    name: "channels",
    group: "Device commands",
    summary: "List the channels of a device: names, cameras, streams",
    load: () => import("./commands/channels.ts"),
  },
  {
    name: "snapshot",
    group: "Device commands",
    summary: "Take still pictures: once, or again and again",
    load: () => import("./commands/snapshot.ts"),
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
    name: "unlock",
    group: "Device commands",
    summary: "Forget refused passwords of a device, so that they are tried again",
    load: () => import("./commands/unlock.ts"),
  },
  {
    name: "trust",
    group: "Device commands",
    summary: "Show, accept or forget the TLS certificate of a device",
    load: () => import("./commands/trust.ts"),
  },
  {
    name: "overlay title",
    group: "Picture overlay",
    summary: "Show the titles of the channels, or change one",
    load: () => import("./commands/overlay_title.ts"),
  },
  {
    name: "overlay osd",
    group: "Picture overlay",
    summary: "Show or change what is drawn over a picture: title, time, texts",
    load: () => import("./commands/overlay_osd.ts"),
  },
  {
    name: "overlay covers",
    group: "Picture overlay",
    summary: "Show or change the privacy covers of a picture",
    load: () => import("./commands/overlay_covers.ts"),
  },
  {
    name: "clock get",
    group: "Clock",
    summary: "Show the clock of devices: time, zone, time server, drift",
    load: () => import("./commands/clock_get.ts"),
  },
  {
    name: "clock set",
    group: "Clock",
    summary: "Set the clock of a device to a time",
    load: () => import("./commands/clock_set.ts"),
  },
  {
    name: "clock sync",
    group: "Clock",
    summary: "Set the clock of devices by this computer's",
    load: () => import("./commands/clock_sync.ts"),
  },
  {
    name: "clock ntp",
    group: "Clock",
    summary: "Show or change the time server of a device",
    load: () => import("./commands/clock_ntp.ts"),
  },
  {
    name: "user list",
    aliases: ["user ls"],
    group: "Accounts",
    summary: "List accounts and groups, or who is logged in",
    load: () => import("./commands/user_list.ts"),
  },
  {
    name: "user add",
    group: "Accounts",
    summary: "Make an account",
    load: () => import("./commands/user_add.ts"),
  },
  {
    name: "user modify",
    group: "Accounts",
    summary: "Change group, rights or remark of an account",
    load: () => import("./commands/user_modify.ts"),
  },
  {
    name: "user remove",
    aliases: ["user rm"],
    group: "Accounts",
    summary: "Remove an account",
    load: () => import("./commands/user_remove.ts"),
  },
  {
    name: "user passwd",
    group: "Accounts",
    summary: "Change a password, and see whether the new one works",
    load: () => import("./commands/user_passwd.ts"),
  },
  {
    name: "config get",
    group: "Configuration",
    summary: "Print a configuration table, or one place in it",
    load: () => import("./commands/config_get.ts"),
  },
  {
    name: "config set",
    group: "Configuration",
    summary: "Change settings, and see whether the device kept them",
    load: () => import("./commands/config_set.ts"),
  },
  {
    name: "config names",
    group: "Configuration",
    summary: "List the configuration tables",
    load: () => import("./commands/config_names.ts"),
  },
  {
    name: "config backup",
    group: "Configuration",
    summary: "Save all configuration tables to a file",
    load: () => import("./commands/config_backup.ts"),
  },
  {
    name: "config restore",
    group: "Configuration",
    summary: "Write the tables of a backup to a device",
    load: () => import("./commands/config_restore.ts"),
  },
  {
    name: "config diff",
    group: "Configuration",
    summary: "Compare a backup with a device",
    load: () => import("./commands/config_diff.ts"),
  },
  {
    name: "config compare",
    group: "Configuration",
    summary: "Compare two backups",
    load: () => import("./commands/config_compare.ts"),
  },
  {
    name: "devices list",
    aliases: ["devices ls"],
    group: "Named devices",
    summary: "List the devices of the config file",
    load: () => import("./commands/devices_list.ts"),
  },
  {
    name: "devices add",
    group: "Named devices",
    summary: "Give a device a name in the config file",
    load: () => import("./commands/devices_add.ts"),
  },
  {
    name: "devices remove",
    aliases: ["devices rm"],
    group: "Named devices",
    summary: "Remove devices from the config file",
    load: () => import("./commands/devices_remove.ts"),
  },
  {
    name: "devices test",
    group: "Named devices",
    summary: "Log in to devices and out again, and show which of them let us in",
    load: () => import("./commands/devices_test.ts"),
  },
  {
    name: "discover",
    group: "Tools",
    summary: "Find cameras and recorders on the network, without a login",
    load: () => import("./commands/discover.ts"),
  },
  {
    name: "doctor",
    group: "Tools",
    summary: "Find out why a device cannot be reached or logged in to, and what is odd about it",
    load: () => import("./commands/doctor.ts"),
  },
  {
    name: "rtsp-url",
    group: "Video",
    summary: "Print where other programs find a stream, without the password",
    load: () => import("./commands/rtsp_url.ts"),
  },
  {
    name: "simulate",
    group: "Tools",
    summary: "Run a simulated device to test against",
    load: () => import("./commands/simulate.ts"),
  },
  {
    name: "completions",
    group: "Tools",
    summary: "Print the completions of a shell",
    load: () => import("./commands/completions.ts"),
  },
  {
    name: "help",
    group: "Tools",
    summary: "Show the help of a command",
    load: () => import("./commands/help.ts"),
  },
];

/** First words that several commands share, and what they have in common. */
export const GROUPS: Readonly<Record<string, string>> = {
  config: "Read, change, save and restore the configuration of a device",
  overlay: "Titles, time, texts and privacy covers over the pictures",
  clock: "Read, set and check the clock of a device",
  user: "List, make, change and remove the accounts of a device",
  devices: "Give devices names and tags in the config file",
};

/** The command of that name or alias. */
export function findCommand(name: string): CommandEntry | undefined {
  return COMMANDS.find((entry) => namesOf(entry).includes(name));
}

/** The command whose name the words begin with, and how many of them it has. The longest wins. */
export function matchCommand(
  words: readonly string[],
): { readonly entry: CommandEntry; readonly length: number } | undefined {
  for (let length = Math.min(words.length, LONGEST); length > 0; length--) {
    const entry = findCommand(words.slice(0, length).join(" "));
    if (entry !== undefined) return { entry, length };
  }
  return undefined;
}

/** The commands of a group. */
export function commandsOf(group: string): CommandEntry[] {
  return COMMANDS.filter(({ name }) => name.startsWith(`${group} `));
}

/** What the first word of a command line can be. These names are reserved. */
export function firstWords(): string[] {
  return [...new Set(COMMANDS.flatMap(namesOf).map((name) => name.split(" ", 1)[0]!))];
}

const LONGEST = Math.max(...COMMANDS.flatMap(namesOf).map((name) => name.split(" ").length));

function namesOf({ name, aliases = [] }: CommandEntry): readonly string[] {
  return [name, ...aliases];
}
