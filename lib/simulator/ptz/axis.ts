/**
 * One motor of a camera. Its position follows from the time that is asked about; no timer runs.
 *
 * @module
 */

/** What a motor can do. */
export interface AxisRange {
  /** Lowest position. */
  readonly min: number;
  /** Highest position; of a circle the first one that is `min` again. */
  readonly max: number;
  /** True for one that turns without an end. */
  readonly circular?: boolean;
}

/** A motor that stands, or moves at a steady rate. All times are milliseconds of the device. */
export class Axis {
  readonly #range: AxisRange;
  #from: number;
  #since = 0;
  #rate = 0;
  #until = 0;
  /** Where the motion ends, exactly; undefined when only time ends it. */
  #end: number | undefined;

  /** A motor at rest at `start`. */
  constructor(range: AxisRange, start: number) {
    this.#range = range;
    this.#from = start;
  }

  /** Position of a motor that counts its turns: 400 on a circle is one turn and 40. */
  travelled(now: number): number {
    if (now >= this.#until && this.#end !== undefined) return this.#end;
    const time = Math.min(now, this.#until) - this.#since;
    return this.#from + this.#rate * Math.max(0, time) / 1000;
  }

  /** Position within the range. */
  position(now: number): number {
    const { min, max, circular } = this.#range;
    const travelled = this.travelled(now);
    if (circular !== true) return Math.min(max, Math.max(min, travelled));
    const size = max - min;
    return min + ((travelled - min) % size + size) % size;
  }

  /** True while it moves. */
  moves(now: number): boolean {
    return this.#rate !== 0 && now < this.#until;
  }

  /** When the motion ends; in the past when it stands. */
  get until(): number {
    return this.#until;
  }

  /** True for a position that it can reach. */
  reaches(position: number): boolean {
    const { min, max, circular } = this.#range;
    return position >= min && (circular === true ? position < max : position <= max);
  }

  /** The nearest position that it can reach; a circle reaches all. */
  nearest(position: number): number {
    const { min, max, circular } = this.#range;
    return circular === true ? position : Math.min(max, Math.max(min, position));
  }

  /** Moves at `rate` units a second until the end of the range or of the `duration`. */
  drive(rate: number, now: number, duration = Infinity): void {
    const from = this.travelled(now);
    const { min, max, circular } = this.#range;
    const limit = rate > 0 ? max : min;
    const toLimit = circular === true ? Infinity : (limit - from) / rate * 1000;
    this.#start(from, rate, now, Math.min(duration, toLimit));
    this.#end = toLimit <= duration ? limit : undefined;
  }

  /** Moves to a position at `rate` units a second, round a circle the short way. */
  goTo(position: number, rate: number, now: number): void {
    const from = this.travelled(now);
    const size = this.#range.max - this.#range.min;
    let distance = position - this.position(now);
    if (this.#range.circular === true) {
      distance = ((distance + size / 2) % size + size) % size - size / 2;
    }
    this.#start(from, Math.sign(distance) * rate, now, Math.abs(distance) / rate * 1000);
    this.#end = from + distance;
  }

  /** Moves so as to have gone `distance` further after `duration`, more than 0. */
  go(distance: number, duration: number, now: number): void {
    const from = this.travelled(now);
    this.#start(from, distance / duration * 1000, now, duration);
    this.#end = from + distance;
  }

  /** Stands still. */
  halt(now: number): void {
    this.#start(this.travelled(now), 0, now, 0);
    this.#end = undefined;
  }

  #start(from: number, rate: number, now: number, duration: number): void {
    this.#from = from;
    this.#since = now;
    this.#rate = rate;
    this.#until = now + (rate === 0 ? 0 : duration);
  }
}
