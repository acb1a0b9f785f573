/** Sections 6.3 to 6.5: recordings, upgrades, other services. */

import { GETTERS, RAW, section } from "./row.ts";

export const RECORDINGS = section("6.3", [
  [
    "1 factory.create",
    "result is the object",
    "camera.recordings.find",
    "files",
    "camera/recordings_test: the condition has all that was asked for, in the device's words",
  ],
  [
    "2 findFile",
    "false or an error may mean that nothing matches",
    "camera.recordings.find",
    "files",
    "camera/recordings_test: nothing found has many shapes, and none of them is an error",
  ],
  [
    "2b getCount",
    "not in every device",
    "camera.recordings.find",
    "files",
    "camera/recordings_test: the device's count is passed on, for each channel",
  ],
  [
    "2b setQueryResultOptions",
    "offset",
    "camera.recordings.find",
    "files",
    "camera/recordings_test: offset and limit reach over channels, with and without the device's help",
  ],
  [
    "3 findNextFile",
    "until nothing comes; short pages are not the end",
    "camera.recordings.find",
    "files",
    "camera/recordings_test: pages shorter than asked for are not the end",
  ],
  [
    "4 close, 5 destroy",
    "both, even if one fails",
    "camera.recordings.find",
    "files",
    "camera/recordings_test: leaving the loop gives the finder back, also when close fails",
  ],
  [
    "condition",
    "channel from 0, times, types, flags, events, order, redundant, dirs, stream",
    "camera.recordings.find",
    "files",
    "cli/files_test: files takes channels by number and name, and every condition",
  ],
  [
    "info",
    "channel, times, length, duration, type, path, stream, flags, events, disk, cluster …",
    "camera.recordings.find",
    "files",
    "camera/recordings_test: a recording tells channel, times, size, stream, reasons and place",
  ],
  [
    "no card",
    "500 at every step",
    "camera.recordings.find",
    "files",
    "camera/recordings_test: no storage is an error of its own, whichever step tells it",
  ],
  [
    "FilePath",
    "holds signs that URLs escape",
    "camera.recordings.find",
    "files",
    "dhip/loadfile_test: every sign of a path survives the way",
  ],
  [
    "an end that is not after the start",
    "is on the next day",
    "camera.recordings.find",
    "files",
    "camera/recordings_test: an odd recording is passed on with what can be read",
  ],
  [
    "log.startFind, getCount, doSeekFind, stopFind",
    "the log by token",
    "camera.logs.find",
    "logs",
    "camera/logs_test: the condition names period, types and order",
  ],
  [
    "log: events",
    "types such as Event.VideoMotion.Start",
    "camera.logs.find",
    "logs",
    "camera/logs_test: entries are read in every shape, and unknown ones are passed on",
  ],
  ["SmdDataFinder", "what smart motion detection saw", "its parameters are in no source"],
  ["RecordFinder", "who went through a door", "doors belong to another version"],
]);

export const UPGRADE = section("6.4", [
  [
    "prepare, appendData, execute",
    "length, with the bytes in the same frame",
    "camera.upgrade.upload",
    "upgrade upload",
    "camera/upgrade_test: an image arrives whole, in messages of the asked size, and is watched to its end",
  ],
  [
    "getState",
    "with and without an object",
    "camera.upgrade.state",
    "upgrade state",
    "camera/upgrade_test: the state comes in both shapes, with and without an object",
  ],
  [
    "check, start, cancel",
    "the web interface's",
    "camera.upgrade.upload",
    "upgrade upload",
    "camera/upgrade_test: the web interface's methods do where python-dhip's are missing",
  ],
  ["POST upgrader.cgi", "the web interface's upload", "its request is not known"],
  [
    "dangerous",
    "a dry run, a word of confirmation, size and hash",
    "camera.upgrade.upload",
    "upgrade upload",
    "cli/power_test: upgrade upload without --confirm sends nothing",
  ],
]);

const NETWORK =
  "camera/network_test: interfaces with addresses and counters, with and without an object";
const DISKS = "camera/storage_test: disks, partitions and channels, with and without an object";
const PUSHED =
  "camera/snapshot_test: without a web API the picture comes by snapManager, and the reason is told";
