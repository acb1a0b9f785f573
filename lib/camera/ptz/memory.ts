/**
 * What a camera remembers: presets, tours, patterns and scans.
 *
 * Numbers are the device's own, 1 to 999; a place can be named too where the device lists its
 * names. A name that is nothing but digits is taken for a number.
 *
 * @module
 */

import type { PtzOptions, PtzSpeedOptions } from "./options.ts";

/** Something that a camera remembers under a number. */
export interface Remembered {
  /** Its number, from 1. */
  readonly number: number;
  /** Its name; null when the device does not tell. */
  readonly name: string | null;
}

/**
 * A number, or a name on the device: the same spelling, or else the only one that differs in upper
 * and lower case alone. Names have 1 to 63 characters and no control characters.
 */
export type NumberOrName = number | string;

/** Presets: places to look at. */
export interface PresetService {
  /** All presets, by number. */
  list(options?: PtzOptions): Promise<Remembered[]>;
  /**
   * Keeps the present position. A new name without a number takes the first free number; a preset
   * that exists is replaced and keeps its name unless `options.name` gives another one.
   *
   * @returns the preset as the device lists it afterwards
   * @throws {RangeError} for a number or name that cannot be, before anything is sent
   * @throws {DhipError} `DHIP_NOT_HELD` when the device does not list it, or under another name
   */
  save(
    preset: NumberOrName,
    options?: PtzOptions & { readonly name?: string | undefined },
  ): Promise<Remembered>;
  /**
   * Goes to a preset; returns at once.
   *
   * @throws {RangeError} for a number or name that cannot be, before anything is sent
   * @throws {DhipError} `DHIP_BAD_PARAMS` for a name that no preset has
   */
  go(preset: NumberOrName, options?: PtzSpeedOptions): Promise<Remembered>;
  /** Removes a preset; errors as {@linkcode PresetService.go}. */
  remove(preset: NumberOrName, options?: PtzOptions): Promise<Remembered>;
}

/** Tours: rounds of presets. They go on by themselves until they are stopped. */
export interface TourService {
  /** All tours, by number. */
  list(options?: PtzOptions): Promise<Remembered[]>;
  /** Makes a tour, or gives it another name. */
  set(number: number, name: string, options?: PtzOptions): Promise<Remembered>;
  /** Removes a tour. */
  remove(tour: NumberOrName, options?: PtzOptions): Promise<Remembered>;
  /** Begins a tour. */
  start(tour: NumberOrName, options?: PtzOptions): Promise<Remembered>;
  /** Ends a tour. */
  stop(tour: NumberOrName, options?: PtzOptions): Promise<Remembered>;
}

/** Patterns: recorded motions. They go on by themselves until they are stopped. */
export interface PatternService {
  /** All patterns, by number. */
  list(options?: PtzOptions): Promise<Remembered[]>;
  /** Begins to record what the camera does from now on. */
  record(
    number: number,
    options?: PtzOptions & { readonly name?: string | undefined },
  ): Promise<void>;
  /** Ends the recording and keeps it. */
  save(number: number, options?: PtzOptions): Promise<void>;
  /** Begins to repeat a pattern. */
  start(number: number, options?: PtzOptions): Promise<void>;
  /** Ends a pattern. */
  stop(number: number, options?: PtzOptions): Promise<void>;
}

/** Scans: to and fro between two ends. They go on by themselves until they are stopped. */
export interface ScanService {
  /** Makes the present position an end of a scan. */
  setLimit(number: number, side: "left" | "right", options?: PtzOptions): Promise<void>;
  /** Begins a scan. */
  start(number: number, options?: PtzSpeedOptions): Promise<void>;
  /** Ends a scan. */
  stop(number: number, options?: PtzOptions): Promise<void>;
  /** Turns round and round, which needs no ends. */
  startAutoPan(options?: PtzSpeedOptions): Promise<void>;
  /** Ends that. */
  stopAutoPan(options?: PtzOptions): Promise<void>;
}
