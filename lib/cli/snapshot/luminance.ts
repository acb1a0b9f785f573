/**
 * How much a picture differs from another, told from the brightness of its parts.
 *
 * @module
 */

/** Parts of a picture from left to right. */
const BLOCKS_ACROSS = 32;
/** Parts of a picture from top to bottom. */
const BLOCKS_DOWN = 18;
/** A part has changed when its mean brightness, 0 to 255, differs by more. Noise does not. */
const THRESHOLD = 6;

/** A picture in memory. */
export interface Pixels {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Red, green and blue of each pixel, row by row. */
  readonly rgb: Uint8Array;
}

/** The mean brightness (Rec. 601 luma, 0 to 255) of each of 32 x 18 parts, row by row. */
export function luminanceBlocks({ width, height, rgb }: Pixels): Float64Array {
  const sums = new Float64Array(BLOCKS_ACROSS * BLOCKS_DOWN);
  const counts = new Uint32Array(sums.length);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y * BLOCKS_DOWN / height) * BLOCKS_ACROSS;
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      const block = row + Math.floor(x * BLOCKS_ACROSS / width);
      sums[block]! += 0.299 * rgb[at]! + 0.587 * rgb[at + 1]! + 0.114 * rgb[at + 2]!;
      counts[block]!++;
    }
  }
  return sums.map((sum, index) => counts[index] === 0 ? 0 : sum / counts[index]!);
}

/** The share of parts that differ, in percent: 0 for the same scene, 100 for another one. */
export function changePercent(before: Float64Array, after: Float64Array): number {
  const changed = after.filter((value, index) => Math.abs(value - before[index]!) > THRESHOLD);
  return changed.length * 100 / after.length;
}
