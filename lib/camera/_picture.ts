/**
 * What makes a picture out of bytes, and an error out of what is none.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { inspectJpeg } from "../media/jpeg.ts";
import type { SnapshotOptions } from "./snapshot.ts";

/** A whole picture and its size in pixels. */
export interface Picture {
  readonly jpeg: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** One way to a picture. */
export interface PictureSource {
  /** Name, as in `via`. */
  readonly name: string;
  /**
   * A whole picture.
   *
   * @param channel 1 is the first
   */
  fetch(channel: number, options: SnapshotOptions): Promise<Picture>;
}

/**
 * The picture that bytes are, without what stands behind it.
 *
 * @throws {DhipError} `DHIP_INCOMPLETE`, `DHIP_BAD_REPLY`
 */
export function pictureOf(bytes: Uint8Array, host: string, method: string): Picture {
  const verdict = inspectJpeg(bytes);
  if (verdict.kind === "complete") {
    const { width, height, length } = verdict;
    return { jpeg: length === bytes.length ? bytes : bytes.subarray(0, length), width, height };
  }
  if (verdict.kind === "truncated") {
    throw new DhipError(
      "DHIP_INCOMPLETE",
      `The picture is not whole: ${bytes.length} bytes came, and it ends ${verdict.where}`,
      { host, method, hint: "The device or the network may be overloaded; try again." },
    );
  }
  throw new DhipError("DHIP_BAD_REPLY", `No picture came: ${verdict.reason}`, { host, method });
}
