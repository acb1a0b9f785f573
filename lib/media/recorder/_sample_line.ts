/** Samples of sound on a time line: neither a drifting clock nor lost packets move them. */

/** Seconds by which samples may be early or late before anything is done about it. */
const SLACK = 0.02;
/** Beyond this it is no drift: samples are missing or came twice. */
const DRIFT = 0.2;
/** Beyond this the hole stays a hole. */
const HOLE = 1;
/** How much faster or slower samples may become: not to be heard. */
const STRETCH = 0.02;

/** Samples that follow each other. */
export interface Stretch {
  /** Interleaved, 16 bits. */
  readonly samples: Int16Array;
  /** Seconds, when a hole is in front of them. */
  readonly restart: number | undefined;
}

/** Places blocks of samples. Pure. */
export class SampleLine {
  readonly #rate: number;
  readonly #channels: number;
  #anchor: number | undefined;
  #count = 0;

  /** A line for this rate in hertz. */
  constructor(rate: number, channels: number) {
    this.#rate = rate;
    this.#channels = channels;
  }

  /** Seconds at which the samples so far end; undefined before the first. */
  get end(): number | undefined {
    return this.#anchor === undefined ? undefined : this.#anchor + this.#count / this.#rate;
  }

  /**
   * What is written of a block that begins at `time` seconds.
   *
   * @param isBehindLoss samples are known to be missing before it: lateness is no drift
   */
  push(block: Int16Array, time: number, isBehindLoss = false): Stretch {
    const { end } = this;
    if (end === undefined || time - end > HOLE) {
      this.#anchor = time;
      this.#count = 0;
      return this.#take(block, time);
    }
    const late = time - end;
    if (Math.abs(late) <= SLACK) return this.#take(block);
    const frames = block.length / this.#channels;
    const off = Math.round(late * this.#rate);
    if (Math.abs(late) <= DRIFT && !(isBehindLoss && late > 0)) {
      const most = Math.ceil(frames * STRETCH);
      return this.#take(this.#resized(block, frames + Math.max(-most, Math.min(most, off))));
    }
    if (off < 0) return this.#take(block.subarray(Math.min(frames, -off) * this.#channels));
    const padded = new Int16Array((off + frames) * this.#channels);
    padded.set(block, off * this.#channels);
    return this.#take(padded);
  }

  #take(samples: Int16Array, restart?: number): Stretch {
    this.#count += samples.length / this.#channels;
    return { samples, restart };
  }

  /** The block with another number of samples, between the old ones. */
  #resized(block: Int16Array, frames: number): Int16Array {
    const channels = this.#channels;
    const old = block.length / channels;
    const samples = new Int16Array(frames * channels);
    for (let frame = 0; frame < frames; frame++) {
      const at = frames === 1 ? 0 : frame * (old - 1) / (frames - 1);
      const low = Math.floor(at);
      const high = Math.min(low + 1, old - 1);
      for (let channel = 0; channel < channels; channel++) {
        const from = block[low * channels + channel]!;
        const to = block[high * channels + channel]!;
        samples[frame * channels + channel] = Math.round(from + (to - from) * (at - low));
      }
    }
    return samples;
  }
}
