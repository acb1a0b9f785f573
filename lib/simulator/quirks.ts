/**
 * Habits in which firmwares differ, as the protocol reference lists them. Each is a choice between
 * forms that real devices were seen with.
 *
 * @module
 */

import { oneOf, whole } from "./range.ts";

/** Habits of a device. Where a default differs, the first is that of `objects: "required"`. */
export interface DeviceQuirks {
  /**
   * Which PTZ methods there are: `code` has ptz.start and ptz.stop, `object` the move methods,
   * `both` all of them; `none`: the camera does not move. Default `both`.
   */
  readonly ptzApi?: "both" | "code" | "object" | "none" | undefined;
  /**
   * Argument of GotoPreset, SetPreset and ClearPreset that has the number, over RPC. CGI always
   * takes `arg2`. Default `arg1` (observed by rroller/dahua), or `arg2` (python-dhip).
   */
  readonly presetArg?: "arg1" | "arg2" | undefined;
  /**
   * Argument of StartTour and StopTour that has the number, over RPC. CGI always takes `arg1`.
   * Default `arg1` (python-amcrest), or `arg2` (python-dhip).
   */
  readonly tourArg?: "arg1" | "arg2" | undefined;
  /**
   * Position in ptz.getStatus: `degrees` under `Postion` (sic; rroller/dahua), or `raw` units under
   * `Location` (python-dhip). Default `degrees`, or `raw`.
   */
  readonly ptzPosition?: "degrees" | "raw" | undefined;
  /** Raw units of a full turn, and of 90 degrees of tilt. 360-65536, default 8192. */
  readonly ptzFullScale?: number | undefined;
  /** Units of ptz.moveAbsolutely and ptz.moveRelatively: degrees, or -1 to 1. Default `degrees`. */
  readonly ptzUnits?: "degrees" | "normalised" | undefined;
  /** Where ptz.isMoving answers: `params.moving` or `result`. Default `params`, or `result`. */
  readonly isMovingIn?: "params" | "result" | undefined;
  /** False: no ptz.gotoHomePosition and ptz.setHomePosition; the code GotoHome works. Default true. */
  readonly ptzHome?: boolean | undefined;
  /** True: PTZ orders are refused by `result:false` without an error. Default false. */
  readonly benignRefusals?: boolean | undefined;
  /** True: ptz.getPresets also lists special ones, of `Type` 2. Default false. */
  readonly specialPresets?: boolean | undefined;
  /** Most recordings of one mediaFileFind.findNextFile, whatever was asked. 1-1024, default 100. */
  readonly findPageLimit?: number | undefined;
  /**
   * What mediaFileFind.findFile says when nothing matches: `found` is a yes and pages of 0, `false`
   * a no without an error, `error` a refusal. Default `found`.
   */
  readonly findNothing?: "found" | "false" | "error" | undefined;
  /** userManager.getGroupInfoAll: `groups` in an object, or a bare `list`. Default `object`, or `list`. */
  readonly groupsIn?: "object" | "list" | undefined;
  /** storage.getDeviceAllInfo: `info` in an object, or a bare `list`. Default `object`. */
  readonly storageIn?: "object" | "list" | undefined;
  /**
   * A configuration table that the device does not have: the generic decline, `no permission`, or a
   * success with nothing. Default `unknown`, or `empty`.
   */
  readonly absentTable?: "unknown" | "authority" | "empty" | undefined;
  /** False: no configManager.attach, so that nobody is told of changed tables. Default true. */
  readonly configPushes?: boolean | undefined;
  /** Where the connection dies in a restart: after the reply, or instead of it. Default `after`. */
  readonly rebootReply?: "after" | "never" | undefined;
  /** Upgrades by prepare and execute, by check and start, or by `both`. Default `both`. */
  readonly upgraderApi?: "both" | "append" | "start" | undefined;
  /** Where global.getCurrentTime answers: `params.time` or `result`. Default `params`, or `result`. */
  readonly timeIn?: "params" | "result" | undefined;
  /** Number of the first channel in CGI. Default 1. */
  readonly cgiChannelBase?: 0 | 1 | undefined;
}

/** Quirks with every default filled in. */
export type ResolvedQuirks = {
  readonly [Name in keyof DeviceQuirks]-?: Exclude<DeviceQuirks[Name], undefined>;
};

/**
 * Fills in the defaults. `stock` is true for `objects: "required"`.
 *
 * @throws {RangeError} when a value is not possible
 */
export function resolveQuirks(quirks: DeviceQuirks, stock: boolean): ResolvedQuirks {
  const numbered = ["arg1", "arg2"] as const;
  return {
    ptzApi: oneOf("ptzApi", quirks.ptzApi ?? "both", ["both", "code", "object", "none"]),
    presetArg: oneOf("presetArg", quirks.presetArg ?? (stock ? "arg1" : "arg2"), numbered),
    tourArg: oneOf("tourArg", quirks.tourArg ?? (stock ? "arg1" : "arg2"), numbered),
    ptzPosition: oneOf("ptzPosition", quirks.ptzPosition ?? (stock ? "degrees" : "raw"), [
      "degrees",
      "raw",
    ]),
    ptzFullScale: whole("ptzFullScale", quirks.ptzFullScale ?? 8192, 360, 65_536),
    ptzUnits: oneOf("ptzUnits", quirks.ptzUnits ?? "degrees", ["degrees", "normalised"]),
    isMovingIn: oneOf("isMovingIn", quirks.isMovingIn ?? (stock ? "params" : "result"), [
      "params",
      "result",
    ]),
    ptzHome: quirks.ptzHome ?? true,
    benignRefusals: quirks.benignRefusals ?? false,
    specialPresets: quirks.specialPresets ?? false,
    findPageLimit: whole("findPageLimit", quirks.findPageLimit ?? 100, 1, 1024),
    findNothing: oneOf("findNothing", quirks.findNothing ?? "found", ["found", "false", "error"]),
    groupsIn: oneOf("groupsIn", quirks.groupsIn ?? (stock ? "object" : "list"), [
      "object",
      "list",
    ]),
    storageIn: oneOf("storageIn", quirks.storageIn ?? "object", ["object", "list"]),
    absentTable: oneOf("absentTable", quirks.absentTable ?? (stock ? "unknown" : "empty"), [
      "unknown",
      "authority",
      "empty",
    ]),
    configPushes: quirks.configPushes ?? true,
    rebootReply: oneOf("rebootReply", quirks.rebootReply ?? "after", ["after", "never"]),
    upgraderApi: oneOf("upgraderApi", quirks.upgraderApi ?? "both", ["both", "append", "start"]),
    timeIn: oneOf("timeIn", quirks.timeIn ?? (stock ? "params" : "result"), ["params", "result"]),
    cgiChannelBase: oneOf("cgiChannelBase", quirks.cgiChannelBase ?? 1, [0, 1]),
  };
}
