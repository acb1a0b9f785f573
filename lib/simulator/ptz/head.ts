/**
 * A camera that pans, tilts and zooms: its motors, and programs that move them by themselves.
 *
 * @module
 */

import { Axis } from "./axis.ts";

/** Highest zoom. */
export const MAX_ZOOM = 25;

/** Units a second at speed 1: degrees, zoom factor, parts of the way of focus and iris. */
const RATES = { pan: 12, tilt: 8, zoom: 0.5, focus: 0.05, iris: 0.05 } as const;

/** A motor. */
export type Motor = keyof typeof RATES;

/** Where the camera looks: degrees 0-360, degrees 0-90, factor 1-25. */
export interface View {
  /** Degrees to the right, 0 <= pan < 360. */
  readonly pan: number;
  /** Degrees up, 0 to 90. */
  readonly tilt: number;
  /** Zoom factor, 1 to 25. */
  readonly zoom: number;
}

/** Where a camera looks when it leaves the factory. */
export const ORIGIN: View = { pan: 0, tilt: 30, zoom: 1 };

/** Starts one part of a program at a time, and says when the next one begins. */
export type Step = (at: number) => number;

/** What moves the camera without further orders. */
export interface Program {
  /** What it is. */
  readonly kind: "Tour" | "Scan" | "Pattern" | "Restart";
  /** Its number, 1-based. */
  readonly number: number;
  /** Its parts. */
  readonly steps: readonly Step[];
  /** False: it ends after the last part. */
  readonly repeats: boolean;
}

/** Shortest part of a program in milliseconds: one of no length would never let time catch up. */
const SHORTEST = 100;

/** The motors of one channel. All times are milliseconds of the device's clock. */
export class Head {
  readonly #motors: Readonly<Record<Motor, Axis>> = {
    pan: new Axis({ min: 0, max: 360, circular: true }, ORIGIN.pan),
    tilt: new Axis({ min: 0, max: 90 }, ORIGIN.tilt),
    zoom: new Axis({ min: 1, max: MAX_ZOOM }, ORIGIN.zoom),
    focus: new Axis({ min: 0, max: 1 }, 0.5),
    iris: new Axis({ min: 0, max: 1 }, 0.5),
  };
  #program: { readonly steps: Program; next: number; at: number } | undefined;
  /** Preset that it was sent to and has not left since; 0 for none. */
  #preset = 0;

  /** A motor, at the place where programs have brought it by now. */
  motor(name: Motor, now: number): Axis {
    this.#catchUp(now);
    return this.#motors[name];
  }

  /** Where the camera looks. */
  view(now: number): View {
    this.#catchUp(now);
    const { pan, tilt, zoom } = this.#motors;
    return { pan: pan.position(now), tilt: tilt.position(now), zoom: zoom.position(now) };
  }

  /** True while it pans or tilts. */
  turns(now: number): boolean {
    return this.motor("pan", now).moves(now) || this.#motors.tilt.moves(now);
  }

  /** True while it zooms. */
  zooms(now: number): boolean {
    return this.motor("zoom", now).moves(now);
  }

  /** Number of the preset that it looks at or moves to, 0 for none. */
  get preset(): number {
    return this.#preset;
  }

  /** The program that runs. */
  program(now: number): Program | undefined {
    this.#catchUp(now);
    return this.#program?.steps;
  }

  /** Moves at speeds -8 to 8 until halted, or for `duration` ms. A motor of speed 0 halts. */
  drive(speeds: Partial<Record<Motor, number>>, now: number, duration = Infinity): void {
    this.release(now);
    for (const [name, speed] of Object.entries(speeds) as [Motor, number][]) {
      if (speed === 0) this.#motors[name].halt(now);
      else this.#motors[name].drive(speed * RATES[name], now, duration);
    }
  }

  /** Moves to a view at a speed up to 8; what it leaves out stays. */
  goTo(view: Partial<View>, speed: number, now: number, preset = 0): void {
    this.release(now);
    this.#travel(view, speed, now);
    this.#preset = preset;
  }

  /** Halts some motors, by default all that turn or zoom, and ends the program. */
  halt(now: number, names: readonly Motor[] = ["pan", "tilt", "zoom"]): void {
    this.release(now);
    for (const name of names) this.#motors[name].halt(now);
  }

  /** Ends the program, if one runs; motion that it began goes on. */
  release(now: number): void {
    this.#catchUp(now);
    this.#program = undefined;
    this.#preset = 0;
  }

  /** Begins a program. */
  run(program: Program, now: number): void {
    this.halt(now);
    this.#program = { steps: program, next: 0, at: now };
    this.#catchUp(now);
  }

  /** A part of a program: to a view, and `dwell` ms there. */
  visit(view: () => Partial<View> | undefined, speed: number, dwell: number): Step {
    return (at) => {
      const target = view();
      return target === undefined ? at : this.#travel(target, speed, at) + dwell;
    };
  }

  /** A part of a program: so much further in `duration` ms. */
  go(distances: View, duration: number): Step {
    return (at) => {
      for (const name of ["pan", "tilt", "zoom"] as const) {
        this.#motors[name].go(distances[name], duration, at);
      }
      return at + duration;
    };
  }

  /** How far the motors have travelled, turns counted. */
  travelled(now: number): View {
    this.#catchUp(now);
    const { pan, tilt, zoom } = this.#motors;
    return { pan: pan.travelled(now), tilt: tilt.travelled(now), zoom: zoom.travelled(now) };
  }

  #travel(view: Partial<View>, speed: number, now: number): number {
    let arrival = now;
    for (const [name, position] of Object.entries(view) as [keyof View, number][]) {
      const motor = this.#motors[name];
      motor.goTo(position, speed * RATES[name], now);
      arrival = Math.max(arrival, motor.until);
    }
    return arrival;
  }

  #catchUp(now: number): void {
    for (let run = this.#program; run !== undefined && now >= run.at; run = this.#program) {
      const { steps, repeats } = run.steps;
      const step = steps[run.next];
      if (step === undefined) {
        this.#program = undefined;
        return;
      }
      run.at = Math.max(run.at + SHORTEST, step(run.at));
      run.next++;
      if (repeats && run.next === steps.length) run.next = 0;
    }
  }
}
