/**
 * Keeps the streams of a session together by the wall clocks that their senders report (RFC 3550
 * section 6.4.1).
 *
 * @module
 */

/** Seconds by which the first correction may be off and still be made gradually. */
const TOLERANCE = 0.04;
/** How much faster or slower a stream becomes for a gradual correction: five times a bad crystal. */
const SLEW = 0.001;
/** A wall clock that is further off, in seconds, than where the last report had it was set. */
const STEP = 0.2;
/**
 * Bound of corrections: in its corrected place a stream arrives at most so many seconds before or
 * after the pictures of the same time. Reports that say more are not about what arrives.
 */
const FAR = 3;

/** The clocks of one session. The first stream of pictures is what the others follow. */
export class SenderClocks {
  readonly #lines: SenderClock[] = [];
  #reference: SenderClock | undefined;

  /** The clock of another stream. */
  add(kind: "video" | "audio"): SenderClock {
    const line = new SenderClock(
      () => this.#reference,
      () => this.#lines.forEach((each) => each.doubt()),
    );
    this.#lines.push(line);
    if (kind === "video") this.#reference ??= line;
    return line;
  }
}

/**
 * The clock of one stream. Pure. Times are seconds of the stream's own time line: that of its
 * timestamps, from wherever it was thought to begin.
 */
export class SenderClock {
  readonly #reference: () => SenderClock | undefined;
  readonly #doubtAll: () => void;
  /** The sender's clock at time 0 of the line, once reported. */
  #wall: number | undefined;
  /** False from a clock that was set on, until the next report agrees with the one before. */
  #isSteady = true;
  /** What this stream was brought in line with; undefined: a correction is made at once. */
  #follows: object | undefined;
  /** The source of now: another object for each. */
  #source: object = {};
  #shift = 0;
  #newest: { readonly time: number; readonly lead: number } | undefined;

  /** Clocks are made by {@linkcode SenderClocks.add}. */
  constructor(reference: () => SenderClock | undefined, doubtAll: () => void) {
    this.#reference = reference;
    this.#doubtAll = doubtAll;
  }

  /** Takes a report: the sender's clock stood at `ntp` seconds at `time`. */
  report(ntp: number, time: number): void {
    if (ntp <= 0) return; // a sender without a clock (RFC 3550 section 6.4.1)
    const before = this.#wall;
    const wall = ntp - time;
    if (before !== undefined && Math.abs(wall - before) > STEP) this.#doubtAll();
    else this.#isSteady = true;
    this.#wall = wall;
  }

  /** Where a unit belongs that arrived `now`, in seconds of one clock for all streams. */
  place(time: number, now: number): number {
    const before = this.#newest;
    this.#newest = { time, lead: time - now };
    const reference = this.#reference();
    const wanted = reference === undefined ? undefined : this.#wanted(reference);
    if (reference === undefined || wanted === undefined) return time + this.#shift;
    const off = wanted - this.#shift;
    const isNew = this.#follows !== reference.#source;
    this.#follows = reference.#source;
    if (isNew && (before === undefined || Math.abs(off) > TOLERANCE)) this.#shift = wanted;
    else {
      const passed = before === undefined ? 0 : Math.min(1, Math.max(0, time - before.time));
      this.#shift += Math.max(-SLEW * passed, Math.min(SLEW * passed, off));
    }
    return time + this.#shift;
  }

  /** Another source begins, of which nothing is known; returns the correction so far. */
  restart(): number {
    const shift = this.#shift;
    this.#shift = 0;
    this.#wall = undefined;
    this.#newest = undefined;
    this.#follows = undefined;
    this.#isSteady = true;
    this.#source = {};
    return shift;
  }

  /** Some clock of the sender was set: what was reported before counts when it is confirmed. */
  doubt(): void {
    if (this.#wall !== undefined) this.#isSteady = false;
    this.#follows = undefined;
  }

  /** Seconds by which this stream has to move; undefined while nobody can tell. */
  #wanted(reference: SenderClock): number | undefined {
    if (reference === this || !this.#isSteady || !reference.#isSteady) return undefined;
    if (this.#wall === undefined || reference.#wall === undefined) return undefined;
    if (this.#newest === undefined || reference.#newest === undefined) return undefined;
    const shift = this.#wall - reference.#wall;
    const apart = this.#newest.lead + shift - reference.#newest.lead;
    return Math.abs(apart) > FAR ? undefined : shift;
  }
}
