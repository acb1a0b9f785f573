/**
 * Options of PTZ calls.
 *
 * @module
 */

import type { CallOptions } from "../../net/stream.ts";

/** Options of every PTZ call. */
export interface PtzOptions extends CallOptions {
  /** Channel, 1 is the first. Default 1. */
  readonly channel?: number | undefined;
}

/** Options of orders that have a speed. */
export interface PtzSpeedOptions extends PtzOptions {
  /** 1 to 8. Default 4, as python-dhip's. Cameras without speeds ignore it. */
  readonly speed?: number | undefined;
}
