/**
 * Pictures of a device, on request and when something happens.
 *
 * @module
 */

import { type Happening, hasCode } from "./events.ts";
import { FRAME_TIME, still } from "./picture/still.ts";
import type { DeviceState } from "./state.ts";

/** The event of a picture that somebody asked for. The name is (unverified). */
export const MANUAL_SNAP = "ManualSnap";

/** Which pictures somebody wants. */
export interface PictureFilter {
  /** Channels, 0-based; undefined: all. */
  readonly channels: ReadonlySet<number> | undefined;
  /** Codes of events; undefined: all. */
  readonly codes: ReadonlySet<string> | undefined;
  /** `Event`, `Manual`; undefined: all. */
  readonly flags: ReadonlySet<string> | undefined;
}

/** True when a picture of this event passes. */
export function passes(filter: PictureFilter, { code, index }: Happening): boolean {
  const { channels, codes, flags } = filter;
  if (channels !== undefined && !channels.has(index)) return false;
  const flag = code === MANUAL_SNAP ? "Manual" : "Event";
  if (flags !== undefined && !flags.has(flag)) return false;
  return flag === "Manual" || codes === undefined || hasCode(codes, code);
}

/** Width and height of a device's pictures, in pixels. */
export function pictureSize(state: DeviceState): { width: number; height: number } {
  const [width = 0, height = 0] = state.options.snapshotSize.split("x").map(Number);
  return { width, height };
}

/** What a channel (0-based) shows now, as JPEG; cut off when the fault wants that. */
export async function takePicture(state: DeviceState, index: number): Promise<Uint8Array> {
  const { calendar, faults } = state;
  const jpeg = await still({
    ...pictureSize(state),
    channel: index + 1,
    time: calendar.text(),
    frame: Math.floor(calendar.now() / FRAME_TIME) % 1_000_000,
  });
  const cut = faults.strike("truncated-picture");
  return cut === undefined ? jpeg : jpeg.subarray(0, jpeg.length >> 1);
}
