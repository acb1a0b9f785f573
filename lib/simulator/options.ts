/**
 * How a simulated device can differ from the next one.
 *
 * @module
 */

import { type Clock, systemClock } from "../net/clock.ts";
import { type DeviceQuirks, type ResolvedQuirks, resolveQuirks } from "./quirks.ts";
import { type MediaOptions, resolveMediaOptions } from "./media/options.ts";
import { type P2pOptions, resolveP2pOptions } from "./p2p/options.ts";
import { oneOf, whole } from "./range.ts";
import type { SimulatedRecording } from "./recordings/wanted.ts";
import { resolveWebOptions, type WebOptions } from "./web/options.ts";

/** An account of the device. */
export interface SimulatedUser {
  /** Name, 1-64 characters. */
  readonly name: string;
  /** Password, any text. */
  readonly password: string;
  /** `admin` may do everything, `user` may only read. Default `admin`. */
  readonly group?: "admin" | "user";
}

/** The login kind that the challenge asks for. Of any other name no answer is accepted. */
export type LoginEncryption =
  | "Default"
  | "OldDigest"
  | "Basic"
  | "Plain"
  | (string & Record<never, never>);

/** Kind of a device: camera, recorder, door station, indoor station. */
export type DeviceClass = "IPC" | "NVR" | "XVR" | "VTO" | "VTH" | "SD";

const TYPES: Readonly<Record<DeviceClass, string>> = {
  IPC: "IPC-HFW5442E-ZE",
  NVR: "NVR5232-EI",
  XVR: "XVR5108HS-I3",
  VTO: "VTO2311R-WP",
  VTH: "VTH5221D",
  SD: "SD49425XB-HNR",
};

/** Options of one device. */
export interface DeviceOptions extends WebOptions, MediaOptions {
  /** First account, in the group `admin`. Default `admin`. */
  readonly user?: string;
  /** Its password. Default `admin54321`. */
  readonly password?: string;
  /** Further accounts. Default none. */
  readonly users?: readonly SimulatedUser[];
  /** Seed of everything random. Any integer; default 1. */
  readonly seed?: number;
  /** Position among the devices of one simulator, 0-based; part of serial number and name. Default 0. */
  readonly index?: number;
  /** Serial number. Default made from seed and index. */
  readonly serial?: string;
  /** Machine name. Default `Camera-01`, `Camera-02`, … */
  readonly name?: string;
  /** Device type. Default one of the class, `IPC-HFW5442E-ZE` for a camera. */
  readonly type?: string;
  /** What kind of device it is. Default what the type begins with, `IPC` when that says nothing. */
  readonly deviceClass?: DeviceClass;
  /** Channels of a recorder, 1-based, whose cameras have no link. Default none. */
  readonly offlineChannels?: readonly number[];
  /** Address that the device believes to have. Default 127.0.0.1. */
  readonly host?: string;
  /** Video channels, 1-64. Default 2. */
  readonly channels?: number;
  /** Login kind. Default `Default` (salted MD5). */
  readonly encryption?: LoginEncryption;
  /**
   * Refusals of a login. `false`: 268632085 with remaining attempts and lock time. `true`: old
   * firmware, 268632070 (user) and 268632071 (password) without either. `"oem"`: SD-2N-4G,
   * 268632080 for both. Default false.
   */
  readonly legacyErrors?: boolean | "oem";
  /** False: no administrator password yet, every login is refused with 268632086. Default true. */
  readonly initialised?: boolean;
  /** Refused logins that lock an account, 1-100. Default 5. */
  readonly lockAfter?: number;
  /** Duration of a lock in seconds, 1-86400. Default 300. */
  readonly lockSeconds?: number;
  /** Seconds, told in the login reply, after which a silent session is in danger. 1-3600, default 60. */
  readonly keepAliveInterval?: number;
  /** Seconds beyond the interval after which a silent session is forgotten. 0-3600, default 10. */
  readonly keepAliveGrace?: number;
  /** Sessions the device holds at once, 1-1000. Default 10. */
  readonly sessionSlots?: number;
  /** True: the login reply carries a new session number and that of the challenge is dead, as on
   * an NVR seen by DahuaBridge. False: the number stays. Default true. */
  readonly renewSession?: boolean;
  /**
   * `required`: stock camera, `ptz` and the like need an object of `X.factory.instance`.
   * `channel`: SD-2N-4G, no instances, `params.channel` instead, 405 for unknown methods, bare
   * lists and `result` strings. Default `required`.
   */
  readonly objects?: "required" | "channel";
  /** Habits of its firmware. Default those that go with `objects`. */
  readonly quirks?: DeviceQuirks;
  /** Key in the reply of magicBox.getVendor. Default `Vendor`, with `objects: "channel"` `vendor`. */
  readonly vendorKey?: "vendor" | "Vendor";
  /**
   * Size in KiB of a further table, `AccessTimeSchedule`, whose names are not ASCII. 0-16384; 0, the
   * default: no such table.
   */
  readonly bigTable?: number;
  /** Longest body of one frame in bytes, 64-1048576; longer messages are fragmented. Default 16384. */
  readonly maxFrameBody?: number;
  /** `a`: fragments share one body and the totals. `b`: self-contained frames, only binary is cut. Default `a`. */
  readonly fragments?: "a" | "b";
  /** False: no memory card; recordings cannot be searched. Default true. */
  readonly sdCard?: boolean;
  /** True: it has a radio, the interface `eth2`. Default what the type says with `-W`. */
  readonly wireless?: boolean;
  /** What is on the card. Default made from the seed: three days and what today brings. */
  readonly recordings?: readonly SimulatedRecording[];
  /** Searches for recordings open at once, 1-256. Default 8. */
  readonly finderSlots?: number;

