/**
 * Siren and warning light: what a camera frightens with.
 *
 * @module
 */

import type { CallOptions } from "../net/stream.ts";
import type { PlannedChange } from "./planned_change.ts";

/** What a camera frightens with. */
export const DETERRENTS = ["siren", "light"] as const;
/** What a camera frightens with. */
export type Deterrent = typeof DETERRENTS[number];

/** Siren and warning light of a channel. */
export interface DeterrentState {
  /** True while it is on; null when the camera has none or does not tell. */
  readonly siren: boolean | null;
  /** True while it is on; null when the camera has none or does not tell. */
  readonly light: boolean | null;
  /** What the camera says it has; null when it does not tell. */
  readonly has: readonly Deterrent[] | null;
}

/** Switches siren and warning light. Channels count from 1. */
export interface DeterrentService {
  /**
   * What there is and whether it is on.
   *
   * @throws {DhipError} `DHIP_NOT_SUPPORTED` when the device has neither
   */
  state(channel: number, options?: CallOptions): Promise<DeterrentState>;
  /**
   * Works out how to switch one. Applying it looks whether it followed.
   *
   * @throws {DhipError} `DHIP_NOT_SUPPORTED` when the device does not have it
   */
  plan(
    channel: number,
    what: Deterrent,
    on: boolean,
    options?: CallOptions,
  ): Promise<PlannedChange>;
}
