/**
 * What every source of pictures and sound gives, and what a recorder takes.
 *
 * @module
 */

import type { NalCodec } from "./annexb.ts";

/** Codecs of pictures. Only H.264 and H.265 can be recorded. */
export type VideoCodec = NalCodec | "mjpeg" | "mpeg4";

/** Codecs of sound. MP2, MP3 and ADPCM are recognised and cannot be recorded. */
export type AudioCodec = "aac" | "alaw" | "mulaw" | "s16le" | "s8" | "mp2" | "mp3" | "adpcm";

/** Codecs of pictures and sound. */
export type MediaCodec = VideoCodec | AudioCodec;

/** What a stream is made of. */
export interface MediaTrack {
  /** Position among the streams of its source, from 0. */
  readonly index: number;
  /** Pictures or sound. */
  readonly kind: "video" | "audio";
  /** Codec. */
  readonly codec: MediaCodec;
  /** Ticks of its clock in a second; for sound the sample rate. */
  readonly clockRate: number;
  /** Channels of sound. */
  readonly channels: number;
  /** Parameter sets of a description, without start codes; more come in the stream. */
  readonly parameterSets: readonly Uint8Array[];
  /** AudioSpecificConfig of AAC. */
  readonly config: Uint8Array | undefined;
}

/** One picture or a stretch of sound. */
export interface MediaUnit {
  /** Its stream. A source whose stream changes gives another object from then on. */
  readonly track: MediaTrack;
  /** Seconds on a time line that all streams of the source share. */
  readonly time: number;
  /** Annex B, raw AAC, or samples. Owned by the receiver. */
  readonly data: Uint8Array;
  /** True when decoding can begin here; always for sound. */
  readonly key: boolean;
  /** True when parts of it were lost; for sound also when what was right before it was. */
  readonly damaged: boolean;
}
