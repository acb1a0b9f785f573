/**
 * Segments that came before their turn.
 *
 * @module
 */

import { distance } from "../../p2p/segment.ts";

/** Pieces that are kept; a window of whole segments has fewer. */
const MOST_PIECES = 1024;

interface Early {
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

/** Keeps them in order; the window bounds how much there can be. */
export class Reassembly {
  readonly #early: Early[] = [];

  /** Keeps a copy of bytes that begin beyond `expected`. */
  keep(sequence: number, bytes: Uint8Array, expected: number): void {
    const at = distance(sequence, expected);
    let index = this.#early.length;
    while (index > 0 && distance(this.#early[index - 1]!.sequence, expected) > at) index--;
    const before = this.#early[index - 1];
    // What is wholly known already would only take memory.
    const known = before === undefined
      ? 0
      : distance((before.sequence + before.bytes.length) >>> 0, sequence);
    if (known >= bytes.length || this.#early.length >= MOST_PIECES) return;
    this.#early.splice(index, 0, { sequence, bytes: bytes.slice() });
  }

  /** The next bytes when their turn has come, empty when they are old; undefined behind a hole. */
  take(expected: number): Uint8Array | undefined {
    const first = this.#early[0];
    if (first === undefined) return undefined;
    const old = distance(expected, first.sequence);
    if (old < 0) return undefined;
    this.#early.shift();
    return first.bytes.subarray(Math.min(old, first.bytes.length));
  }
}
