/**
 * Figures of a stream, gathered picture by picture. Needs the same memory for an hour as for a day.
 *
 * @module
 */

/** Pictures that are missing. */
export interface ProbeGap {
  /** Seconds on the time line of its source. */
  readonly from: number;
  /** Seconds. */
  readonly to: number;
}

/** Figures of a stream. */
export interface StreamFigures {
  /** Units: pictures, or stretches of sound. */
  readonly frames: number;
  /** Key pictures. */
  readonly keys: number;
  /** Seconds from the first to the end of the last unit. */
  readonly duration: number;
  /** Seconds of the first unit on the time line; null when there is none. */
  readonly start: number | null;
  /** Bytes. */
  readonly bytes: number;
  /** Bits per second; null without a duration. */
  readonly bitRate: number | null;
  /** Pictures per second, without the gaps; null when there are too few. */
  readonly fps: number | null;
  /** Pictures from one key picture to the next; null when there is no such pair. */
  readonly gop: { readonly shortest: number; readonly longest: number } | null;
  /** The first 1000 gaps. */
  readonly gaps: readonly ProbeGap[];
  /** Number of gaps. */
  readonly gapCount: number;
}

const MAX_GAPS = 1000;

/** Gathers the figures of one stream. */
export class StreamStats {
  #frames = 0;
  #keys = 0;
  #bytes = 0;
  #first: number | undefined;
  #last = 0;
  #interval = 0;
  /** Seconds and steps that were no gap. */
  #steady = 0;
  #steps = 0;
  /** Pictures since the last key picture; NaN when some of them are missing. */
  #group = 0;
  #shortest = Infinity;
  #longest = 0;
  #gapCount = 0;
  readonly #gaps: ProbeGap[] = [];

  /** Takes a unit; `time` and `duration` in seconds. */
  add(time: number, bytes: number, key: boolean, duration?: number): void {
    this.#frames++;
    this.#bytes += bytes;
    if (this.#first === undefined) this.#first = time;
    else this.#step(time);
    if (key) this.#key();
    this.#group++;
    this.#last = Math.max(this.#frames === 1 ? time : this.#last, time);
    if (duration !== undefined && duration > 0) this.#interval = duration;
  }

  /** A picture is missing here: how many belong to this key picture is not known. */
  missing(): void {
    this.#group = NaN;
  }

  /** What there is so far. */
  get figures(): StreamFigures {
    const first = this.#first;
    const duration = first === undefined ? 0 : this.#last - first + this.#interval;
    return {
      frames: this.#frames,
      keys: this.#keys,
      duration,
      start: first ?? null,
      bytes: this.#bytes,
      bitRate: duration > 0 ? Math.round(this.#bytes * 8 / duration) : null,
      fps: this.#steady > 0 ? this.#steps / this.#steady : null,
      gop: this.#longest > 0 ? { shortest: this.#shortest, longest: this.#longest } : null,
      gaps: this.#gaps,
      gapCount: this.#gapCount,
    };
  }

  #step(time: number): void {
    const step = time - this.#last;
    if (step <= 0) return; // shown in another order than sent
    if (this.#steps > 0 && step > Math.max(1, 3 * this.#interval)) {
      this.#gapCount++;
      this.missing();
      const from = this.#last + this.#interval;
      if (this.#gaps.length < MAX_GAPS) this.#gaps.push({ from, to: time });
      return;
    }
    this.#steady += step;
    this.#steps++;
    this.#interval = this.#interval === 0 ? step : this.#interval + (step - this.#interval) / 8;
  }

  #key(): void {
    if (this.#keys++ > 0 && !isNaN(this.#group)) {
      this.#shortest = Math.min(this.#shortest, this.#group);
      this.#longest = Math.max(this.#longest, this.#group);
    }
    this.#group = 0;
  }
}
