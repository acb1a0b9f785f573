/**
 * Makes a JPEG of a key frame with the computer's ffmpeg, if there is one. It gets the frame on its
 * standard input and knows nothing of the camera.
 *
 * @module
 */

import type { PictureDecoder } from "../camera/mod.ts";
import { DhipError } from "../errors.ts";
import type { CliIo } from "./io.ts";

/** Time that a decoder may take, in milliseconds. */
const TIMEOUT = 10_000;
/** Longest picture, in bytes. */
const MAX_PICTURE = 64 * 1024 * 1024;

/** A decoder that runs ffmpeg. */
export function ffmpegDecoder(
  { run, interrupt }: Pick<CliIo, "run" | "interrupt">,
): PictureDecoder {
  return async ({ codec, data, signal = interrupt }) => {
    const format = codec === "h264" ? "h264" : "hevc";
    const input = ["-f", format, "-i", "pipe:0", "-frames:v", "1"];
    const output = ["-c:v", "mjpeg", "-q:v", "2", "-f", "image2pipe", "pipe:1"];
    const result = await run(["ffmpeg", "-v", "error", ...input, ...output], {
      timeout: TIMEOUT,
      maxOutput: MAX_PICTURE,
      signal,
      input: data,
      withoutPasswords: true,
    }).catch((cause) => {
      if (cause instanceof DhipError) throw cause;
      throw new DhipError("DHIP_NOT_SUPPORTED", "RTSP gives no JPEG, and there is no ffmpeg", {
        hint: "With ffmpeg on the PATH, dhip makes a picture of a key frame.",
        cause,
      });
    });
    if (result.end === "exit" && result.stdout.length > 0) return result.stdout;
    throw new DhipError("DHIP_INCOMPLETE", `ffmpeg made no picture of the ${format} key frame`);
  };
}
