/**
 * Orders to a camera: what is taken, and the reason of what is not.
 *
 * @module
 */

import type { DeviceErrorName } from "../answer.ts";
import { MAX_ZOOM, type Motor, ORIGIN, type View } from "./head.ts";
import { type Camera, MOST, numbered } from "./memory.ts";

/** What becomes of an order: done, or the reason why not. */
export type Verdict = "done" | DeviceErrorName;

/** Arguments of a code as they were sent. */
export type CodeArguments = Readonly<Record<"arg1" | "arg2" | "arg3" | "arg4", unknown>>;

/** Where the numbers of presets and tours are. */
export interface NumberPlaces {
  /** Of presets. */
  readonly presetArg: "arg1" | "arg2";
  /** Of tours. */
  readonly tourArg: "arg1" | "arg2";
}

/** Directions of the codes that turn: right and up are positive. */
const TURNS: Readonly<Record<string, readonly [x: -1 | 0 | 1, y: -1 | 0 | 1]>> = {
  Up: [0, 1],
  Down: [0, -1],
  Left: [-1, 0],
  Right: [1, 0],
  LeftUp: [-1, 1],
  LeftDown: [-1, -1],
  RightUp: [1, 1],
  RightDown: [1, -1],
};

/** Motor and direction of the codes of the lens. */
const LENS: Readonly<Record<string, readonly [motor: Motor, direction: 1 | -1]>> = {
  ZoomTele: ["zoom", 1],
  ZoomWide: ["zoom", -1],
  FocusNear: ["focus", -1],
  FocusFar: ["focus", 1],
  IrisLarge: ["iris", 1],
  IrisSmall: ["iris", -1],
};

/** Speed of a lens whose speed nobody said. */
const LENS_SPEED = 4;

/** Degrees that a picture shows at zoom 1, across and down. */
const FIELD = { x: 60, y: 34 } as const;

type Order = (camera: Camera, args: CodeArguments, now: number, places: NumberPlaces) => Verdict;

const SWITCHES = ["Light", "Wiper", "Aux"];

const STARTS: Readonly<Record<string, Order>> = {
  ...Object.fromEntries(Object.entries(TURNS).map(([code, [x, y]]) => [code, turn(x, y)])),
  ...Object.fromEntries(
    Object.entries(LENS).map(([code, [motor, way]]) => [code, lens(motor, way)]),
  ),
  ...Object.fromEntries(SWITCHES.map((code) => [code, () => "done"])),
  GotoPreset: (camera, args, now, { presetArg }) => gotoPreset(camera, args[presetArg], 8, now),
  SetPreset: (camera, args, now, { presetArg }) =>
    setPreset(camera, args[presetArg], undefined, now),
  ClearPreset: (camera, args, _now, { presetArg }) => removePreset(camera, args[presetArg]),
  StartTour: (camera, args, now, { tourArg }) => startTour(camera, args[tourArg], now),
  StopTour: (camera, args, now, { tourArg }) => endOf(camera, "Tour", args[tourArg], now),
  // The next two are general knowledge of the HTTP API (unverified): tour, preset, seconds.
  AddTour: (camera, { arg1, arg2, arg3 }) => addTourStop(camera, arg1, arg2, arg3),
  ClearTour: (camera, { arg1 }) => removeTour(camera, arg1),
  PositionABS: (camera, { arg1, arg2, arg3 }, now) => moveTo(camera, [arg1, arg2, arg3], 8, now),
  Position: (camera, { arg1, arg2, arg3 }, now) => moveOnScreen(camera, [arg1, arg2, arg3], 8, now),
  AutoScanOn: (camera, { arg1 }, now) => startScan(camera, arg1, 4, now),
  AutoScanOff: (camera, { arg1 }, now) => endOf(camera, "Scan", arg1, now),
  SetLeftLimit: (camera, { arg1 }, now) => setLimit(camera, "left", arg1, now),
  SetRightLimit: (camera, { arg1 }, now) => setLimit(camera, "right", arg1, now),
  AutoPanOn: (camera, { arg2 }, now) => autoPan(camera, arg2, now),
  AutoPanOff: halt,
  StartPattern: (camera, { arg1 }, now) => startPattern(camera, arg1, now),
  StopPattern: (camera, { arg1 }, now) => endOf(camera, "Pattern", arg1, now),
  SetPatternBegin: (camera, { arg1 }, now) => startRecording(camera, arg1, undefined, now),
  SetPatternEnd: (camera, { arg1 }, now) => stopRecording(camera, arg1, now),
  GotoHome: goHome,
  Reset: reset,
};

