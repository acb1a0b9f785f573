/**
 * The lens of a channel as `devVideoInput` sees it: focus and zoom as parts of their way.
 *
 * @module
 */

import { MAX_ZOOM } from "./ptz/head.ts";
import type { DeviceState } from "./state.ts";

/** What the inputs of a device can do. */
export function lensCaps(): Record<string, unknown> {
  return {
    AutoSyncPhase: false,
    BacklightCompensation: true,
    DayNightColor: true,
    ElectricFocus: true,
    ElectricIris: true,
    Flip: true,
    InfraRed: true,
    Mirror: true,
    NightOptions: true,
    Rotate90: true,
    SetColor: true,
    SyncFocus: true,
    WhiteBalance: 2,
    WideDynamicRange: 2,
  };
}

/** Where focus and zoom of a channel, 0-based, are now: 0 to 1. */
export function lensStatus(state: DeviceState, channel: number): Record<string, unknown> {
  const now = state.clock.now();
  const { head } = state.cameras[channel]!;
  const [focus, zoom] = [head.motor("focus", now), head.motor("zoom", now)];
  const part = (value: number) => Math.round(value * 1e6) / 1e6;
  return {
    Focus: part(focus.position(now)),
    FocusMotorSteps: 1000,
    ResetResult: "Success",
    Status: focus.moves(now) || zoom.moves(now) ? "Autofocus" : "Normal",
    Zoom: part((zoom.position(now) - 1) / (MAX_ZOOM - 1)),
    ZoomMotorSteps: 1000,
  };
}

/** Drives focus and zoom to parts of their way, 0 to 1; -1 leaves one as it is. False: impossible. */
export function adjustLens(
  state: DeviceState,
  channel: number,
  focus: unknown,
  zoom: unknown,
): boolean {
  const wanted = [focus, zoom].map(Number);
  if (wanted.some((part) => !(part >= 0 && part <= 1) && part !== -1)) return false;
  const now = state.clock.now();
  const { head } = state.cameras[channel]!;
  const [near, wide] = wanted as [number, number];
  if (near >= 0) head.motor("focus", now).goTo(near, 0.5, now);
  if (wide >= 0) head.motor("zoom", now).goTo(1 + wide * (MAX_ZOOM - 1), 8, now);
  return true;
}
