/**
 * Cuts a DHAV stream at the ends of its frames.
 *
 * @module
 */

import { concat } from "../net/bytes.ts";
import { DhavDecoder, type DhavFrame, type DhavLimits } from "./dhav.ts";

/**
 * Holds back what belongs to a frame that is not whole, so that what was passed on can end at any
 * time. Bytes between frames are passed on with the frame behind them.
 */
export class DhavCut {
  readonly #decoder: DhavDecoder;
  #held: Uint8Array[] = [];
  #heldLength = 0;
  /** Place of the first byte that is held, in the stream. */
  #at = 0;

  /** Makes one for one stream. */
  constructor(limits: DhavLimits = {}) {
    this.#decoder = new DhavDecoder(limits);
  }

  /** Bytes that are held back. */
  get held(): number {
    return this.#heldLength;
  }

  /** Bytes that belonged to no frame so far. */
  get skipped(): number {
    return this.#decoder.skipped;
  }

  /**
   * Takes the next bytes, which must stay as they are; gives those up to the end of the last whole
   * frame.
   *
   * @param isWanted gets each frame; the first one that is not wanted ends the stream before it
   */
  push(chunk: Uint8Array, isWanted: (frame: DhavFrame) => boolean = () => true): Uint8Array {
    this.#held.push(chunk);
    this.#heldLength += chunk.length;
    let end = this.#at;
    for (const frame of this.#decoder.push(chunk)) {
      if (!isWanted(frame)) break;
      end = frame.offset + frame.length;
    }
    const length = end - this.#at;
    if (length === 0) {
      // A frame in thousands of pieces must not cost an array for each.
      if (this.#held.length >= 256) this.#held = [concat(this.#held)];
      return new Uint8Array(0);
    }
    const all = concat(this.#held);
    this.#held = length === all.length ? [] : [all.subarray(length)];
    this.#heldLength = all.length - length;
    this.#at = end;
    return all.subarray(0, length);
  }
}
