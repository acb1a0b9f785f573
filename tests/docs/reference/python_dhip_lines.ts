/** Section 11: python-dhip's lines and library. */

import { ACCOUNTS, LIFE, orders, section } from "./row.ts";

const LINES = "cli/python_dhip_test: python-dhip's lines mean native ones";
const REFUSED =
  "cli/python_dhip_test: what python-dhip refuses or silently ignores is a usage error";
const REPLY =
  "cli/python_dhip_test: -m and call print the whole reply and send {} where nothing is given";

export const FORM = section("11.1", [
  ["HOST", "a name or address", undefined, "info", LINES],
  ["-p, --port", "5000", undefined, "info", LINES],
  ["-u, --user", "admin", undefined, "info", LINES],
  [
    "-P, --password",
    "empty; our own sources go before that",
    undefined,
    "info",
    "cli/python_dhip_test: our sources of a password go before python-dhip's empty one",
  ],
  ["-m, --method", "one call", undefined, "call", REPLY],
  ["--params", "JSON for -m", undefined, "call", LINES],
  ["-v, --verbose", "on standard error", undefined, "info", LINES],
  [
    "-h, --help",
    "also behind each subcommand",
    undefined,
    "help",
    "cli/python_dhip_test: each subcommand has a help",
  ],
  ["order", "global options on both sides of HOST", undefined, "info", LINES],
  ["mixed", "a subcommand's options among its arguments", undefined, "call", LINES],
  ["spellings", "--opt value, --opt=value, -pVALUE, -p VALUE", undefined, "info", LINES],
  ["abbreviations", "unambiguous ones", undefined, "info", LINES],
  [
    "--, negative numbers",
    "end of options; values",
    undefined,
    "ptz goto",
    "cli/python_ptz_test: python-dhip's actions mean native commands, channels from 0 are from 1",
  ],
  [
    "-m with a subcommand",
    "python-dhip ignores it; here a usage error",
    undefined,
    "call",
    REFUSED,
  ],
  [
    "--params before call",
    "python-dhip ignores it; here a usage error",
    undefined,
    "call",
    REFUSED,
  ],
]);

export const STREAMS = section("11.2", [
  [
    "login",
    "first of all, but for discover",
    undefined,
    "discover",
    "cli/discover_test: python-dhip's line works, and its host is ignored",
  ],
  [
    "[+] logged in",
    "with the session's number",
    "the number is the session's key; dhip shows none (the native line stands there instead)",
  ],
  ["JSON", "indented by 2, on standard output", undefined, "call", REPLY],
  [
    "[+] status lines",
    "on standard error",
    undefined,
    "ptz left",
    "cli/python_ptz_test: results have python-dhip's shapes",
  ],
]);

export const SUBCOMMANDS = section("11.3", [
  ["-m M", "the whole reply", "camera.rpc.request", "call", REPLY],
  [
    "binary",
    "what stands behind a reply",
    "camera.rpc.request",
    "call",
    "cli/run_test: a binary part is kept where the user says, and never lost without a word",
  ],
  [
    "info",
    "six getters in one object",
    "camera.system.info",
    "info",
    "cli/python_dhip_test: info prints python-dhip's object, even on a terminal",
  ],
  ["config NAME", "a table", "camera.config.get", "config get", LINES],
  ["config NAME --set", "replaces a table", "camera.config.set", "call", LINES],
  [
    "users",
    "users and groups",
    "camera.users.list",
    "user list",
    "cli/user_test: python-dhip's users line",
  ],
  [
    "ptz ACTION",
    "see 11.4",
    "camera.ptz.moveFor",
    "ptz left",
    "cli/python_ptz_test: python-dhip's actions mean native commands, channels from 0 are from 1",
  ],
  [
    "snapshot",
    "snapshot.jpg, channel 0",
    "camera.snapshot.take",
    "snapshot",
    "cli/python_snapshot_test: python-dhip's snapshot writes the file, and says so on standard error",
  ],
  [
    "events",
    "indented documents until Ctrl-C",
    "camera.events.watch",
    "events",
    "cli/events_test: python-dhip's line prints indented documents in the form of pushes",
  ],
  [
    "stream",
    "stream.dhav",
    "camera.nativeLive.open",
    "stream",
    "cli/stream_test: python-dhip's line",
  ],
  [
    "rtsp",
    "rtsp.mp4",
    "camera.live.open",
    "record",
    "cli/record_test: python-dhip's rtsp line records, and says so on standard error",
  ],
  [
    "title",
    "all titles, or sets one",
    "camera.overlay.plan",
    "overlay title",
    "cli/overlay_test: python-dhip's title line",
  ],
  [
    "files",
    "a list of infos",
    "camera.recordings.infos",
    "files",
    "cli/python_files_test: python-dhip's files prints the device's own words, with its own channels",
  ],
  [
    "discover",
    "a list, each with _source",
    "discover",
    "discover",
    "cli/discover_test: python-dhip's line works, and its host is ignored",
  ],
  ["call", "the whole reply", "camera.rpc.request", "call", REPLY],
  [
    "numbers",
    "whole ones and decimals",
    "camera.ptz.moveFor",
    "ptz left",
    "cli/python_ptz_test: what python-dhip would end with a traceback is a usage error",
  ],
]);

