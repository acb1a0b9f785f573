/**
 * The pixels of a JPEG.
 *
 * @module
 */

import { DhipError } from "../../errors.ts";
import type { Pixels } from "./luminance.ts";

/** Largest picture, in million pixels; cameras have up to 50. */
const MAX_MEGAPIXELS = 100;
/** Most memory for decoding, in MiB: 4K pictures need about 200. */
const MAX_MEMORY = 1024;

/**
 * Decodes a picture. The decoder is loaded when it is first needed.
 *
 * @throws {DhipError} `DHIP_BAD_REPLY` when the picture cannot be decoded
 */
export async function pixelsOf(jpeg: Uint8Array): Promise<Pixels> {
  const { default: decoder } = await import("jpeg-js");
  try {
    const { width, height, data } = decoder.decode(jpeg, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: MAX_MEGAPIXELS,
      maxMemoryUsageInMB: MAX_MEMORY,
    });
    return { width, height, rgb: data };
  } catch (cause) {
    throw new DhipError("DHIP_BAD_REPLY", "The picture cannot be decoded", {
      hint: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}
