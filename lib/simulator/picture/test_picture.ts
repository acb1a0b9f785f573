/**
 * The moving test picture: colour bars, a block that wanders, channel, time and frame number.
 *
 * @module
 */

import { ADVANCE, dotsOf, ROWS } from "./bitmap_font.ts";

/** What a picture shows. */
export interface PictureFacts {
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
  /** Channel, 1-based. */
  readonly channel: number;
  /** `YYYY-MM-DD HH:MM:SS`. */
  readonly time: string;
  /** Number of the frame. */
  readonly frame: number;
}

type Colour = readonly [red: number, green: number, blue: number];

const BARS: readonly Colour[] = [
  [235, 235, 235],
  [235, 235, 16],
  [16, 235, 235],
  [16, 235, 16],
  [235, 16, 235],
  [235, 16, 16],
  [16, 16, 235],
  [16, 16, 16],
];

const WHITE: Colour = [255, 255, 255];
const BLACK: Colour = [0, 0, 0];

/** The picture as red, green, blue and 255 for each pixel, row by row. */
export function drawTestPicture(facts: PictureFacts): Uint8Array {
  const { width, height, channel, time, frame } = facts;
  const pixels = new Uint8Array(width * height * 4).fill(255);
  const fill = (left: number, top: number, columns: number, rows: number, colour: Colour) => {
    for (let y = Math.max(0, top); y < Math.min(height, top + rows); y++) {
      for (let x = Math.max(0, left); x < Math.min(width, left + columns); x++) {
        pixels.set(colour, (y * width + x) * 4);
      }
    }
  };
  // Each channel begins with another bar, so that no two look alike from afar.
  const bar = Math.ceil(width / BARS.length);
  for (let i = 0; i < BARS.length; i++) {
    fill(i * bar, 0, bar, height, BARS[(i + channel - 1) % BARS.length]!);
  }
  const block = Math.max(8, Math.floor(height / 8));
  const left = frame * Math.max(1, Math.floor(block / 4)) % Math.max(1, width - block);
  fill(left, Math.floor(height / 2), block, block, WHITE);
  fill(left + 2, Math.floor(height / 2) + 2, block - 4, block - 4, BLACK);
  const texts = [`CH ${channel} #${String(frame).padStart(6, "0")}`, time];
  const dot = Math.max(1, Math.floor(width / (Math.max(...texts.map(lengthOf)) + 2 * ADVANCE)));
  for (const [line, text] of texts.entries()) {
    const top = Math.floor(height / 16) + line * dot * (ROWS + 3);
    const start = dot * ADVANCE;
    fill(start - dot, top - dot, (lengthOf(text) + 1) * dot, (ROWS + 2) * dot, BLACK);
    for (const [column, row] of dotsOf(text)) {
      fill(start + column * dot, top + row * dot, dot, dot, WHITE);
    }
  }
  return pixels;
}

/** Columns of a text. */
function lengthOf(text: string): number {
  return text.length * ADVANCE;
}
