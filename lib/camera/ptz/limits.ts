/**
 * What can be asked of a camera at all. Checked before anything is sent.
 *
 * @module
 */

import { DIRECTIONS, LENS_MOTIONS } from "./ptz.ts";
import type { Aim, Motion, PicturePoint } from "./ptz.ts";

/** Speed where none is given, that of python-dhip. */
const DEFAULT_SPEED = 4;

/** Longest name of a preset, in characters. */
const LONGEST_NAME = 63;

/** Highest number of a preset, tour, pattern or scan; devices have 300 presets at most. */
const HIGHEST_NUMBER = 999;

/**
 * A speed.
 *
 * @throws {RangeError} when it is not a whole number within 1..8
 */
export function checkedSpeed(speed: number = DEFAULT_SPEED): number {
  if (Number.isInteger(speed) && speed >= 1 && speed <= 8) return speed;
  throw new RangeError(`No speed ${speed}; speeds are whole numbers within 1..8`);
}

/**
 * A motion.
 *
 * @throws {RangeError} when it is none, or one of its speeds is not within -8..8, or all are 0
 */
export function checkMotion(motion: Motion): void {
  if (typeof motion === "string") {
    if (DIRECTIONS.some((name) => name === motion)) return;
    if (LENS_MOTIONS.some((name) => name === motion)) return;
    throw new RangeError(`No motion ${motion}`);
  }
  const { pan = 0, tilt = 0, zoom = 0 } = motion;
  for (const [axis, speed] of Object.entries({ pan, tilt, zoom })) {
    if (!Number.isInteger(speed) || Math.abs(speed) > 8) {
      throw new RangeError(`No speed ${speed} for ${axis}; speeds are whole numbers within -8..8`);
    }
  }
  if (pan === 0 && tilt === 0 && zoom === 0) throw new RangeError("A motion needs a speed");
}

/**
 * A position. Pan is 0 <= pan < 360: the SD-2N-4G refuses 360 (observed by python-dhip). How far a
 * camera tilts differs (0..90 there, -15..100 elsewhere); the limit here is the vendor's widest,
 * -180..180, and the device refuses what it cannot reach.
 *
 * @throws {RangeError} when it is none
 */
export function checkAim({ pan, tilt, zoom }: Aim): void {
  if (pan === undefined && tilt === undefined && zoom === undefined) {
    throw new RangeError("A position needs pan, tilt or zoom");
  }
  if (pan !== undefined && !(pan >= 0 && pan < 360)) {
    throw new RangeError(`No pan ${pan}; it is 0 or more and below 360 degrees`);
  }
  within("tilt", tilt, 180, "degrees");
  if (zoom !== undefined && !(zoom >= 0 && zoom <= 128)) {
    throw new RangeError(`No zoom ${zoom}; it is within 0..128`);
  }
}

/**
 * A step from the present position.
 *
 * @throws {RangeError} when it is none
 */
export function checkStep({ pan, tilt, zoom }: Aim): void {
  if ([pan, tilt, zoom].every((distance = 0) => distance === 0)) {
    throw new RangeError("A step needs a distance");
  }
  if (pan !== undefined && !(Math.abs(pan) < 360)) {
    throw new RangeError(`No step of ${pan} in pan; it is less than 360 degrees`);
  }
  within("tilt", tilt, 180, "degrees");
  within("zoom", zoom, 128, "times");
}

/**
 * A point of the picture.
 *
 * @throws {RangeError} when it is none
 */
export function checkPoint({ x, y, zoom = 0 }: PicturePoint): void {
  for (const [axis, value] of Object.entries({ x, y })) {
    if (!(Math.abs(value) <= 1)) throw new RangeError(`No ${axis} of ${value}; it is within -1..1`);
  }
  if (!(zoom >= 0 && zoom <= 128)) throw new RangeError(`No zoom ${zoom}; it is within 0..128`);
}

/**
 * The number of a preset, tour, pattern or scan.
 *
 * @throws {RangeError} when it is none
 */
export function checkedNumber(what: string, number: number): number {
  if (Number.isInteger(number) && number >= 1 && number <= HIGHEST_NUMBER) return number;
  throw new RangeError(
    `No ${what} ${number}; numbers of a ${what} are within 1..${HIGHEST_NUMBER}`,
  );
}

/**
 * The name of a preset, tour or pattern.
 *
 * @throws {RangeError} when it is none
 */
export function checkedName(what: string, name: string): string {
  const long = [...name].length;
  if (name.trim() !== "" && long <= LONGEST_NAME && !/\p{Cc}/u.test(name)) return name;
  throw new RangeError(
    `A name of a ${what} has 1 to ${LONGEST_NAME} characters and no control characters`,
  );
}

/** A number, or the name that stands for one. */
export type Place = { readonly number: number } | { readonly name: string };

/**
 * What a number or a name means; digits alone are a number.
 *
 * @param name name for it, where one is given beside
 * @throws {RangeError} when it can be neither
 */
export function checkedPlace(what: string, wanted: number | string, name?: string): Place {
  if (name !== undefined) checkedName(what, name);
  const isNumber = typeof wanted === "number" || /^\d+$/.test(wanted);
  return isNumber
    ? { number: checkedNumber(what, Number(wanted)) }
    : { name: checkedName(what, wanted) };
}

/**
 * The device's name of a helper.
 *
 * @throws {RangeError} when it can be none
 */
export function checkedAux(name: string): string {
  if (/^[a-z][\w-]{0,31}$/i.test(name)) {
    // The spelling of the device (observed by DahuaBridge) for those that everybody writes small.
    return ["Light", "Wiper", "Aux"].find((own) => own.toLowerCase() === name) ?? name;
  }
  throw new RangeError("A helper's name has letters, digits, _ and - and begins with a letter");
}

/**
 * How long something lasts.
 *
 * @throws {RangeError} when no timer can wait for it
 */
export function checkDuration(milliseconds: number): void {
  if (milliseconds > 0 && milliseconds < 2 ** 31) return;
  throw new RangeError(`No duration of ${milliseconds} ms; it is above 0 and below 2^31`);
}

function within(axis: string, value: number | undefined, most: number, unit: string): void {
  if (value === undefined || Math.abs(value) <= most) return;
  throw new RangeError(`No ${axis} ${value}; it is within -${most}..${most} ${unit}`);
}
