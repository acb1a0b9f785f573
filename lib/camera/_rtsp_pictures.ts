/**
 * Pictures from the key frame of a live stream, for devices that give them no other way.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { nalUnits } from "../media/annexb.ts";
import { rtspPath } from "../media/rtsp/paths.ts";
import type { RtspAccess } from "./live/rtsp_access.ts";
import { type Picture, pictureOf, type PictureSource } from "./_picture.ts";
import type { PictureDecoder, SnapshotOptions } from "./snapshot.ts";

/** What key frames are asked over. */
export interface KeyFrameLink extends RtspAccess {
  /** `host:port`, for errors. */
  readonly host: string;
  /** Makes a JPEG of a key frame; nothing in this library can. */
  readonly decodePicture: PictureDecoder | undefined;
}

/** Takes the first key frame of the main stream. No session is taken. */
export class RtspPictures implements PictureSource {
  /** See {@linkcode PictureSource.name}. */
  readonly name = "rtsp";
  readonly #link: KeyFrameLink;

  /** Asks over the given link. */
  constructor(link: KeyFrameLink) {
    this.#link = link;
  }

  /** See {@linkcode PictureSource.fetch}. */
  async fetch(channel: number, options: SnapshotOptions): Promise<Picture> {
    const { decodePicture, host } = this.#link;
    const method = "RTSP";
    if (decodePicture === undefined) throw noDecoder(host);
    const { rtspTemplate = "dahua", rtspPort: port, signal } = options;
    await using stream = await this.#link.openRtsp({
      path: rtspPath(rtspTemplate, { channel, subtype: 0 }),
      port,
      kinds: ["video"],
      signal,
    });
    for await (const { key, damaged, data, track } of stream) {
      if (!key || damaged) continue;
      const { codec } = track;
      if (codec !== "h264" && codec !== "h265") throw noDecoder(host);
      const frame = withParameterSets(data, track.parameterSets);
      return pictureOf(await decodePicture({ codec, data: frame, signal }), host, method);
    }
    throw new DhipError("DHIP_INCOMPLETE", "The stream ended before its first key frame", {
      host,
      method,
    });
  }
}

/** Some cameras tell the parameter sets in the description alone. */
function withParameterSets(data: Uint8Array, sets: readonly Uint8Array[]): Uint8Array {
  const parts = [...sets, ...nalUnits(data)];
  const frame = new Uint8Array(parts.reduce((sum, { length }) => sum + length + 4, 0));
  let at = 0;
  for (const part of parts) {
    frame[at + 3] = 1;
    frame.set(part, at + 4);
    at += 4 + part.length;
  }
  return frame;
}

function noDecoder(host: string): DhipError {
  return new DhipError("DHIP_NOT_SUPPORTED", "RTSP gives no JPEG, and nothing here can make one", {
    host,
    hint: "With ffmpeg on the PATH, dhip makes a picture of a key frame.",
  });
}
