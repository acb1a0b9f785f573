/**
 * How a camera sees: day and night, its lights, and the privacy cover of its lens.
 *
 * @module
 */

import type { CallOptions } from "../net/stream.ts";
import type { PlannedChange } from "./planned_change.ts";

/** Colour by the light there is, always, or never. */
export const DAY_NIGHT_MODES = ["auto", "color", "black-white"] as const;
/** Colour by the light there is, always, or never. */
export type DayNightMode = typeof DAY_NIGHT_MODES[number];

/** The profiles that a camera keeps settings for. */
export type ImageProfile = "day" | "night" | "general";

/** Day and night of a channel. */
export interface DayNight {
  /** Mode of the profile in force; null when the device uses another one or does not tell. */
  readonly mode: DayNightMode | null;
  /** Modes of all profiles that the device keeps apart; none when there is only one setting. */
  readonly profiles: readonly {
    readonly profile: ImageProfile;
    readonly mode: DayNightMode | null;
  }[];
}

/** Kinds of lights. `mixed` is the one that the device picks itself. */
export const LIGHT_KINDS = ["infrared", "white", "mixed", "laser"] as const;
/** A kind of light. */
export type LightKind = typeof LIGHT_KINDS[number];

/** On with a fixed brightness, off, or by the device's own judgement. */
export const LIGHT_MODES = ["on", "off", "auto"] as const;
/** On with a fixed brightness, off, or by the device's own judgement. */
export type LightMode = typeof LIGHT_MODES[number];

/** A light in one profile. */
export interface Light {
  /** Kind; null for one that dhip does not know. */
  readonly kind: LightKind | null;
  /** Profile. */
  readonly profile: ImageProfile;
  /** Mode; null for one that dhip does not know. */
  readonly mode: LightMode | null;
  /** Mode in the device's words, for example `ZoomPrio`. */
  readonly deviceMode: string | null;
  /** Brightness in percent, 0 to 100; used when the mode is `on`. */
  readonly brightness: number | null;
}

/** What a light shall do. At least one of the two. */
export interface LightChange {
  /** Mode. */
  readonly mode?: LightMode | undefined;
  /** Brightness in percent, 0 to 100. */
  readonly brightness?: number | undefined;
}

/**
 * Reads and changes how a camera sees. A change is for all profiles, so that it counts in whichever
 * is in force. Channels count from 1.
 *
 * Every method throws a `DhipError` with `DHIP_NOT_SUPPORTED` when the device does not have it, and
 * a `RangeError` for a channel that it does not have.
 */
export interface ImageService {
  /** Day and night. */
  dayNight(channel: number, options?: CallOptions): Promise<DayNight>;
  /** Works out a change of day and night. */
  planDayNight(
    channel: number,
    mode: DayNightMode,
    options?: CallOptions,
  ): Promise<PlannedChange>;
  /** Lights. */
  lights(channel: number, options?: CallOptions): Promise<readonly Light[]>;
  /** Works out a change of a light. */
  planLight(
    channel: number,
    kind: LightKind,
    change: LightChange,
    options?: CallOptions,
  ): Promise<PlannedChange>;
  /** Whether the lens is covered for privacy. */
  privacy(channel: number, options?: CallOptions): Promise<boolean>;
  /** Works out how to cover or uncover the lens. */
  planPrivacy(channel: number, on: boolean, options?: CallOptions): Promise<PlannedChange>;
}