  /** Milliseconds between events that happen by themselves, 0-86400000; 0, the default: none do. */
  readonly eventsEvery?: number;
  /** Milliseconds that magicBox.reboot takes, 0-600000. Default 1000. */
  readonly bootTime?: number;
  /** Milliseconds that installing a firmware takes before the restart, 0-600000. Default 5000. */
  readonly upgradeTime?: number;
  /** Connections at once, 1-10000; more are closed at once. Default 256. */
  readonly maxConnections?: number;
  /** Longest JSON part of a request in bytes, 1024-16777216. Default 4 MiB. */
  readonly maxMessage?: number;
  /** Longest binary part of a request in bytes, 0-67108864. Default 16 MiB. */
  readonly maxBinary?: number;
  /** The device's clock at the start, in milliseconds since 1970. Default the host's. */
  readonly time?: number;
  /** Seconds by which that clock is ahead of the right time, -31536000 to 31536000. Default 0. */
  readonly clockAhead?: number;
  /** Minutes that device local time is ahead of UTC, -840 to 840. Default the host's. */
  readonly utcOffset?: number;
  /** How it is reached by its serial number, where there is a cloud. */
  readonly p2p?: P2pOptions;
  /** Time of all delays and expiries. Default the system's. */
  readonly clock?: Clock;
}

/** Options with every default filled in. */
export type ResolvedOptions = Required<Omit<DeviceOptions, "quirks" | "recordings">> & {
  /** What is on the card; undefined when the seed decides. */
  readonly recordings: readonly SimulatedRecording[] | undefined;
  /** Habits of its firmware. */
  readonly quirks: ResolvedQuirks;
};

const DOOR: WebOptions = { snapshotCgi: "no-channel" };

/**
 * Fills in the defaults.
 *
 * @throws {RangeError} when a value is out of its range
 */
export function resolveOptions(options: DeviceOptions): ResolvedOptions {
  const index = whole("index", options.index ?? 0, 0, 99_999);
  const objects = options.objects ?? "required";
  const begins = /^(IPC|NVR|XVR|VTO|VTH|SD)/.exec(options.type ?? "")?.[1] as
    | DeviceClass
    | undefined;
  const deviceClass = options.deviceClass ?? begins ?? "IPC";
  oneOf("deviceClass", deviceClass, Object.keys(TYPES) as DeviceClass[]);
  const type = options.type ?? TYPES[deviceClass];
  const resolved: ResolvedOptions = {
    // A door station has one camera and no number for it.
    ...resolveWebOptions({ ...(/^VTO/.test(type) ? DOOR : {}), ...options }),
    ...resolveMediaOptions(options),
    user: options.user ?? "admin",
    password: options.password ?? "admin54321",
    users: options.users ?? [],
    seed: options.seed ?? 1,
    index,
    serial: options.serial ?? "",
    name: options.name ?? `Camera-${String(index + 1).padStart(2, "0")}`,
    type,
    deviceClass,
    offlineChannels: (options.offlineChannels ?? []).map((channel) =>
      whole("offlineChannels", channel, 1, 64)
    ),
    host: options.host ?? "127.0.0.1",
    channels: whole("channels", options.channels ?? 2, 1, 64),
    encryption: options.encryption ?? "Default",
    legacyErrors: options.legacyErrors ?? false,
    initialised: options.initialised ?? true,
    lockAfter: whole("lockAfter", options.lockAfter ?? 5, 1, 100),
    lockSeconds: whole("lockSeconds", options.lockSeconds ?? 300, 1, 86_400),
    keepAliveInterval: whole("keepAliveInterval", options.keepAliveInterval ?? 60, 1, 3600),
    keepAliveGrace: whole("keepAliveGrace", options.keepAliveGrace ?? 10, 0, 3600),
    sessionSlots: whole("sessionSlots", options.sessionSlots ?? 10, 1, 1000),
    renewSession: options.renewSession ?? true,
    objects,
    quirks: resolveQuirks(options.quirks ?? {}, objects === "required"),
    vendorKey: options.vendorKey ?? (objects === "channel" ? "vendor" : "Vendor"),
    bigTable: whole("bigTable", options.bigTable ?? 0, 0, 16_384),
    maxFrameBody: whole("maxFrameBody", options.maxFrameBody ?? 16_384, 64, 1_048_576),
    fragments: options.fragments ?? "a",
    sdCard: options.sdCard ?? true,
    wireless: options.wireless ?? /-W[A-Z]*$/.test(type),
    recordings: options.recordings,
    finderSlots: whole("finderSlots", options.finderSlots ?? 8, 1, 256),

    eventsEvery: whole("eventsEvery", options.eventsEvery ?? 0, 0, 86_400_000),
    bootTime: whole("bootTime", options.bootTime ?? 1000, 0, 600_000),
    upgradeTime: whole("upgradeTime", options.upgradeTime ?? 5000, 0, 600_000),
    maxConnections: whole("maxConnections", options.maxConnections ?? 256, 1, 10_000),
    maxMessage: whole("maxMessage", options.maxMessage ?? 4_194_304, 1024, 16_777_216),
    maxBinary: whole("maxBinary", options.maxBinary ?? 16_777_216, 0, 67_108_864),
    time: options.time ?? Date.now(),
    clockAhead: whole("clockAhead", options.clockAhead ?? 0, -31_536_000, 31_536_000),
    utcOffset: whole(
      "utcOffset",
      options.utcOffset ?? 0 - new Date().getTimezoneOffset(),
      -840,
      840,
    ),
    p2p: resolveP2pOptions(options.p2p),
    clock: options.clock ?? systemClock,
  };
  if (!Number.isSafeInteger(resolved.seed)) throw new RangeError("seed must be an integer");
  return resolved;
}
