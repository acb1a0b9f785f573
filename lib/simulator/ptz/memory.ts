/**
 * What a camera remembers: presets, tours, patterns, limits of scans, its home.
 *
 * @module
 */

import { type Head, ORIGIN, type Step, type View } from "./head.ts";

/** Highest numbers; all count from 1. */
export const MOST = { preset: 300, tour: 8, pattern: 5, scan: 5 } as const;

/** Milliseconds that a tour stays at a preset when nobody said how long. */
const DWELL = 5000;

/** Milliseconds that a scan waits at its ends. */
const TURN = 500;

/** A place with a name. */
export interface Preset {
  /** Name. */
  readonly name: string;
  /** What it shows. */
  readonly view: View;
}

/** A stop of a tour. */
export interface TourStop {
  /** Number of the preset. */
  readonly preset: number;
  /** Milliseconds there. */
  readonly dwell: number;
}

/** A round of presets. */
export interface Tour {
  /** Name. */
  readonly name: string;
  /** Its stops; a tour without any visits all presets. */
  readonly stops: TourStop[];
}

interface Recording {
  readonly index: number;
  readonly name: string;
  readonly steps: Step[];
  places: View;
  time: number;
}

/** A recorded motion. */
export interface Pattern {
  /** Name. */
  readonly name: string;
  /** To where it begins, and on. */
  readonly steps: readonly Step[];
}

/** True for a number that exists. */
export function numbered(value: unknown, most: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= most;
}

/** One channel: its motors and its memory. */
export class Camera {
  /** The motors. */
  readonly head: Head;
  /** Presets by number. */
  readonly presets = new Map<number, Preset>();
  /** Tours by number. */
  readonly tours = new Map<number, Tour>();
  /** Patterns by number. */
  readonly patterns = new Map<number, Pattern>();
  /** Where it goes when it is sent home. */
  home: View = ORIGIN;
  readonly #left = new Map<number, number>();
  readonly #right = new Map<number, number>();
  #recording: Recording | undefined;

  /** Takes over the motors. */
  constructor(head: Head) {
    this.head = head;
  }

  /** Keeps the present view under a number. */
  setPreset(index: number, name: string, now: number): void {
    this.presets.set(index, { name, view: this.head.view(now) });
  }

  /** Begins a tour; false when there is none of that number or it has nowhere to go. */
  startTour(index: number, now: number): boolean {
    const tour = this.tours.get(index);
    if (tour === undefined) return false;
    const all = [...this.presets.keys()].sort((a, b) => a - b);
    const stops = tour.stops.length > 0
      ? tour.stops
      : all.map((preset) => ({ preset, dwell: DWELL }));
    const known = stops.filter(({ preset }) => this.presets.has(preset));
    if (known.length === 0) return false;
    const steps = known.map(({ preset, dwell }) =>
      this.head.visit(() => this.presets.get(preset)?.view, 8, dwell)
    );
    this.head.run({ kind: "Tour", number: index, steps, repeats: true }, now);
    return true;
  }

  /** Ends the program of that kind and number; false when it does not run. */
  end(kind: "Tour" | "Scan" | "Pattern", index: number, now: number): boolean {
    const program = this.head.program(now);
    if (program?.kind !== kind || program.number !== index) return false;
    this.head.halt(now);
    return true;
  }

  /** Keeps the present pan as an end of a scan. */
  setLimit(side: "left" | "right", index: number, now: number): void {
    (side === "left" ? this.#left : this.#right).set(index, this.head.view(now).pan);
  }

  /** Begins a scan between its ends; false when they were never set. */
  startScan(index: number, speed: number, now: number): boolean {
    const [left, right] = [this.#left.get(index), this.#right.get(index)];
    if (left === undefined || right === undefined) return false;
    const steps = [right, left].map((pan) => this.head.visit(() => ({ pan }), speed, TURN));
    this.head.run({ kind: "Scan", number: index, steps, repeats: true }, now);
    return true;
  }

  /** Begins to record a pattern; one that was being recorded is dropped. */
  startRecording(index: number, name: string, now: number): void {
    const { head } = this;
    const start = head.view(now);
    const steps = [head.visit(() => start, 8, 0)];
    this.#recording = { index, name, steps, places: head.travelled(now), time: now };
  }

  /** Notes how far the motors came: to be called whenever an order arrives. */
  note(now: number): void {
    const recording = this.#recording;
    if (recording === undefined || now <= recording.time) return;
    const { places: before, time } = recording;
    const places = this.head.travelled(now);
    const distances = {
      pan: places.pan - before.pan,
      tilt: places.tilt - before.tilt,
      zoom: places.zoom - before.zoom,
    };
    recording.steps.push(this.head.go(distances, now - time));
    recording.places = places;
    recording.time = now;
  }

  /** Ends a recording; false when that pattern is not being recorded. */
  stopRecording(index: number, now: number): boolean {
    const recording = this.#recording;
    if (recording?.index !== index) return false;
    this.note(now);
    this.#recording = undefined;
    this.patterns.set(index, { name: recording.name, steps: recording.steps });
    return true;
  }

  /** Replays a pattern over and over; false when there is none. */
  startPattern(index: number, now: number): boolean {
    const steps = this.patterns.get(index)?.steps;
    if (steps === undefined) return false;
    this.head.run({ kind: "Pattern", number: index, steps, repeats: true }, now);
    return true;
  }

  /** Turns the motors to their origin and back, as after power came. */
  restart(now: number): void {
    const before = this.head.view(now);
    const steps = [ORIGIN, before].map((view) => this.head.visit(() => view, 8, 0));
    this.head.run({ kind: "Restart", number: 1, steps, repeats: false }, now);
  }
}
