/** Pictures for tests. */

import jpeg from "jpeg-js";

/** Red, green and blue of a place, each within 0 to 255. */
export type Paint = (x: number, y: number) => readonly [number, number, number];

/** A gradient with this much added everywhere. */
export function gradient(shift = 0): Paint {
  return (x, y) => [x * 2 + shift, y * 3 + shift, 128];
}

/** A JPEG. */
export function picture(paint: Paint = gradient(), width = 96, height = 54): Uint8Array {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set([...paint(x, y), 255], (y * width + x) * 4);
  }
  return new Uint8Array(jpeg.encode({ width, height, data }, 85).data);
}