const LAMPS = "camera/image_test: siren and light: what there is and whether it is on";

export const OTHERS = section("6.5", [
  ["netApp.getNetInterfaces", "interfaces", "camera.network.status", "network", NETWORK],
  ["netApp.getNetDataStat", "counters of one", "camera.network.status", "network", NETWORK],
  ["netApp.getNetResourceStat", "load", "camera.network.status", "network", NETWORK],
  ["netApp.getUPnPStatus", "state of UPnP", "camera.network.status", "network", NETWORK],
  ["netApp.getLinkStatus", "whether a cable is in", "camera.network.status", "network", NETWORK],
  ["netApp.getCaps", "what the network can do", RAW],
  ["netApp.scanWLanDevices", "radio networks around", "radio networks are set up elsewhere"],
  ["netApp.checkIPConflict", "another device at an address", RAW],
  ["netApp.sendTestMail", "a mail to try the settings", "it sends mail to people"],
  ["deviceDiscovery.*", "the device looks around its network", "dhip discover looks itself"],
  ["storage.getDeviceAllInfo", "disks and partitions", "camera.storage.status", "storage", DISKS],
  ["storage.getDeviceNames", "names of disks", "getDeviceAllInfo has them, and more"],
  ["devStorage.getDeviceInfo", "one disk", "getDeviceAllInfo has it"],
  [
    "recordManager.getState",
    "whether a channel records",
    "camera.storage.channels",
    "storage",
    DISKS,
  ],
  [
    "recordManager.start, stop",
    "recording by hand; as a setting that is verified (RecordMode)",
    "camera.storage.planRecording",
    "set recording",
    "cli/set_test: set recording",
  ],
  ["recordManager.getCaps", "what it can", RAW],
  [
    "snapManager.factory.instance, attachFileProc",
    "pushed pictures",
    "camera.snapshot.take",
    "snapshot",
    PUSHED,
  ],
  ["snapManager.start", "has a picture taken", "camera.snapshot.take", "snapshot", PUSHED],
  [
    "snapManager.stop",
    "ends the attachment's pictures",
    "camera.snapshot.take",
    "snapshot",
    "camera/snapshot_test: an interrupted picture lets the attachment go and logs out",
  ],
  ["snapManager.getCaps", "what it can", RAW],
  [
    "CoaxialControlIO.getCaps",
    "siren and light that there are",
    "camera.deterrent.state",
    "set siren",
    LAMPS,
  ],
  [
    "CoaxialControlIO.getStatus",
    "whether they are on",
    "camera.deterrent.state",
    "set siren",
    LAMPS,
  ],
  [
    "CoaxialControlIO.control",
    "type, IO, trigger mode",
    "camera.deterrent.plan",
    "set siren",
    "camera/image_test: the siren is switched with the exact words, and followed until it sounds",
  ],
  [
    "devVideoInput.adjustFocus, autoFocus, getFocusStatus",
    "focus of cameras with a motor",
    "ptz focus moves it; a place for it was seen with no unit",
  ],
  ["devVideoInput.getCaps, factory.getCollect", "what the input can", RAW],
  [
    "FileManager.*",
    "files of the device",
    "it also removes and renames; recordings are found by mediaFileFind",
  ],
  ["accessControl, VideoTalkPhone", "doors and calls", "doors belong to another version"],
  ["console.*", "a debug console", "the reference says: do not expose"],
  [
    "Security.getEncryptInfo",
    "user calls that want encryption are told apart",
    "camera.users.changePassword",
    "user passwd",
    "camera/users_test: devices that want user calls encrypted are told apart",
  ],
  ["magicBox.getDeviceClass", "IPC, NVR, VTO …", "camera.system.info", "info", GETTERS],
  ["magicBox.getCPUUsage", "index 0", "camera.system.info", "info", GETTERS],
  ["magicBox.getUpTime", "last and total", "camera.system.info", "info", GETTERS],
  ["magicBox.getMachineName", "name", "camera.system.info", "info", GETTERS],
  ["magicBox.getProductDefinition", "a property by name", RAW],
  ["magicBox.getProcessInfo, getMarketArea", "processes, region of sale", RAW],
  ["magicBox.needReboot", "a setting waits for a restart", RAW],
]);
