/**
 * All commands. To add one, write `commands/NAME.ts` and name it here.
 *
 * @module
 */

import { PTZ_COMMANDS } from "./ptz/entries.ts";
import { GROUPS } from "./groups.ts";
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
    name: "events",
    group: "Device commands",
    summary: "Print what happens at devices, as it happens",
    load: () => import("./commands/events.ts"),
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
  ...PTZ_COMMANDS,
  {
    name: "files",
    group: "Recordings and log",
    summary: "List what a device has recorded",
    load: () => import("./commands/files.ts"),
  },
  {
    name: "download",
    group: "Recordings and log",
    summary: "Fetch recordings as the device keeps them",
    load: () => import("./commands/download.ts"),
  },
  {
    name: "sync",
    group: "Recordings and log",
    summary: "Keep a folder of recordings, for cron",
    load: () => import("./commands/sync.ts"),
  },
  {
    name: "clip",
    group: "Recordings and log",
    summary: "Make one video file of what was recorded within a time",
    load: () => import("./commands/clip.ts"),
  },
  {
    name: "stream",
    group: "Recordings and log",
    summary: "Keep a live stream that comes over HTTP",
    load: () => import("./commands/stream.ts"),
  },
  {
    name: "logs",
    group: "Recordings and log",
    summary: "Show the log of a device",
    load: () => import("./commands/logs.ts"),
  },
  {
    name: "storage",
    group: "Recordings and log",
    summary: "Show disks, and whether the channels record",
    load: () => import("./commands/storage.ts"),
  },
  {
    name: "set daynight",
    group: "Settings",
    summary: "Show or choose colour by day and night",
    load: () => import("./commands/set_daynight.ts"),
  },
  {
    name: "set light",
    group: "Settings",
    summary: "Show or switch the infrared and white lights",
    load: () => import("./commands/set_light.ts"),
  },
  {
    name: "set privacy",
    group: "Settings",
    summary: "Show, cover or uncover the lens",
    load: () => import("./commands/set_privacy.ts"),
  },
  {
    name: "set recording",
    group: "Settings",
    summary: "Show or choose when a channel records",
    load: () => import("./commands/set_recording.ts"),
  },
  {
    name: "lens get",
    group: "Settings",
    summary: "Show where a motorised lens stands",
    load: () => import("./commands/lens_get.ts"),
  },
  {
    name: "lens set",
    group: "Settings",
    summary: "Send focus and zoom of a motorised lens to places",
    load: () => import("./commands/lens_set.ts"),
  },
  {
    name: "lens autofocus",
    group: "Settings",
    summary: "Make a camera look for its focus",
    load: () => import("./commands/lens_autofocus.ts"),
  },
  {
    name: "set siren",
    group: "Settings",
    summary: "Show or switch the siren",
    load: () => import("./commands/set_siren.ts"),
  },
  {
    name: "set warning-light",
    group: "Settings",
    summary: "Show or switch the warning light",
    load: () => import("./commands/set_warning_light.ts"),
  },
  {
    name: "reboot",
    group: "Maintenance",
    summary: "Restart a device",
    load: () => import("./commands/reboot.ts"),
  },
  {
    name: "shutdown",
    group: "Maintenance",
    summary: "Switch a device off",
    load: () => import("./commands/shutdown.ts"),
  },
  {
    name: "factory-restore",
    group: "Maintenance",
    summary: "Put settings back to the state of the factory",
    load: () => import("./commands/factory_restore.ts"),
  },
  {
    name: "upgrade state",
    group: "Maintenance",
    summary: "Show what a device does about its firmware",
    load: () => import("./commands/upgrade_state.ts"),
  },
  {
    name: "upgrade upload",
    group: "Maintenance",
    summary: "Install firmware on a device",
    load: () => import("./commands/upgrade_upload.ts"),
  },
  {
    name: "network",
    group: "Device commands",
    summary: "Show how a device is connected",
    load: () => import("./commands/network.ts"),
  },
  {
    name: "check-address",
    group: "Device commands",
    summary: "Have a device look whether an address is free",
    load: () => import("./commands/check_address.ts"),
  },
  {
    name: "wifi",
    group: "Device commands",
    summary: "List the radio networks that a device hears",
    load: () => import("./commands/wifi.ts"),
  },
  {
    name: "test-mail",
    group: "Device commands",
    summary: "Have a device send a mail, to try its settings",
    load: () => import("./commands/test_mail.ts"),
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
    name: "config watch",
    group: "Configuration",
    summary: "Print changes of tables as they happen",
    load: () => import("./commands/config_watch.ts"),
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
    name: "record",
    group: "Video",
    summary: "Record live pictures and sound to files that play",
    load: () => import("./commands/record.ts"),
  },
  {
    name: "rtsp-url",
    group: "Video",
    summary: "Print where other programs find a stream, without the password",
    load: () => import("./commands/rtsp_url.ts"),
  },
  {
    name: "convert",
    group: "Video",
    summary: "Make files that play of recordings in the device's own format",
    load: () => import("./commands/convert.ts"),
  },
  {
    name: "probe",
    group: "Video",
    summary: "Show what a video file holds or a camera sends: codecs, rates, gaps, damage",
    load: () => import("./commands/probe.ts"),
  },
  {
    name: "tunnel",
    group: "Tools",
    summary: "Open local ports that lead to a device by its serial number",
    load: () => import("./commands/tunnel.ts"),
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
    summary: "Show the help of a command or a topic",
    load: () => import("./commands/help.ts"),
  },
];

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

/** The group that the words begin with. The longest wins. */
export function matchGroup(words: readonly string[]): string | undefined {
  for (let length = Math.min(words.length, LONGEST); length > 0; length--) {
    const group = words.slice(0, length).join(" ");
    if (Object.hasOwn(GROUPS, group)) return group;
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
