/**
 * What devices tell about their heads, in their words. Pure: answers in, values out.
 *
 * @module
 */

import type { JsonObject } from "../../dhip/frame.ts";
import { flag, list, number, object, text, texts } from "../_fields.ts";
import type { Remembered } from "./memory.ts";
import type { PtzCapabilities, PtzPosition, PtzRange, PtzStatus } from "./ptz.ts";

/** How a device counts that tells its position in steps (`Location`) instead of degrees. */
export interface PtzScale {
  /**
   * Steps of a full turn, and of the whole tilt. Above 0. Default 8192 (python-dhip, whose own notes
   * call the scale unproved: compare with the camera's own display and set it).
   */
  readonly locationFullscale?: number | undefined;
  /** Degrees of the whole tilt. Above 0. Default 90 (python-dhip). */
  readonly tiltSpan?: number | undefined;
}

/**
 * Steps as degrees, rounded to tenths. Pan is a share of 360 degrees, tilt one of `tiltSpan`.
 *
 * @returns undefined when there are fewer than two numbers
 */
export function degreesOf(
  steps: readonly number[],
  scale: PtzScale,
): { readonly pan: number; readonly tilt: number } | undefined {
  const { locationFullscale = 8192, tiltSpan = 90 } = scale;
  const [pan, tilt] = steps;
  if (pan === undefined || tilt === undefined) return undefined;
  return {
    pan: tenth(pan / locationFullscale * 360),
    tilt: tenth(tilt / locationFullscale * tiltSpan),
  };
}

/**
 * The scale, checked.
 *
 * @throws {RangeError} when a part of it is not above 0
 */
export function checkedScale({ locationFullscale, tiltSpan }: PtzScale): PtzScale {
  for (const [name, value] of Object.entries({ locationFullscale, tiltSpan })) {
    if (value === undefined || (value > 0 && Number.isFinite(value))) continue;
    throw new RangeError(`${name} must be above 0, not ${value}`);
  }
  return { locationFullscale, tiltSpan };
}

/**
 * The status in the answer of `ptz.getStatus`: `Location` in steps (SD-2N-4G, python-dhip) or
 * `Postion` (sic) in degrees and a zoom factor (rroller/dahua).
 */
export function readStatus(status: JsonObject, scale: PtzScale): PtzStatus {
  const told = numbers(status.Postion) ?? numbers(status.Position);
  const steps = numbers(status.Location);
  return {
    position: told === undefined ? inSteps(steps, scale) : inDegrees(told),
    raw: told ?? steps ?? null,
    moving: isBusy(status.MoveStatus),
    zooming: isBusy(status.ZoomStatus),
    preset: number(status.PresetID),
    action: text(status.Action),
  };
}

function inDegrees([pan, tilt, zoom = null]: readonly (number | null)[]): PtzPosition | null {
  return pan == null || tilt == null ? null : { pan, tilt, zoom };
}

/** The third number is the zoom in steps of an unknown kind, which is no factor. */
function inSteps(steps: readonly number[] | undefined, scale: PtzScale): PtzPosition | null {
  const degrees = steps === undefined ? undefined : degreesOf(steps, scale);
  return degrees === undefined ? null : { ...degrees, zoom: null };
}

/** `Idle` is at rest; devices have many words for the rest. */
function isBusy(value: unknown): boolean | null {
  const word = text(value)?.toLowerCase();
  return word === undefined || word === "unknown" ? null : word !== "idle";
}

function numbers(value: unknown): number[] | undefined {
  const found = list(value).filter((item) => typeof item === "number");
  return found.length === 0 ? undefined : found;
}

/** Whether it moves: in `params.moving` (web interface) or in `result` (python-dhip). */
export function readMoving(answer: unknown): boolean | null {
  return flag(object(answer).moving) ?? flag(answer);
}

/** The zoom factor of `ptz.getZoomValue`, whose reply no source shows. */
export function readZoom(answer: unknown): number | null {
  const { value, zoom, Zoom } = object(answer);
  return number(value) ?? number(zoom) ?? number(Zoom) ?? number(answer);
}

/** Presets, tours or patterns, by number. Type 2 are the device's own functions (dahua-rpc). */
export function readRemembered(items: unknown): Remembered[] {
  return list(items).map(object).filter(({ Type }) => Type !== 2)
    .flatMap(({ Index, Name }) => {
      const index = number(Index);
      return index === null ? [] : { number: index, name: text(Name) };
    })
    .sort((a, b) => a.number - b.number);
}

/**
 * `caps` of `ptz.getCurrentProtocolCaps`, as NVRs were seen to send it (DahuaBridge), and the answer
 * of `ptz.getProtocol` for those that do not name themselves there.
 */
export function readCapabilities(
  caps: JsonObject,
  protocol: unknown,
  protocols: readonly string[],
): PtzCapabilities {
  const motion = object(caps.PtzMotionRange);
  return {
    protocol: text(caps.Name) ?? text(object(object(protocol).info).Name),
    protocols,
    pan: flag(caps.Pan),
    tilt: flag(caps.Tile) ?? flag(caps.Tilt), // the first spelling is the firmware's
    zoom: flag(caps.Zoom),
    focus: flag(caps.Focus),
    iris: flag(caps.Iris),
    presets: flag(caps.Preset),
    tours: flag(caps.Tour),
    patterns: flag(caps.Pattern),
    scans: flag(caps.AutoScan),
    autoPan: flag(caps.AutoPan),
    aux: texts(caps.Auxs),
    panRange: pair(motion.HorizontalAngle),
    tiltRange: pair(motion.VerticalAngle),
    zoomRange: bounds(caps.ZoomMin === undefined ? motion : caps, "Zoom"),
    panSpeeds: bounds(caps, "PanSpeed"),
    tiltSpeeds: bounds(caps, "TileSpeed"),
    presetNumbers: bounds(caps, "Preset"),
    tourNumbers: bounds(caps, "Tour"),
    patternNumbers: bounds(caps, "Pattern"),
    scanNumbers: bounds(caps, "AutoScan"),
  };
}

/** The names of `ptz.getProtocolList`: in `result` as the web interface reads them, or in `params`. */
export function readProtocols(answer: unknown): string[] {
  return texts(Array.isArray(answer) ? answer : object(answer).protocol);
}

function pair(value: unknown): PtzRange {
  const [min, max] = list(value);
  return { min: number(min), max: number(max) };
}

function bounds(caps: JsonObject, name: string): PtzRange {
  return { min: number(caps[`${name}Min`]), max: number(caps[`${name}Max`]) };
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
