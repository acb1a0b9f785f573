/**
 * What a camera tells about itself, over RPC and CGI.
 *
 * @module
 */

import type { DeviceState } from "../state.ts";
import { MAX_ZOOM } from "./head.ts";
import { type Camera, MOST } from "./memory.ts";

/** Position, motion and preset of a channel, in the words of the firmware at hand. */
export function statusOf(state: DeviceState, camera: Camera): Record<string, unknown> {
  const now = state.clock.now();
  const { head } = camera;
  const { pan, tilt, zoom } = head.view(now);
  const { ptzPosition, ptzFullScale } = state.options.quirks;
  const motion = {
    MoveStatus: head.turns(now) ? "Moving" : "Idle",
    ZoomStatus: head.zooms(now) ? "Zooming" : "Idle",
  };
  if (ptzPosition === "raw") {
    const raw = (part: number) =>
      Math.min(ptzFullScale - 1, Math.max(0, Math.round(part * ptzFullScale)));
    return {
      Location: [raw(pan / 360), raw(tilt / 90), raw((zoom - 1) / (MAX_ZOOM - 1))],
      ...motion,
    };
  }
  const tenth = (value: number) => Math.round(value * 10) / 10;
  return {
    Action: head.program(now)?.kind ?? (head.preset > 0 ? "Preset" : "None"),
    ...motion,
    PTS: Math.round(state.uptime),
    // The spelling is the firmware's. 359.96 rounded is a whole turn: 0.
    Postion: [tenth(pan) % 360, tenth(tilt), tenth(zoom)],
    PresetID: head.preset,
    Sequence: state.ptz.length,
    UTC: Math.floor(state.calendar.now() / 1000),
  };
}

/** Presets of a channel by number; null when there is none. */
export function presetsOf(state: DeviceState, camera: Camera): readonly object[] | null {
  const own = [...camera.presets].sort(([a], [b]) => a - b)
    .map(([Index, { name }]) => ({ Index, Name: name, Type: 1 }));
  const special = state.options.quirks.specialPresets
    ? [{ Index: 301, Name: "Reset", Type: 2 }, { Index: 302, Name: "Day/Night", Type: 2 }]
    : [];
  return own.length + special.length === 0 ? null : [...own, ...special];
}

/** Tours of a channel by number; null when there is none. */
export function toursOf(camera: Camera): readonly object[] | null {
  const tours = [...camera.tours].sort(([a], [b]) => a - b).map(([Index, { name, stops }]) => ({
    Index,
    Name: name,
    Presets: stops.map(({ preset, dwell }) => ({ Index: preset, Duration: dwell / 1000 })),
  }));
  return tours.length === 0 ? null : tours;
}

/** What a camera can do: ranges of numbers, speeds and motion. */
export function capabilities(): Record<string, unknown> {
  return {
    Absolutely: { Normal: true, Real: true },
    AutoPan: true,
    AutoScan: true,
    AutoScanMax: MOST.scan,
    AutoScanMin: 1,
    Aux: true,
    Auxs: ["Light", "Wiper", "Aux"],
    Continuously: { Normal: true },
    Directly: true,
    Flip: false,
    Focus: true,
    Iris: true,
    Menu: false,
    Name: "DH-SD1",
    Pan: true,
    PanSpeedMax: 8,
    PanSpeedMin: 1,
    Pattern: true,
    PatternMax: MOST.pattern,
    PatternMin: 1,
    Preset: true,
    PresetMax: MOST.preset,
    PresetMin: 1,
    PtzMotionRange: {
      HorizontalAngle: [0, 360],
      VerticalAngle: [0, 90],
      ZoomMax: MAX_ZOOM,
      ZoomMin: 1,
    },
    Relatively: { Normal: true },
    RemovePreset: true,
    RemoveTour: true,
    // The spelling is the firmware's.
    Tile: true,
    TileSpeedMax: 8,
    TileSpeedMin: 1,
    Tour: true,
    TourMax: MOST.tour,
    TourMin: 1,
    Type: 1,
    Wiper: true,
    Zoom: true,
  };
}
