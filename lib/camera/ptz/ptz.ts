/**
 * Cameras that turn, tilt and zoom.
 *
 * Channels are 1..N, speeds 1 to 8, angles degrees, times milliseconds. An order that the device
 * refuses is an error, whatever words it finds for it.
 *
 * @module
 */

import type { DhipError } from "../../errors.ts";
import type { PatternService, PresetService, ScanService, TourService } from "./memory.ts";
import type { PtzOptions, PtzSpeedOptions } from "./options.ts";

/** Where a camera can turn. */
export const DIRECTIONS = [
  "left",
  "right",
  "up",
  "down",
  "left-up",
  "left-down",
  "right-up",
  "right-down",
] as const;

/** A direction; the diagonal ones turn both axes at the same speed. */
export type Direction = typeof DIRECTIONS[number];

/** What a lens can do. */
export const LENS_MOTIONS = [
  "zoom-in",
  "zoom-out",
  "focus-near",
  "focus-far",
  "iris-open",
  "iris-close",
] as const;

/** A motion of the lens. */
export type LensMotion = typeof LENS_MOTIONS[number];

/** A speed of each axis, -8 to 8: right, up and in are positive. At least one is not 0. */
export interface Velocity {
  /** Turns to the right, or to the left below 0. Default 0. */
  readonly pan?: number | undefined;
  /** Turns up, or down below 0. Default 0. */
  readonly tilt?: number | undefined;
  /** Zooms in, or out below 0. Default 0. */
  readonly zoom?: number | undefined;
}

/** A motion that goes on until it is stopped. */
export type Motion = Direction | LensMotion | Velocity;

/**
 * A camera that moves. It is stopped when this is disposed, when the link is lost (over a new
 * connection), and when the camera's connection is closed.
 */
export interface Movement extends AsyncDisposable {
  /**
   * Resolves when the movement is over: to undefined after {@linkcode Movement.stop}, to the reason
   * when the link was lost and the camera was told to stop over another one. Never rejects.
   */
  readonly ended: Promise<DhipError | undefined>;
  /**
   * Stops it; again is harmless. Repeated until the camera acknowledges, for 10 s at most, over a
   * new connection when the present one is lost or silent.
   *
   * @throws {DhipError} when the camera did not acknowledge: it may still move
   */
  stop(): Promise<void>;
}

/** Where a camera looks. */
export interface PtzPosition {
  /** Degrees, 0 <= pan < 360, clockwise from the camera's own zero. */
  readonly pan: number;
  /** Degrees; what 0 is, and whether up is positive, differs between models. */
  readonly tilt: number;
  /** Zoom factor, 1 is the widest; null when the camera does not tell one. */
  readonly zoom: number | null;
}

/** Where a camera shall look, or by how much it shall turn. What is left out stays. */
export interface Aim {
  /** Degrees. */
  readonly pan?: number | undefined;
  /** Degrees. */
  readonly tilt?: number | undefined;
  /** Zoom factor. 0 is what python-dhip sends when there is none to set. */
  readonly zoom?: number | undefined;
}

/** A point of the picture that shall come into its middle. */
export interface PicturePoint {
  /** -1 is the left edge of the picture, 1 the right one. */
  readonly x: number;
  /** -1 and 1 are the upper and the lower edge; which is which differs between firmwares. */
  readonly y: number;
  /** How much closer, 0 to 128; 0 does not zoom. Default 0. */
  readonly zoom?: number | undefined;
}

/** What a camera tells about its head. */
export interface PtzStatus {
  /** Where it looks. */
  readonly position: PtzPosition | null;
  /** The position in the numbers that the device sent: degrees, or steps of its own. */
  readonly raw: readonly number[] | null;
  /** True while it turns. */
  readonly moving: boolean | null;
  /** True while it zooms. */
  readonly zooming: boolean | null;
  /** Preset that it looks at; 0 for none. */
  readonly preset: number | null;
  /** What it is doing, in the device's word, for example `Tour`. */
  readonly action: string | null;
}

/** A least and a greatest value. */
export interface PtzRange {
  /** The least. */
  readonly min: number | null;
  /** The greatest. */
  readonly max: number | null;
}

/** What a camera says it can do. What it does not say is null. */
export interface PtzCapabilities {
  /** Protocol in use, for example `DH-SD1`. */
  readonly protocol: string | null;
  /** Protocols it can be set to. */
  readonly protocols: readonly string[];
  /** Turns. */
  readonly pan: boolean | null;
  /** Tilts. */
  readonly tilt: boolean | null;
  /** Zooms. */
  readonly zoom: boolean | null;
  /** Has a focus that can be moved. */
  readonly focus: boolean | null;
  /** Has an iris that can be moved. */
  readonly iris: boolean | null;
  /** Has presets. */
  readonly presets: boolean | null;
  /** Has tours. */
  readonly tours: boolean | null;
  /** Has patterns. */
  readonly patterns: boolean | null;
  /** Has scans. */
  readonly scans: boolean | null;
  /** Turns round and round. */
  readonly autoPan: boolean | null;
  /** Names for {@linkcode PtzService.switchAux}. */
  readonly aux: readonly string[];
  /** Degrees. */
  readonly panRange: PtzRange;
  /** Degrees. */
  readonly tiltRange: PtzRange;
  /** Zoom factors. */
  readonly zoomRange: PtzRange;
  /** Speeds, in the device's own steps. */
  readonly panSpeeds: PtzRange;
  /** Speeds, in the device's own steps. */
  readonly tiltSpeeds: PtzRange;
  /** Numbers of presets. */
  readonly presetNumbers: PtzRange;
  /** Numbers of tours. */
  readonly tourNumbers: PtzRange;
  /** Numbers of patterns. */
  readonly patternNumbers: PtzRange;
  /** Numbers of scans. */
  readonly scanNumbers: PtzRange;
}

