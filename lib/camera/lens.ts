/**
 * The motors of a lens: focus and zoom of cameras without a head to turn.
 *
 * @module
 */

import type { CallOptions } from "../net/stream.ts";

/** Where a lens stands. What the device does not tell is null. */
export interface LensState {
  /** Focus as a part of its way, 0 to 1. */
  readonly focus: number | null;
  /** Zoom as a part of its way, 0 (wide) to 1 (tele). */
  readonly zoom: number | null;
  /** True while a motor runs or the camera looks for its focus. */
  readonly busy: boolean | null;
  /** What it does in the device's words: `Normal` at rest, `Autofocus`, … */
  readonly status: string | null;
}

/** Where a lens should go: parts of the ways, 0 to 1. What is left out stays where it is. */
export interface LensAim {
  /** Focus. */
  readonly focus?: number | undefined;
  /** Zoom; 0 is wide, 1 is tele. */
  readonly zoom?: number | undefined;
}

/** How long to wait for a lens. */
export interface LensSettleOptions extends Pick<CallOptions, "signal"> {
  /** Longest wait in milliseconds. Default 60 000. */
  readonly limit?: number | undefined;
}

/**
 * Moves motorised lenses, such as those of varifocal cameras. Channels count from 1. Source of the
 * ways from 0 to 1: seen by others on an IPC-HFW1431T-ZS.
 */
export interface LensService {
  /**
   * Where it stands.
   *
   * @throws {DhipError} `DHIP_NOT_SUPPORTED` when the device does not know its lens
   */
  state(channel: number, options?: CallOptions): Promise<LensState>;
  /**
   * Makes the camera look for its focus once, and does not wait for it: {@linkcode settle} does.
   *
   * @throws {DhipError} `DHIP_NOT_SUPPORTED`, `DHIP_NO_PERMISSION`, the device's refusal
   */
  autofocus(channel: number, options?: CallOptions): Promise<void>;
  /**
   * Sends the lens somewhere, and does not wait for it.
   *
   * @returns where it was sent, with what stays
   * @throws {RangeError} when a part is not from 0 to 1, or nothing is asked for
   * @throws {DhipError} `DHIP_NOT_SUPPORTED` also when only one of the two is asked for and the
   *   device does not tell where the other stands; `DHIP_NO_PERMISSION`, the device's refusal
   */
  goTo(
    channel: number,
    aim: LensAim,
    options?: CallOptions,
  ): Promise<{ readonly focus: number; readonly zoom: number }>;
  /**
   * Waits until the lens rests.
   *
   * @returns where it stands; still `busy` when the limit came first
   * @throws {DhipError} `DHIP_NOT_SUPPORTED` when the device does not tell what its lens does
   */
  settle(channel: number, options?: LensSettleOptions): Promise<LensState>;
}
