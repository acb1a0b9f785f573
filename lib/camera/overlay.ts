/**
 * What a device draws over its pictures: titles, time, texts and privacy covers.
 *
 * @module
 */

import type { CallOptions } from "../net/stream.ts";
import type { PlannedChange } from "./planned_change.ts";

/** Most of a coordinate: pictures of any size are a grid of 8192 by 8192. */
export const OVERLAY_MAX = 8191;

/**
 * A place in a picture, on a grid of 8192 by 8192 whatever its size in pixels: 0 is left or top,
 * 8191 right or bottom.
 */
export interface OverlayRect {
  /** Left edge, 0 to 8191. */
  readonly left: number;
  /** Upper edge, 0 to 8191. */
  readonly top: number;
  /** Right edge, 0 to 8191. */
  readonly right: number;
  /** Lower edge, 0 to 8191. */
  readonly bottom: number;
}

/** Something drawn. What the device does not tell is null. */
export interface OverlayItem {
  /** True: it is part of streams, recordings and snapshots. */
  readonly visible: boolean | null;
  /** Where. */
  readonly rect: OverlayRect | null;
}

/** A text. */
export interface OverlayText extends OverlayItem {
  /** Number, 1 is the first. */
  readonly number: number;
  /** The text; a `|` in it is a line break. */
  readonly text: string | null;
}

/** A privacy cover. */
export interface OverlayCover extends OverlayItem {
  /** Number, 1 is the first. */
  readonly number: number;
}

/** Everything that is drawn over a channel. What the device does not have is null or empty. */
export interface Overlay {
  /** Channel, 1 is the first. */
  readonly channel: number;
  /** Title of the channel. */
  readonly title: OverlayItem & { readonly text: string | null };
  /** Date and time. */
  readonly time: (OverlayItem & { readonly weekday: boolean | null }) | null;
  /** Texts of one's own. */
  readonly texts: readonly OverlayText[];
  /** Privacy covers. */
  readonly covers: readonly OverlayCover[];
}

/** A change of something drawn; what is absent stays. */
export interface ItemChange {
  /** Draws it, or not. */
  readonly visible?: boolean | undefined;
  /** New place and size. */
  readonly rect?: OverlayRect | undefined;
  /** New place of its upper left corner; its size stays. */
  readonly position?: { readonly left: number; readonly top: number } | undefined;
}

/** A change of what is drawn over a channel; what is absent stays. */
export interface OverlayChange {
  /** Title. */
  readonly title?: (ItemChange & { readonly text?: string | undefined }) | undefined;
  /** Date and time; `weekday` draws the day of the week too. */
  readonly time?: (ItemChange & { readonly weekday?: boolean | undefined }) | undefined;
  /** Texts by number, 1 is the first. */
  readonly texts?: readonly (ItemChange & { readonly number: number; readonly text?: string })[];
  /** Covers by number, 1 is the first. */
  readonly covers?: readonly (ItemChange & { readonly number: number })[];
}

/** Reads and changes what is drawn over pictures. */
export interface OverlayService {
  /**
   * Titles of all channels, the first one first. Null where there is none.
   *
   * @throws {DhipError} the device's refusal; `DHIP_NOT_SUPPORTED` when it has no titles
   */
  titles(options?: CallOptions): Promise<(string | null)[]>;
  /**
   * What is drawn over a channel.
   *
   * @param channel 1 is the first
   * @throws {RangeError} for a channel that the device does not have
   * @throws {DhipError} the device's refusal; `DHIP_NOT_SUPPORTED` when it draws nothing
   */
  read(channel: number, options?: CallOptions): Promise<Overlay>;
  /**
   * Works out a change against what the device has now. Nothing is written for a channel, text or
   * cover that it lacks.
   *
   * @param channel 1 is the first
   * @throws {RangeError} for places off the grid, and for a channel, text or cover that the device
   *   does not have
   * @throws {DhipError} as {@linkcode OverlayService.read}
   */
  plan(channel: number, change: OverlayChange, options?: CallOptions): Promise<PlannedChange>;
}