const STOPS: Readonly<Record<string, Order>> = {
  ...Object.fromEntries(Object.keys(STARTS).map((code) => [code, () => "done"])),
  ...Object.fromEntries(Object.keys(TURNS).map((code) => [code, stopTurn])),
  ...Object.fromEntries(Object.entries(LENS).map(([code, [motor]]) => [code, stopLens(motor)])),
  StartTour: STARTS.StopTour!,
  StopTour: STARTS.StopTour!,
  AutoScanOn: STARTS.AutoScanOff!,
  AutoScanOff: STARTS.AutoScanOff!,
  AutoPanOn: halt,
  AutoPanOff: halt,
  StartPattern: STARTS.StopPattern!,
  StopPattern: STARTS.StopPattern!,
};

/** Carries out ptz.start. */
export const start = table(STARTS);

/** Carries out ptz.stop. */
export const stop = table(STOPS);

function table(orders: Readonly<Record<string, Order>>) {
  return (
    camera: Camera,
    code: unknown,
    args: CodeArguments,
    now: number,
    places: NumberPlaces,
  ): Verdict => {
    const order = typeof code === "string" && Object.hasOwn(orders, code)
      ? orders[code]
      : undefined;
    if (order === undefined) return "params";
    return order(camera, args, now, places);
  };
}

/** Straight moves have their speed in arg2; diagonals the vertical one in arg1. */
function turn(x: -1 | 0 | 1, y: -1 | 0 | 1): Order {
  const diagonal = x !== 0 && y !== 0;
  return (camera, { arg1, arg2 }, now) => {
    const [up, across] = diagonal ? [arg1, arg2] : [arg2, arg2];
    // An axis without speed stands still: a diagonal with one speed is a straight move.
    if (!speed(across, diagonal ? 0 : 1) || !speed(up, diagonal ? 0 : 1)) return "params";
    if (up === 0 && across === 0) return "params";
    camera.head.drive({ pan: x * across, tilt: y * up }, now);
    return "done";
  };
}

function lens(motor: Motor, way: 1 | -1): Order {
  return (camera, { arg2 }, now) => {
    const wanted = arg2 ?? 0;
    if (!speed(wanted, 0)) return "params";
    camera.head.drive({ [motor]: way * (wanted === 0 ? LENS_SPEED : wanted) }, now);
    return "done";
  };
}

function stopTurn(camera: Camera, _args: CodeArguments, now: number): Verdict {
  camera.head.halt(now, ["pan", "tilt"]);
  return "done";
}

function stopLens(motor: Motor): Order {
  return (camera, _args, now) => {
    camera.head.motor(motor, now).halt(now);
    return "done";
  };
}

/** Halts whatever turns or zooms. */
export function halt(camera: Camera, _args: unknown, now: number): Verdict {
  camera.head.halt(now);
  return "done";
}

/** Goes to a preset. */
export function gotoPreset(camera: Camera, index: unknown, pace: number, now: number): Verdict {
  if (!numbered(index, MOST.preset)) return "params";
  const preset = camera.presets.get(index);
  if (preset === undefined) return "unknown";
  camera.head.goTo(preset.view, pace, now, index);
  return "done";
}

/** Keeps the present view as a preset. */
export function setPreset(camera: Camera, index: unknown, name: unknown, now: number): Verdict {
  if (!numbered(index, MOST.preset)) return "params";
  const text = name ?? camera.presets.get(index)?.name ?? `Preset ${index}`;
  if (typeof text !== "string" || text.length > 63) return "params";
  camera.setPreset(index, text, now);
  return "done";
}

/** Forgets a preset. */
export function removePreset(camera: Camera, index: unknown): Verdict {
  if (!numbered(index, MOST.preset)) return "params";
  return camera.presets.delete(index) ? "done" : "unknown";
}

/** Begins a tour. */
export function startTour(camera: Camera, index: unknown, now: number): Verdict {
  if (!numbered(index, MOST.tour)) return "params";
  return camera.startTour(index, now) ? "done" : "unknown";
}

/** Forgets a tour; one that runs goes on. */
export function removeTour(camera: Camera, index: unknown): Verdict {
  if (!numbered(index, MOST.tour)) return "params";
  return camera.tours.delete(index) ? "done" : "unknown";
}

function addTourStop(camera: Camera, index: unknown, preset: unknown, seconds: unknown): Verdict {
  if (!numbered(index, MOST.tour) || !numbered(preset, MOST.preset)) return "params";
  if (!numbered(seconds, 255)) return "params";
  const { name, stops } = camera.tours.get(index) ?? { name: `Tour ${index}`, stops: [] };
  camera.tours.set(index, { name, stops: [...stops, { preset, dwell: seconds * 1000 }] });
  return "done";
}

