/**
 * The clock of a device: its time, zone, summer time and time server.
 *
 * @module
 */

import type { DhipError } from "../errors.ts";
import type { CallOptions } from "../net/stream.ts";
import type { PlannedChange } from "./planned_change.ts";

/** How far a device's clock is from this host's. */
export interface ClockDrift {
  /** Best estimate in milliseconds; positive when the device is ahead. */
  readonly milliseconds: number;
  /**
   * The truth lies within so many milliseconds of the estimate: half the second that devices leave
   * out, and half the time that question and answer took.
   */
  readonly uncertainty: number;
  /**
   * Zone that the device's wall clock was read in: `+02:00`, summer time included, or a name such as
   * `Europe/Berlin`.
   */
  readonly zone: string;
  /** Whose zone that is: of the device's settings, of this host, or asked for by the caller. */
  readonly zoneFrom: "device" | "host" | "caller";
}

/** Time zone of a device's settings. */
export interface DeviceTimeZone {
  /** Ahead of UTC, without summer time: `+08:00`; null when the device's number is not known. */
  readonly offset: string | null;
  /** The device's own name for it. Some firmwares keep that of another zone there. */
  readonly name: string | null;
}

/** A moment of every year at which summer time begins or ends. */
export interface SummerTimeRule {
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 4: first to fourth such weekday of the month, -1: the last; null: a date. */
  readonly week: number | null;
  /** With a week the weekday, 0 is Sunday; without one the day of the month, 1 to 31. */
  readonly day: number;
  /** Local time as clocks show it until then. */
  readonly time: Temporal.PlainTime;
}

/** Summer time (DST) of a device's settings. What is not told or not understood is null. */
export interface SummerTime {
  /** True: the device changes its clock. */
  readonly enabled: boolean | null;
  /** True: it is summer time now, by the device's clock and rules. */
  readonly active: boolean | null;
  /** When it begins. */
  readonly start: SummerTimeRule | null;
  /** When it ends. */
  readonly end: SummerTimeRule | null;
}

/** Time server of a device's settings. What is not told is null. */
export interface NtpSettings {
  /** True: the device sets its clock by the server. */
  readonly enabled: boolean | null;
  /** Name or address. */
  readonly server: string | null;
  /** UDP port, commonly 123. */
  readonly port: number | null;
  /** Minutes from one synchronisation to the next. */
  readonly period: number | null;
}

/** A change of the time server; what is absent stays. */
export interface NtpChange {
  /** True: set the clock by the server. */
  readonly enabled?: boolean | undefined;
  /** Name or address, not empty. */
  readonly server?: string | undefined;
  /** UDP port, 1 to 65535. */
  readonly port?: number | undefined;
  /** Minutes from one synchronisation to the next, 1 to 65535; many devices take up to 30 only. */
  readonly period?: number | undefined;
}

/** Everything about a clock. What the device does not tell is null. */
export interface ClockReading {
  /** Wall clock of the device, in its own zone. Most tell whole seconds. */
  readonly time: Temporal.PlainDateTime;
  /** Against this host. */
  readonly drift: ClockDrift;
  /** Zone of its settings. */
  readonly timeZone: DeviceTimeZone | null;
  /** Summer time of its settings. */
  readonly summerTime: SummerTime | null;
  /** Its time server. */
  readonly ntp: NtpSettings | null;
  /** What could not be read beside the time, and why. */
  readonly problems: readonly { readonly field: string; readonly error: DhipError }[];
}

/** What came of setting a clock by this host. */
export interface ClockSync {
  /** Before. */
  readonly before: ClockDrift;
  /** After, read back. */
  readonly after: ClockDrift;
}

/** Options of calls that compare with this host. */
export interface ClockOptions extends CallOptions {
  /**
   * Zone that the wall clock of the device is in: `+02:00` or a name such as `Europe/Berlin`. By
   * default that of its settings, else that of this host.
   */
  readonly zone?: string | undefined;
  /** This host's time, in milliseconds since 1970. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** Reads and sets the clock of a device. */
export interface ClockService {
  /**
   * The device's wall clock and nothing else: one call.
   *
   * @throws {DhipError} the device's refusal to tell the time; `DHIP_BAD_REPLY` when what it tells
   *   is none
   */
  time(options?: CallOptions): Promise<Temporal.PlainDateTime>;
  /**
   * Reads time, zone, summer time and time server, and compares with this host.
   *
   * @throws {RangeError} for a zone that does not exist
   * @throws {DhipError} the device's refusal to tell the time; `DHIP_BAD_REPLY` when what it tells
   *   is none
   */
  read(options?: ClockOptions): Promise<ClockReading>;
  /**
   * Sets the wall clock, to a whole second, and reads it back.
   *
   * @returns the time read back
   * @throws {DhipError} the device's refusal; `DHIP_NOT_HELD` when the clock shows another time
   */
  set(time: Temporal.PlainDateTime, options?: CallOptions): Promise<Temporal.PlainDateTime>;
  /**
   * Sets the clock by this host's. The order leaves so early that it arrives at the full second that
   * it names, if the way there takes half of the way there and back. Then the clock is read back.
   *
   * @throws {RangeError} for a zone that does not exist
   * @throws {DhipError} the device's refusal; `DHIP_NOT_HELD` when the clock is still off by more
   *   than a second
   */
  sync(options?: ClockOptions): Promise<ClockSync>;
  /**
   * Works out a change of the time server.
   *
   * @throws {RangeError} for values out of range, and for what the device's settings do not have
   * @throws {DhipError} `DHIP_NOT_SUPPORTED` when the device has no such settings
   */
  planNtp(change: NtpChange, options?: CallOptions): Promise<PlannedChange>;
}