/** What {@linkcode PtzService.settle} waits for. */
export interface SettleOptions extends PtzOptions {
  /** Position that was ordered; what it leaves out is not compared. */
  readonly aim?: Aim | undefined;
  /** Preset that was ordered. */
  readonly preset?: number | undefined;
  /** Greatest difference in degrees, above 0. Default 1. */
  readonly tolerance?: number | undefined;
  /** Longest wait in milliseconds. Default 60 000. */
  readonly limit?: number | undefined;
}

/** How a camera came to rest. */
export interface Arrival {
  /** Where it looks. */
  readonly position: PtzPosition | null;
  /** Preset that it looks at; 0 for none, null when it does not tell. */
  readonly preset: number | null;
  /** True when it still moved at the end of the wait. */
  readonly moving: boolean;
  /** Whether it is where it was ordered to; null when it does not tell, or nothing was ordered. */
  readonly arrived: boolean | null;
}

/** Moves a camera. */
export interface PtzService {
  /** Places that the camera remembers. */
  readonly presets: PresetService;
  /** Rounds of presets. */
  readonly tours: TourService;
  /** Recorded motions. */
  readonly patterns: PatternService;
  /** Turning to and fro, and round and round. */
  readonly scans: ScanService;

  /**
   * Begins to move. Whoever holds the movement ends it: `await using`.
   *
   * @throws {RangeError} for a speed outside of its range
   * @throws {DhipError} the device's refusal. After any other failure, an abort too, the camera was
   *   told to stop, since nobody knows whether it moves
   */
  move(motion: Motion, options?: PtzSpeedOptions): Promise<Movement>;
  /**
   * Moves for some time and stops, however it ends: after `duration` milliseconds, by an error, by
   * `signal`, or by a lost link.
   *
   * @throws {RangeError} for a speed or a duration outside of its range
   * @throws {DhipError} as {@linkcode PtzService.move} and {@linkcode Movement.stop}
   */
  moveFor(motion: Motion, duration: number, options?: PtzSpeedOptions): Promise<void>;
  /** Stops whatever turns, zooms or focuses, whoever began it. */
  stop(options?: PtzOptions): Promise<void>;
  /**
   * Goes to a position: 0 <= pan < 360, -180 <= tilt <= 180, 0 <= zoom <= 128. Returns at once;
   * {@linkcode PtzService.settle} waits. What is left out stays, which takes a camera that tells
   * its position.
   *
   * @returns what was ordered, with what was filled in
   * @throws {RangeError} before anything is sent
   */
  goto(aim: Aim, options?: PtzSpeedOptions): Promise<Aim>;
  /**
   * Turns by some degrees: -360 < pan < 360, -180 <= tilt <= 180, -128 <= zoom <= 128.
   *
   * @throws {RangeError} before anything is sent
   */
  moveBy(step: Aim, options?: PtzSpeedOptions): Promise<void>;
  /**
   * Brings a point of the picture into its middle.
   *
   * @throws {RangeError} before anything is sent
   */
  locate(point: PicturePoint, options?: PtzSpeedOptions): Promise<void>;
  /** Goes to the home position. */
  goHome(options?: PtzOptions): Promise<void>;
  /** Makes the present position the home position. */
  setHome(options?: PtzOptions): Promise<void>;
  /** Brings the head back to its origin. */
  reset(options?: PtzOptions): Promise<void>;
  /** Restarts the head; it calibrates itself, which takes a while. */
  restart(options?: PtzOptions): Promise<void>;
  /**
   * Switches a light, a wiper or another helper.
   *
   * @param name `light`, `wiper`, or the device's own name of
   *   {@linkcode PtzCapabilities.aux}: a letter and up to 31 letters, digits, `_` and `-`
   * @throws {RangeError} for any other name
   */
  switchAux(name: string, on: boolean, options?: PtzOptions): Promise<void>;
  /** Where the camera looks and what it does. */
  status(options?: PtzOptions): Promise<PtzStatus>;
  /** Whether it moves; null when it does not tell. */
  isMoving(options?: PtzOptions): Promise<boolean | null>;
  /** What it says it can do. */
  capabilities(options?: PtzOptions): Promise<PtzCapabilities>;
  /**
   * Waits until the camera stands still, and tells where.
   *
   * @throws {DhipError} `DHIP_NOT_SUPPORTED` when it does not tell whether it moves
   */
  settle(options?: SettleOptions): Promise<Arrival>;
}