const HEADS = "cli/python_ptz_test: status and position are python-dhip's JSON";
const SHAPES = "cli/python_ptz_test: results have python-dhip's shapes";

export const PTZ_ACTIONS = section("11.4", [
  ["status", "JSON of the status", "camera.ptz.status", "ptz status", HEADS],
  ["position", "raw, or degrees", "camera.ptz.status", "ptz position", HEADS],
  ["home", "the method, else the code", "camera.ptz.goHome", "ptz home", SHAPES],
  ["reset", "[+] True", "camera.ptz.reset", "ptz reset", SHAPES],
  ["goto-preset", "a number", "camera.ptz.presets.go", "ptz preset go", SHAPES],
  ["set-preset", "a number", "camera.ptz.presets.save", "ptz preset save", SHAPES],
  ["clear-preset", "a number", "camera.ptz.presets.remove", "ptz preset remove", SHAPES],
  ["absolute", "pan, tilt, zoom", "camera.ptz.goto", "ptz goto", SHAPES],
  ["zoom", "in, tele, else wide", "camera.ptz.moveFor", "ptz zoom", SHAPES],
  ["focus", "near, else far", "camera.ptz.moveFor", "ptz focus", SHAPES],
  ["iris", "open, large, else small", "camera.ptz.moveFor", "ptz iris", SHAPES],
  ["any other word", "a code", "camera.ptz.runCode", "ptz code", SHAPES],
]);

const OURS = "cli/python_dhip_test: errors and exit codes of python-dhip's lines are ours, as text";

/** Here exit codes are dhip's own; what python-dhip has for them is in the fact. */
export const EXIT_CODES = section("11.5", [
  ["0", "success", undefined, "call", REPLY],
  ["0 of result:false", "here 5", undefined, "call", OURS],
  [
    "0 of a refused PTZ order",
    "here 5",
    undefined,
    "ptz preset go",
    "cli/python_ptz_test: a refused order exits with 5, which python-dhip calls success",
  ],
  [
    "0 of events after Ctrl-C",
    "the same",
    undefined,
    "events",
    "cli/events_process_test: Ctrl-C ends it with 0, with whole lines, and logged out",
  ],
  ["1", "any exception; here 2 to 5 with a line of text", undefined, "call", OURS],
  ["2", "arguments, or nothing to do; here without a login", undefined, "help", REFUSED],
  [
    "130",
    "Ctrl-C elsewhere",
    undefined,
    "call",
    "promises/ctrl_c_test: Ctrl-C during a call logs out and ends with 130",
  ],
]);

export const LIBRARY = section("11.6", [
  [
    "tours",
    "list, set, start, stop, remove",
    "camera.ptz.tours.start",
    "ptz tour start",
    "cli/ptz_test: every command tells the camera what it says",
  ],
  ["set home", "home is here", "camera.ptz.setHome", "ptz home", orders("set home")],
  ["active users", "who is logged in", "camera.users.active", "user list", ACCOUNTS],
  ["add user", "with a group", "camera.users.add", "user add", LIFE],
  ["modify user", "group, memo, rights", "camera.users.modify", "user modify", LIFE],
  ["delete user", "by name", "camera.users.remove", "user remove", LIFE],
  [
    "passwords",
    "changed, and verified by a login",
    "camera.users.changePassword",
    "user passwd",
    "camera/users_test: a changed password is verified by a login of its own; the session stays",
  ],
  [
    "time",
    "read and set",
    "camera.clock.set",
    "clock set",
    "camera/clock_test: a simulated device's clock is set, synchronised and compared",
  ],
  [
    "reboot",
    "and the wait for its end",
    "camera.power.reboot",
    "reboot",
    "camera/power_test: a simulated device restarts and can be used again, over both transports",
  ],
  [
    "shutdown",
    "after a confirmation",
    "camera.power.shutdown",
    "shutdown",
    "cli/power_test: shutdown wants a confirmation before the device hears anything",
  ],
  [
    "factory reset",
    "after a confirmation",
    "camera.power.restoreDefaults",
    "factory-restore",
    "cli/power_test: factory-restore shows what it would do and waits for the right name",
  ],
  [
    "upgrade",
    "after a confirmation",
    "camera.upgrade.upload",
    "upgrade upload",
    "cli/power_test: upgrade upload installs, and --wait shows what then runs",
  ],
  [
    "OSD",
    "title, time and texts",
    "camera.overlay.plan",
    "overlay osd",
    "cli/overlay_test: overlay osd shows and changes title, time and texts",
  ],
  [
    "telnet switch",
    "reads, changes, writes; SSH stays",
    "camera.config.apply",
    "config set",
    "cli/config_tables_test: the switch of Telnet is turned and that of SSH stays",
  ],
  [
    "file download",
    "RPC_Loadfile",
    "camera.download.open",
    "download",
    "cli/download_test: a recording by its path",
  ],
  [
    "service list",
    "services and methods",
    "camera.rpc.services",
    "services",
    "camera/camera_test: services and methods are listed sorted, and a reply without a list is an error",
  ],
  [
    "keep-alive",
    "made by itself",
    "DahuaCamera.connect",
    "events",
    "dhip/session_life_test: keep-alives go out before the device's interval ends",
  ],
]);
