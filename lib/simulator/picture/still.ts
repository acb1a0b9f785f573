/**
 * Pictures of the test camera as JPEG.
 *
 * @module
 */

import { drawTestPicture, type PictureFacts } from "./test_picture.ts";

/** Milliseconds that a picture stands still. */
export const FRAME_TIME = 200;

/** Quality of the JPEG, 1-100. */
const QUALITY = 75;

/** Pictures remembered: devices that show the same at the same time share them. */
const MOST = 64;

const made = new Map<string, Promise<Uint8Array>>();

/** A JPEG (baseline, JFIF) of the picture; must not be changed. */
export function still(facts: PictureFacts): Promise<Uint8Array> {
  const key = JSON.stringify([facts.width, facts.height, facts.channel, facts.time, facts.frame]);
  let jpeg = made.get(key);
  if (jpeg === undefined) {
    for (const oldest of made.keys()) {
      if (made.size < MOST) break;
      made.delete(oldest);
    }
    made.set(key, jpeg = encode(facts));
  }
  return jpeg;
}

async function encode(facts: PictureFacts): Promise<Uint8Array> {
  const { default: jpeg } = await import("jpeg-js"); // most simulators never show a picture
  const { width, height } = facts;
  return new Uint8Array(jpeg.encode({ width, height, data: drawTestPicture(facts) }, QUALITY).data);
}
