/**
 * The commands of `dhip ptz`.
 *
 * @module
 */

import { DIRECTIONS } from "../../camera/ptz/ptz.ts";
import type { CommandEntry } from "../spec.ts";

/** Summaries of the commands that move one part of a lens. */
const LENS = {
  zoom: "Zoom in or out",
  focus: "Move the focus nearer or farther",
  iris: "Open or close the iris",
} as const;

/** In the order of the help. None is loaded before it is needed. */
export const PTZ_COMMANDS: readonly CommandEntry[] = [
  ...DIRECTIONS.map((direction): CommandEntry => ({
    name: `ptz ${direction}`,
    group: "Movement",
    summary: `Turn the camera ${direction.replace("-", " and ")}`,
    load: async () => ({ default: (await import("../commands/ptz_turn.ts")).turn(direction) }),
  })),
  ...(["zoom", "focus", "iris"] as const).map((part): CommandEntry => ({
    name: `ptz ${part}`,
    group: "Movement",
    summary: LENS[part],
    load: async () => ({ default: (await import("../commands/ptz_lens.ts")).lens(part) }),
  })),
  {
    name: "ptz move",
    group: "Movement",
    summary: "Move pan, tilt and zoom, each at its own speed",
    load: () => import("../commands/ptz_move.ts"),
  },
  {
    name: "ptz stop",
    group: "Movement",
    summary: "Stop whatever moves",
    load: () => import("../commands/ptz_stop.ts"),
  },
  {
    name: "ptz goto",
    group: "Movement",
    summary: "Go to a position in degrees",
    load: () => import("../commands/ptz_goto.ts"),
  },
  {
    name: "ptz relative",
    group: "Movement",
    summary: "Turn by some degrees",
    load: () => import("../commands/ptz_relative.ts"),
  },
  {
    name: "ptz locate",
    group: "Movement",
    summary: "Bring a point of the picture into its middle",
    load: () => import("../commands/ptz_locate.ts"),
  },
  {
    name: "ptz home",
    group: "Movement",
    summary: "Go to the home position, or set it",
    load: () => import("../commands/ptz_home.ts"),
  },
  {
    name: "ptz preset list",
    group: "Movement",
    summary: "List the presets",
    load: () => import("../commands/ptz_preset_list.ts"),
  },
  {
    name: "ptz preset go",
    group: "Movement",
    summary: "Go to a preset",
    load: () => import("../commands/ptz_preset_go.ts"),
  },
  {
    name: "ptz preset save",
    group: "Movement",
    summary: "Keep the present position as a preset",
    load: () => import("../commands/ptz_preset_save.ts"),
  },
  {
    name: "ptz preset remove",
    group: "Movement",
    summary: "Remove a preset",
    load: () => import("../commands/ptz_preset_remove.ts"),
  },
  {
    name: "ptz tour list",
    group: "Movement",
    summary: "List the tours",
    load: () => import("../commands/ptz_tour_list.ts"),
  },
  {
    name: "ptz tour start",
    group: "Movement",
    summary: "Begin a tour",
    load: () => import("../commands/ptz_tour_start.ts"),
  },
  {
    name: "ptz tour stop",
    group: "Movement",
    summary: "End a tour",
    load: () => import("../commands/ptz_tour_stop.ts"),
  },
  {
    name: "ptz tour set",
    group: "Movement",
    summary: "Make a tour, or name it",
    load: () => import("../commands/ptz_tour_set.ts"),
  },
  {
    name: "ptz tour remove",
    group: "Movement",
    summary: "Remove a tour",
    load: () => import("../commands/ptz_tour_remove.ts"),
  },
  {
    name: "ptz pattern",
    group: "Movement",
    summary: "Record a motion and repeat it",
    load: () => import("../commands/ptz_pattern.ts"),
  },
  {
    name: "ptz scan",
    group: "Movement",
    summary: "Turn to and fro between two ends",
    load: () => import("../commands/ptz_scan.ts"),
  },
  {
    name: "ptz autopan",
    group: "Movement",
    summary: "Turn round and round",
    load: () => import("../commands/ptz_autopan.ts"),
  },
  {
    name: "ptz aux",
    group: "Movement",
    summary: "Switch a light, a wiper or another helper",
    load: () => import("../commands/ptz_aux.ts"),
  },
  {
    name: "ptz status",
    group: "Movement",
    summary: "Show where the camera looks and what it does",
    load: () => import("../commands/ptz_status.ts"),
  },
  {
    name: "ptz position",
    group: "Movement",
    summary: "Show where the camera looks",
    load: () => import("../commands/ptz_position.ts"),
  },
  {
    name: "ptz capabilities",
    group: "Movement",
    summary: "Show what the camera says it can do",
    load: () => import("../commands/ptz_capabilities.ts"),
  },
  {
    name: "ptz reset",
    group: "Movement",
    summary: "Bring the head back to its origin",
    load: () => import("../commands/ptz_reset.ts"),
  },
  {
    name: "ptz restart",
    group: "Movement",
    summary: "Restart the head",
    load: () => import("../commands/ptz_restart.ts"),
  },
  {
    name: "ptz code",
    group: "Movement",
    summary: "Start any code of the device, and stop it",
    load: () => import("../commands/ptz_code.ts"),
  },
  {
    name: "overlay title",
    group: "Picture overlay",
    summary: "Show the titles of the channels, or change one",
    load: () => import("../commands/overlay_title.ts"),
  },
  {
    name: "overlay osd",
    group: "Picture overlay",
    summary: "Show or change what is drawn over a picture: title, time, texts",
    load: () => import("../commands/overlay_osd.ts"),
  },
  {
    name: "overlay covers",
    group: "Picture overlay",
    summary: "Show or change the privacy covers of a picture",
    load: () => import("../commands/overlay_covers.ts"),
  },
  {
    name: "clock get",
    group: "Clock",
    summary: "Show the clock of devices: time, zone, time server, drift",
    load: () => import("../commands/clock_get.ts"),
  },
  {
    name: "clock set",
    group: "Clock",
    summary: "Set the clock of a device to a time",
    load: () => import("../commands/clock_set.ts"),
  },
  {
    name: "clock sync",
    group: "Clock",
    summary: "Set the clock of devices by this computer's",
    load: () => import("../commands/clock_sync.ts"),
  },
  {
    name: "clock ntp",
    group: "Clock",
    summary: "Show or change the time server of a device",
    load: () => import("../commands/clock_ntp.ts"),
  },
  {
    name: "user list",
    aliases: ["user ls"],
    group: "Accounts",
    summary: "List accounts and groups, or who is logged in",
    load: () => import("../commands/user_list.ts"),
  },
  {
    name: "user add",
    group: "Accounts",
    summary: "Make an account",
    load: () => import("../commands/user_add.ts"),
  },
  {
    name: "user modify",
    group: "Accounts",
    summary: "Change group, rights or remark of an account",
    load: () => import("../commands/user_modify.ts"),
  },
  {
    name: "user remove",
    aliases: ["user rm"],
    group: "Accounts",
    summary: "Remove an account",
    load: () => import("../commands/user_remove.ts"),
  },
  {
    name: "user passwd",
    group: "Accounts",
    summary: "Change a password, and see whether the new one works",
    load: () => import("../commands/user_passwd.ts"),
  },
];
