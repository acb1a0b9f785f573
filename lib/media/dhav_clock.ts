/**
 * Media time of a DHAV stream. Pure.
 *
 * A frame tells the device's wall clock in whole seconds and a millisecond counter of 16 bits. The
 * counter is exact and wraps every 65.5 s; the wall clock says how often it wrapped, and jumps when
 * the device's clock is set. So the counter is believed as long as both agree, or as long as it goes
 * on as if nothing had happened; only where both jump does the wall clock decide.
 *
 * @module
 */

/** What of a frame tells the time. */
export interface DhavStamp {
  /** Which counter: `video` and `audio` of one channel. */
  readonly stream: string;
  /** Milliseconds, wraps at 2^16 (some software wraps it at 65 535, which is a millisecond off). */
  readonly counter: number;
  /** Wall clock in seconds on any scale; undefined when the frame's date is none. */
  readonly wall: number | undefined;
  /** Counts the frames of its stream. */
  readonly frameNumber: number;
  /** Milliseconds between frames as the stream says, for devices whose counter stands still. */
  readonly interval?: number | undefined;
}

/** Something odd about the time of a frame. */
export type DhavTimeEvent =
  /** The device's clock was set, `by` milliseconds; media time goes on undisturbed. */
  | { readonly kind: "clock-set"; readonly by: number }
  /** Counter and clock both jumped: another recording or a restart; only seconds are known. */
  | { readonly kind: "restart"; readonly by: number };

/** Where a frame stands. */
export interface DhavTime {
  /** Milliseconds since the first frame of the source. Goes back only behind a wrong jump. */
  readonly time: number;
  /** True when this is the frame before once more. */
  readonly repeated: boolean;
  /** What was odd, if anything. */
  readonly event: DhavTimeEvent | undefined;
}

/** A counter goes round in this many milliseconds. */
const TURN = 65_536;
/** How far the wall clock, in whole seconds, may be off the counter: its rounding and some jitter. */
const TOLERANCE = 1_500;
/** A counter that moved no further than this has gone on, whatever the wall clock says. */
const STEADY = 5_000;

/** The longest time between two frames whose numbers follow each other. */
const NEXT = 1_000;

interface Place extends DhavStamp {
  /** Where its counter puts it. */
  readonly time: number;
  /** What was told. */
  readonly told: number;
}

/** The clock of one source. Its streams share it, so that they never drift apart. */
export class DhavClock {
  readonly #last = new Map<string, Place>();
  #latest: Place | undefined;

  /** Places the next frame. */
  place(stamp: DhavStamp): DhavTime {
    const own = this.#last.get(stamp.stream);
    const before = own ?? this.#latest;
    if (before === undefined) return this.#keep(stamp, 0, undefined, undefined);
    if (own !== undefined && isRepeated(own, stamp)) {
      return { time: own.told, repeated: true, event: undefined };
    }
    const { step, event } = this.#step(before, stamp);
    return this.#keep(stamp, before.time + step, own?.told, event);
  }

  /** Milliseconds from `before` to the frame. */
  #step(before: Place, stamp: DhavStamp): { step: number; event: DhavTimeEvent | undefined } {
    const elapsed = agreed(before, stamp);
    if (elapsed !== undefined) {
      return { step: elapsed === 0 ? standing(before, stamp) : elapsed, event: undefined };
    }
    // Another stream of the source has come over the same jump already.
    const latest = this.#latest!;
    if (latest !== before) {
      const beside = agreed(latest, stamp);
      if (beside !== undefined && Math.abs(beside) < STEADY) {
        return { step: latest.time + beside - before.time, event: undefined };
      }
    }
    const moved = signed(stamp.counter - before.counter);
    const by = wallStep(before, stamp);
    if (Math.abs(moved) < STEADY) return { step: moved, event: { kind: "clock-set", by } };
    const step = by > 0 ? by : stamp.interval ?? 0;
    return { step, event: { kind: "restart", by } };
  }

  #keep(
    stamp: DhavStamp,
    time: number,
    before: number | undefined,
    event: DhavTimeEvent | undefined,
  ): DhavTime {
    // Behind a jump that was none, time goes back to where it was.
    const late = before === undefined ? 0 : before - time;
    const told = late > 0 && late < STEADY ? before! : time;
    const place = { ...stamp, time, told };
    this.#last.set(stamp.stream, place);
    this.#latest = place;
    return { time: told, repeated: false, event };
  }
}

/** Milliseconds between two frames when counter and wall clock agree; else undefined. */
function agreed(before: Place, stamp: DhavStamp): number | undefined {
  if (stamp.wall === undefined || before.wall === undefined) {
    return signed(stamp.counter - before.counter); // nothing else is known
  }
  const wall = (stamp.wall - before.wall) * 1000;
  const moved = signed(stamp.counter - before.counter);
  const turns = Math.round((wall - moved) / TURN);
  const elapsed = moved + TURN * turns;
  // A clock that was set by whole turns of the counter looks like a gap; no frame is missing then.
  const isNext = before.stream === stamp.stream && stamp.frameNumber === before.frameNumber + 1;
  if (turns !== 0 && isNext && Math.abs(moved) < NEXT) return undefined;
  return Math.abs(elapsed - wall) <= TOLERANCE && elapsed > -STEADY ? elapsed : undefined;
}

/** The step of a device whose counter does not move: by the numbers of its frames. */
function standing(before: Place, stamp: DhavStamp): number {
  if (before.stream !== stamp.stream || stamp.interval === undefined) return 0;
  const frames = stamp.frameNumber - before.frameNumber;
  return frames > 0 && frames * stamp.interval < STEADY ? frames * stamp.interval : 0;
}

function isRepeated(before: Place, stamp: DhavStamp): boolean {
  return before.frameNumber === stamp.frameNumber && before.counter === stamp.counter &&
    before.wall === stamp.wall;
}

function wallStep(before: DhavStamp, stamp: DhavStamp): number {
  return ((stamp.wall ?? 0) - (before.wall ?? 0)) * 1000;
}

/** A difference on a circle of 2^16: -32 768 to 32 767. */
function signed(difference: number): number {
  return ((difference + TURN / 2) & (TURN - 1)) - TURN / 2;
}
