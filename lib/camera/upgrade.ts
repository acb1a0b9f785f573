/**
 * Firmware upgrades.
 *
 * @module
 */

import type { CallOptions } from "../net/stream.ts";

/** What the device does about its firmware. */
export interface UpgradeState {
  /** In the device's words, for example `Idle` or `Upgrading`. */
  readonly state: string | null;
  /** Progress in percent, 0 to 100. */
  readonly progress: number | null;
}

/** Options of an upload. */
export interface UploadOptions extends CallOptions {
  /** Bytes in one message. Default 32768. */
  readonly chunkSize?: number | undefined;
  /** Time that the installation may take, in milliseconds. Default 15 minutes. */
  readonly installTimeout?: number | undefined;
  /** Hears of the bytes that the device has taken. */
  readonly onProgress?: ((sent: number, total: number) => void) | undefined;
  /** Hears of the installation. */
  readonly onInstall?: ((state: UpgradeState) => void) | undefined;
}

/** What became of an upload. */
export interface UploadOutcome {
  /** Bytes that the device took. */
  readonly bytes: number;
  /** `installed`: the device says so; `restarting`: it went away, as it does when it is done. */
  readonly end: "installed" | "restarting";
}

/** Installs firmware. */
export interface UpgradeService {
  /** What the device does now. */
  state(options?: CallOptions): Promise<UpgradeState>;
  /**
   * Sends an image and has it installed. Nothing is installed before all of it has been sent; an
   * error says how far it came.
   *
   * @throws {RangeError} for an empty image or a chunk size out of range
   * @throws {DhipError} `DHIP_NOT_SUPPORTED` when the device takes no firmware this way, its refusal,
   *   or `DHIP_INTERRUPTED`; the hint says what the device does about it
   */
  upload(image: Uint8Array, options?: UploadOptions): Promise<UploadOutcome>;
}
