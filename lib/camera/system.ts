/**
 * What a device is and how it fares.
 *
 * @module
 */

import type { DhipError } from "../errors.ts";
import type { CallOptions } from "../net/stream.ts";

/** What a device tells about itself. What it does not tell, or refused to tell, is null. */
export interface SystemInfo {
  /** Name given by its owner, for example `NVR hall 3`. */
  readonly name: string | null;
  /** Model, for example `IPC-HDW5442T`. */
  readonly model: string | null;
  /** Maker or brand. */
  readonly vendor: string | null;
  /** Kind of device: `IPC`, `NVR`, `VTO`, … */
  readonly deviceClass: string | null;
  /** Serial number; also its name in the P2P cloud. */
  readonly serial: string | null;
  /** Hardware version. */
  readonly hardware: string | null;
  /** Firmware. */
  readonly firmware: {
    /** Version, for example `2.840.0000000.28.R`. */
    readonly version: string | null;
    /** Build date, as the device writes it. */
    readonly build: string | null;
  } | null;
  /** Main memory in bytes. */
  readonly memory: { readonly total: number | null; readonly free: number | null } | null;
  /** Load of the processor in percent, 0 to 100. */
  readonly cpu: number | null;
  /** Seconds: since the last start, and over the device's whole life. */
  readonly uptime: { readonly last: number | null; readonly total: number | null } | null;
  /** The device's own wall clock, `YYYY-MM-DD HH:MM:SS`, in its time zone. */
  readonly time: string | null;
  /** True while settings wait for a restart to take effect. */
  readonly restartPending: boolean | null;
  /** Region it was made for, in the device's own word, for example `Abroad`. */
  readonly marketArea: string | null;
  /**
   * What could not be read and why. A missing answer never costs the others. What only some devices
   * tell (`restartPending`, `marketArea`) is never in it.
   */
  readonly problems: readonly { readonly field: string; readonly error: DhipError }[];
}

/** Asks a device what it is. */
export interface SystemService {
  /**
   * Reads everything at once.
   *
   * @throws {DhipError} only when the link or the session is gone or the device refuses every
   *   single field; what is refused otherwise is in `problems`
   */
  info(options?: CallOptions): Promise<SystemInfo>;
}
