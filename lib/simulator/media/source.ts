/**
 * The pictures and sounds that a device sends again and again, cut into frames.
 *
 * @module
 */

// A dynamic import would need permission to read files, where a compiled program has none.
import source from "./source.json" with { type: "json" };
import sizes from "./source_sizes.json" with { type: "json" };

/** Frames a second. */
export const FRAME_RATE = 25;

/** Milliseconds of a frame. */
export const FRAME_MS: number = 1000 / FRAME_RATE;

/** Frames after which the picture begins anew; the number goes from 0 to 249. */
export const LOOP_FRAMES = 250;

/** How pictures are coded. */
export type VideoCodec = "H.264" | "H.265";

/** Which of the two sizes. */
export type PictureSize = "main" | "sub";

/** One coded picture with everything that belongs to it. */
export interface AccessUnit {
  /** In Annex B form: start codes and units. */
  readonly bytes: Uint8Array;
  /** True when a decoder can begin with it; it then has the parameter sets in front. */
  readonly key: boolean;
  /** Its units without start codes. */
  readonly units: readonly Uint8Array[];
}

/** What there is of a stream without its pictures. */
export interface ClipInfo {
  /** Name in the files of the source. */
  readonly name: "h264_main" | "h264_sub" | "h265_main" | "h265_sub";
  /** Codec. */
  readonly codec: VideoCodec;
  /** Size. */
  readonly size: PictureSize;
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
}

/** A stream of pictures. */
export interface Clip extends ClipInfo {
  /** One round of it. */
  readonly frames: readonly AccessUnit[];
}

const MAIN = { size: "main", width: 320, height: 180 } as const;
const SUB = { size: "sub", width: 160, height: 90 } as const;

/** All streams. */
export const CLIPS: readonly ClipInfo[] = [
  { name: "h264_main", codec: "H.264", ...MAIN },
  { name: "h264_sub", codec: "H.264", ...SUB },
  { name: "h265_main", codec: "H.265", ...MAIN },
  { name: "h265_sub", codec: "H.265", ...SUB },
];

/** The stream of a codec and a size, without its pictures. */
export function clipInfo(codec: VideoCodec, size: PictureSize): ClipInfo {
  return CLIPS.find((clip) => clip.codec === codec && clip.size === size)!;
}

/** Bytes of each picture of a stream, known before it is unpacked. */
export function frameSizes(clip: ClipInfo): readonly number[] {
  return sizes[clip.name];
}

/** Bytes of each frame of one round of AAC, ADTS headers included. */
export const AAC_SIZES: readonly number[] = sizes.aac;

const clips = new Map<string, Clip>();
let aac: readonly Uint8Array[] | undefined;

/** A stream with its pictures; most simulators never send one, so they are unpacked when wanted. */
export function loadClip(info: ClipInfo): Clip {
  let clip = clips.get(info.name);
  if (clip === undefined) {
    const stream = Uint8Array.fromBase64(source[info.name]);
    clips.set(info.name, clip = { ...info, frames: sliceUnits(stream, info.codec) });
  }
  return clip;
}

/** One round of AAC: frames of 1024 samples at 8 kHz with ADTS headers. */
export function loadAac(): readonly Uint8Array[] {
  return aac ??= source.aac.split(" ").map((frame) => Uint8Array.fromBase64(frame));
}

/** The coded picture of a frame number that only grows. */
export function frameAt(clip: Clip, number: number): AccessUnit {
  return clip.frames[number % LOOP_FRAMES]!;
}

/** True when the frame of that number is a key frame. */
export function isKey(number: number): boolean {
  return number % FRAME_RATE === 0;
}

/** Cuts a stream in Annex B form into coded pictures. */
export function sliceUnits(stream: Uint8Array, codec: VideoCodec): AccessUnit[] {
  const begins = startCodes(stream);
  const pictures: AccessUnit[] = [];
  let first = 0; // where the picture that is being gathered begins
  let units: Uint8Array[] = [];
  let drawn = false;
  let key = false;
  const finish = (end: number) => {
    pictures.push({ bytes: stream.subarray(first, end), key, units });
    first = end;
    units = [];
    drawn = key = false;
  };
  for (const [index, { at, unit }] of begins.entries()) {
    const bytes = stream.subarray(unit, begins[index + 1]?.at ?? stream.length);
    const { slice, newPicture, random } = kindOf(bytes, codec);
    // A slice that begins a picture, or anything but a slice, ends the picture before it.
    if (drawn && (!slice || newPicture)) finish(at);
    drawn ||= slice;
    key ||= random;
    units.push(bytes);
  }
  if (drawn) finish(stream.length);
  return pictures;
}

/** Where units begin, with and without their start codes of three or four bytes. */
function startCodes(stream: Uint8Array): { at: number; unit: number }[] {
  const found: { at: number; unit: number }[] = [];
  for (let i = 0; i + 3 <= stream.length; i++) {
    if (stream[i] !== 0 || stream[i + 1] !== 0 || stream[i + 2] !== 1) continue;
    found.push({ at: i > 0 && stream[i - 1] === 0 ? i - 1 : i, unit: i + 3 });
    i += 2;
  }
  return found;
}

/** What a unit is: a slice, the first one of a picture, one of a picture without past. */
function kindOf(
  unit: Uint8Array,
  codec: VideoCodec,
): { slice: boolean; newPicture: boolean; random: boolean } {
  if (codec === "H.264") {
    const type = unit[0]! & 0x1f;
    const slice = type === 1 || type === 5;
    // first_mb_in_slice is 0 when its Exp-Golomb code is a single one.
    return { slice, newPicture: slice && unit[1]! >= 0x80, random: type === 5 };
  }
  const type = unit[0]! >> 1 & 0x3f;
  const slice = type < 32;
  return { slice, newPicture: slice && unit[2]! >= 0x80, random: type >= 16 && type <= 23 };
}
