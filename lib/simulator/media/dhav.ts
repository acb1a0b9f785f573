/**
 * Writes DHAV, the container of live streams and recordings: one frame for each packet.
 *
 * @module
 */

import type { VideoCodec } from "./source.ts";
import type { MediaPacket, SoundCodec } from "./program.ts";

/** Bytes of the header and of the trailer. */
const HEADER = 24;
const TRAILER = 8;

/** Bytes in front of a recording: `DAHUA` and nothing. */
export const PREFIX = 0x400;

/** Bytes of the extensions by what the frame is. */
const EXTENSIONS = { key: 20, video: 4, audio: 4, audioLong: 8, aux: 0 } as const;

const TYPES = { key: 0xfd, video: 0xfc, audio: 0xf0, aux: 0xf1 } as const;

/** Numbers of codecs, as FFmpeg reads them. */
const VIDEO: Readonly<Record<VideoCodec, number>> = { "H.264": 0x08, "H.265": 0x0c };
const AUDIO: Readonly<Record<SoundCodec, number>> = {
  "G.711A": 0x0e,
  "G.711Mu": 0x0a,
  PCM: 0x10,
  AAC: 0x1a,
};

/** Index of 8000 samples a second. */
const RATE_8000 = 2;

/** Which stream a frame belongs to. */
export interface DhavTrack {
  /** Channel, 0-based. */
  readonly channel: number;
  /** Codec and size of the pictures. */
  readonly video: { readonly codec: VideoCodec; readonly width: number; readonly height: number };
  /** Codec of the sound. */
  readonly sound: SoundCodec | undefined;
}

/** When a frame is said to have been taken. */
export interface DhavTime {
  /** Milliseconds since 1970 of a calendar that shows device local time; only seconds count. */
  readonly date: number;
  /** The counter of milliseconds; its low 16 bits count. */
  readonly counter: number;
}

/** Bytes of a frame around a payload of that size. */
export function dhavSize(
  kind: MediaPacket["kind"],
  key: boolean,
  sound: SoundCodec | undefined,
  payload: number,
): number {
  return HEADER + extensionSize(kind, key, sound) + payload + TRAILER;
}

/** The prefix of a recording. */
export function dhavPrefix(): Uint8Array {
  const prefix = new Uint8Array(PREFIX);
  prefix.set(new TextEncoder().encode("DAHUA"));
  return prefix;
}

/** Bytes that make the picture in a frame longer without changing it: a unit of filler data. */
export const LEAST_FILLER = 8;

/**
 * Writes a frame and returns where it ends. `filler` bytes follow the payload: none, or at least
 * {@linkcode LEAST_FILLER}.
 */
export function writeDhav(
  into: Uint8Array,
  at: number,
  packet: Pick<MediaPacket, "kind" | "key" | "number" | "bytes">,
  track: DhavTrack,
  time: DhavTime,
  filler = 0,
): number {
  const { kind, key, number, bytes } = packet;
  const extension = extensionSize(kind, key, track.sound);
  const length = HEADER + extension + bytes.length + filler + TRAILER;
  // DHAV
  into[at] = 0x44;
  into[at + 1] = 0x48;
  into[at + 2] = 0x41;
  into[at + 3] = 0x56;
  into[at + 4] = key ? TYPES.key : TYPES[kind];
  into[at + 5] = 0;
  into[at + 6] = track.channel;
  into[at + 7] = 0;
  write32(into, at + 8, number);
  write32(into, at + 12, length);
  write32(into, at + 16, dateOf(time.date));
  into[at + 20] = time.counter;
  into[at + 21] = time.counter / 256;
  into[at + 22] = extension;
  let sum = 0;
  for (let i = at; i < at + HEADER - 1; i++) sum += into[i]!;
  into[at + 23] = sum;
  writeExtensions(into, at + HEADER, kind, key, track);
  into.set(bytes, at + HEADER + extension);
  let end = at + HEADER + extension + bytes.length;
  if (filler > 0) writeFiller(into, end, filler, track.video.codec);
  end += filler;
  // dhav
  into[end] = 0x64;
  into[end + 1] = 0x68;
  into[end + 2] = 0x61;
  into[end + 3] = 0x76;
  write32(into, end + 4, length);
  return end + TRAILER;
}

function extensionSize(
  kind: MediaPacket["kind"],
  key: boolean,
  sound: SoundCodec | undefined,
): number {
  if (kind === "aux") return EXTENSIONS.aux;
  if (kind === "video") return key ? EXTENSIONS.key : EXTENSIONS.video;
  return usesLongTag(sound) ? EXTENSIONS.audioLong : EXTENSIONS.audio;
}

/** Both tags for sound are seen; here G.711 has the short one. */
function usesLongTag(sound: SoundCodec | undefined): boolean {
  return sound === "AAC" || sound === "PCM";
}

function writeExtensions(
  into: Uint8Array,
  at: number,
  kind: MediaPacket["kind"],
  key: boolean,
  { video, sound }: DhavTrack,
): void {
  if (kind === "aux") return;
  if (kind === "audio") {
    if (!usesLongTag(sound)) return into.set([0x83, 1, AUDIO[sound!], RATE_8000], at);
    return into.set([0x8c, 0, 1, AUDIO[sound!], RATE_8000, 0, 0, 0], at);
  }
  into.set([0x81, 0, VIDEO[video.codec], 25], at);
  if (!key) return;
  const { width, height } = video;
  into.set([0x82, 0, 0, 0, width & 0xff, width >> 8, height & 0xff, height >> 8], at + 4);
  // Two tags that a reader has to pass over.
  into.set([0x88, 0, 0, 0, 0, 0, 0, 0], at + 12);
}

/** Filler data (type 12 of H.264, 38 of H.265): start code, head, ones, and the bit that ends it. */
function writeFiller(into: Uint8Array, at: number, length: number, codec: VideoCodec): void {
  into.fill(0xff, at, at + length);
  into.set(codec === "H.264" ? [0, 0, 0, 1, 12] : [0, 0, 0, 1, 38 << 1, 1], at);
  into[at + length - 1] = 0x80;
}

function write32(into: Uint8Array, at: number, value: number): void {
  into[at] = value;
  into[at + 1] = value / 0x100;
  into[at + 2] = value / 0x10000;
  into[at + 3] = value / 0x1000000;
}

let dated = { second: -1, bits: 0 };

/** Second, minute, hour, day, month and year since 2000, from the low bits up. */
function dateOf(time: number): number {
  const second = Math.floor(time / 1000);
  if (second === dated.second) return dated.bits; // many frames share one
  const date = new Date(second * 1000);
  const bits = date.getUTCSeconds() | date.getUTCMinutes() << 6 | date.getUTCHours() << 12 |
    date.getUTCDate() << 17 | date.getUTCMonth() + 1 << 22 | date.getUTCFullYear() - 2000 << 26;
  dated = { second, bits: bits >>> 0 };
  return dated.bits;
}
