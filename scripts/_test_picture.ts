/**
 * Draws the moving test picture of the simulator's streams.
 *
 * A row of blocks along the lower edge gives the frame number in binary, highest bit first, white
 * for one. During the first frames of each second a field in the upper right corner is white, at
 * the moment of the click in the sound. `tests/support/test_picture.ts` reads both.
 *
 * @module
 */

import { FRAME_RATE, LOOP_FRAMES } from "../lib/simulator/media/source.ts";
import { ADVANCE, dotsOf, ROWS } from "../lib/simulator/picture/bitmap_font.ts";

/** Blocks in the row, each a bit. */
const CODE_BITS = 16;

/** Frames of each second that show the flash. */
const FLASH_FRAMES = 3;

/** A rectangle of a picture, in pixels. */
interface Field {
  /** Left edge. */
  readonly x: number;
  /** Upper edge. */
  readonly y: number;
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/** Where bit `index` of the frame number stands, 0 = the highest. */
function codeField(width: number, height: number, index: number): Field {
  const block = Math.floor(width / CODE_BITS);
  const rows = Math.floor(height / 8);
  return { x: index * block, y: height - rows, width: block, height: rows };
}

/** Where the flash stands. */
function flashField(width: number, height: number): Field {
  const side = Math.floor(height / 4);
  return { x: width - side, y: 0, width: side, height: side };
}

/** A frame in YUV 4:2:0: the planes one behind the other. Width and height are even. */
export function drawFrame(frame: number, width: number, height: number): Uint8Array {
  const luma = width * height;
  const picture = new Uint8Array(luma * 3 / 2);
  const fill = (field: Field, value: number) => {
    for (let y = field.y; y < field.y + field.height; y++) {
      picture.fill(value, y * width + field.x, y * width + field.x + field.width);
    }
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) picture[y * width + x] = 60 + ((x * 2 + y + frame * 2) & 0x7f);
  }
  picture.fill(112, luma, luma * 5 / 4);
  picture.fill(140, luma * 5 / 4);
  // A block goes through the picture once in a loop, so that nothing ever stands still.
  const side = Math.floor(height / 5);
  const x = Math.floor(frame * (width - side) / LOOP_FRAMES);
  fill({ x, y: Math.floor(height / 2), width: side, height: side }, 220);
  const dot = Math.max(1, Math.floor(height / 60));
  const text = `#${String(frame).padStart(6, "0")}`;
  fill({ x: 0, y: 0, width: (text.length * ADVANCE + 2) * dot, height: (ROWS + 4) * dot }, 16);
  for (const [column, row] of dotsOf(text)) {
    fill({ x: (column + 2) * dot, y: (row + 2) * dot, width: dot, height: dot }, 235);
  }
  fill(flashField(width, height), frame % FRAME_RATE < FLASH_FRAMES ? 235 : 16);
  for (let bit = 0; bit < CODE_BITS; bit++) {
    const one = frame >> CODE_BITS - 1 - bit & 1;
    fill(codeField(width, height, bit), one === 1 ? 235 : 16);
  }
  return picture;
}