/** Ends a program of that kind. */
export function endOf(
  camera: Camera,
  kind: "Tour" | "Scan" | "Pattern",
  index: unknown,
  now: number,
): Verdict {
  if (!numbered(index, 255)) return "params";
  return camera.end(kind, index, now) ? "done" : "unknown";
}

/** Begins a scan. */
export function startScan(camera: Camera, index: unknown, pace: number, now: number): Verdict {
  if (!numbered(index, MOST.scan)) return "params";
  return camera.startScan(index, pace, now) ? "done" : "unknown";
}

/** Keeps the present pan as an end of a scan. */
export function setLimit(
  camera: Camera,
  side: "left" | "right",
  index: unknown,
  now: number,
): Verdict {
  if (!numbered(index, MOST.scan)) return "params";
  camera.setLimit(side, index, now);
  return "done";
}

/** Turns round and round. */
export function autoPan(camera: Camera, pace: unknown, now: number, duration?: number): Verdict {
  if (!speed(pace, 1)) return "params";
  camera.head.drive({ pan: pace, tilt: 0 }, now, duration);
  return "done";
}

/** Replays a pattern. */
export function startPattern(camera: Camera, index: unknown, now: number): Verdict {
  if (!numbered(index, MOST.pattern)) return "params";
  return camera.startPattern(index, now) ? "done" : "unknown";
}

/** Begins to record a pattern. */
export function startRecording(
  camera: Camera,
  index: unknown,
  name: unknown,
  now: number,
): Verdict {
  const text = name ?? `Pattern ${index}`;
  if (!numbered(index, MOST.pattern) || typeof text !== "string" || text.length > 63) {
    return "params";
  }
  camera.startRecording(index, text, now);
  return "done";
}

/** Ends the recording of a pattern. */
export function stopRecording(camera: Camera, index: unknown, now: number): Verdict {
  if (!numbered(index, MOST.pattern)) return "params";
  return camera.stopRecording(index, now) ? "done" : "unknown";
}

/** Goes home. */
export function goHome(camera: Camera, _args: unknown, now: number): Verdict {
  camera.head.goTo(camera.home, 8, now);
  return "done";
}

/** Goes to the origin; presets and home stay. */
export function reset(camera: Camera, _args: unknown, now: number): Verdict {
  camera.head.goTo(ORIGIN, 8, now);
  return "done";
}

/**
 * Goes to [pan, tilt, zoom] in degrees and zoom factor. Zoom 0, or none, leaves the zoom as it is
 * (this simulator's choice: python-dhip sends 0 for "none").
 */
export function moveTo(
  camera: Camera,
  [pan, tilt, zoom = 0]: readonly unknown[],
  pace: number,
  now: number,
): Verdict {
  if (typeof pan !== "number" || typeof tilt !== "number" || typeof zoom !== "number") {
    return "params";
  }
  const { head } = camera;
  const reached = head.motor("pan", now).reaches(pan) && head.motor("tilt", now).reaches(tilt) &&
    (zoom === 0 || head.motor("zoom", now).reaches(zoom));
  if (!reached) return "unknown";
  head.goTo({ pan, tilt, ...(zoom === 0 ? {} : { zoom }) }, pace, now);
  return "done";
}

/** Goes by [pan, tilt, zoom]; tilt and zoom end at their limits. */
export function moveBy(
  camera: Camera,
  [pan, tilt, zoom = 0]: readonly unknown[],
  pace: number,
  now: number,
): Verdict {
  if (typeof pan !== "number" || typeof tilt !== "number" || typeof zoom !== "number") {
    return "params";
  }
  if (Math.abs(pan) > 360 || Math.abs(tilt) > 90 || Math.abs(zoom) >= MAX_ZOOM) return "unknown";
  const { head } = camera;
  const view = head.view(now);
  const target: View = {
    pan: ((view.pan + pan) % 360 + 360) % 360,
    tilt: head.motor("tilt", now).nearest(view.tilt + tilt),
    zoom: head.motor("zoom", now).nearest(view.zoom + zoom),
  };
  head.goTo(target, pace, now);
  return "done";
}

/** Brings a point of the picture, -8191 to 8191 from its middle, into the middle. */
export function moveOnScreen(
  camera: Camera,
  [x, y, zoom = 0]: readonly unknown[],
  pace: number,
  now: number,
): Verdict {
  const inside = [x, y].every((each) => typeof each === "number" && Math.abs(each) <= 8191);
  if (!inside) return "params";
  const shown = camera.head.view(now).zoom;
  const pan = Number(x) / 8191 * FIELD.x / 2 / shown;
  const tilt = Number(y) / 8191 * FIELD.y / 2 / shown;
  return moveBy(camera, [pan, tilt, zoom], pace, now);
}

/** A whole speed from `least` to 8. */
export function speed(value: unknown, least: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= 8;
}
