/**
 * One frame of the DHAV container, all fields little-endian.
 *
 * | offset | size | field                                                             |
 * | ------ | ---- | ----------------------------------------------------------------- |
 * | 0      | 4    | the bytes `DHAV`                                                  |
 * | 4      | 1    | type: FD key picture, FC other picture, F0 sound, F1 auxiliary    |
 * | 5      | 1    | subtype                                                           |
 * | 6      | 1    | channel                                                           |
 * | 7      | 1    | sub-frame number                                                  |
 * | 8      | 4    | frame number                                                      |
 * | 12     | 4    | length of the whole frame                                         |
 * | 16     | 4    | the device's wall clock, packed                                   |
 * | 20     | 2    | milliseconds, a counter that wraps                                |
 * | 22     | 1    | length of the extensions                                          |
 * | 23     | 1    | checksum: sum of the 23 bytes before it                           |
 * | 24     |      | extensions, then the payload                                      |
 * | end-8  | 8    | the bytes `dhav` and the length again                             |
 *
 * Auxiliary frames have neither milliseconds nor extensions: their payload begins at 20. Layout
 * after FFmpeg's demuxer; the checksum is checked by old PlaySDK parsers.
 *
 * @module
 */

/** Length of a header in bytes. */
export const DHAV_HEADER = 24;
/** Length of a trailer in bytes. */
export const DHAV_TRAILER = 8;

/** What a frame carries. `other` are types that no public source explains. */
export type DhavKind = "video_key" | "video_inter" | "audio" | "aux" | "other";

/** Codecs of pictures. */
export type DhavVideoCodec = "h264" | "h265" | "mpeg4" | "mjpeg" | "unknown";

/** Codecs of sound. */
export type DhavAudioCodec =
  | "pcm_s8"
  | "pcm_s16le"
  | "pcm_mulaw"
  | "pcm_alaw"
  | "aac"
  | "mp2"
  | "mp3"
  | "adpcm_ms"
  | "unknown";

/** What the extensions say about pictures. */
export interface DhavVideo {
  /** Codec; undefined when this frame does not say. */
  readonly codec?: DhavVideoCodec;
  /** The device's number of the codec. */
  readonly codecId?: number;
  /** Frames per second. */
  readonly fps?: number;
  /** Pixels. */
  readonly width?: number;
  /** Pixels. */
  readonly height?: number;
}

/** What the extensions say about sound. */
export interface DhavAudio {
  /** Codec. */
  readonly codec: DhavAudioCodec;
  /** The device's number of the codec. */
  readonly codecId: number;
  /** Number of channels. */
  readonly channels: number;
  /** Hertz; undefined for a rate that no public source explains. */
  readonly sampleRate?: number;
}

/** One extension, with its tag. */
export interface DhavExtension {
  /** Tag, its first byte. */
  readonly tag: number;
  /** All of its bytes: a view. For an unknown tag everything up to the payload. */
  readonly bytes: Uint8Array;
}

/** A frame. Its views belong to the consumer: no later `push` changes them. */
export interface DhavFrame {
  /** Where it began, in bytes since the start of the stream. */
  readonly offset: number;
  /** Bytes that were lost between the frame before and this one. */
  readonly skipped: number;
  /** What it carries. */
  readonly kind: DhavKind;
  /** Type byte. */
  readonly type: number;
  /** Subtype byte. */
  readonly subtype: number;
  /** Channel on the wire, from 0. */
  readonly channel: number;
  /** Sub-frame number. */
  readonly subFrame: number;
  /** Counts frames of one kind; wraps at 2^32. */
  readonly frameNumber: number;
  /** Length of the whole frame in bytes. */
  readonly length: number;
  /** The device's wall clock, packed; see {@linkcode dhavDate}. */
  readonly date: number;
  /** Milliseconds of a counter that wraps at 2^16; undefined for auxiliary frames. */
  readonly timestamp: number | undefined;
  /** Extension area: a view. */
  readonly extension: Uint8Array;
  /** What the extensions say about the picture, if they do. */
  readonly video: DhavVideo | undefined;
  /** What the extensions say about the sound, if they do. */
  readonly audio: DhavAudio | undefined;
  /** Content: a view. Annex B for H.264 and H.265. */
  readonly payload: Uint8Array;
  /** False when the header's checksum is wrong; undefined for auxiliary frames, which have none. */
  readonly checksumOk: boolean | undefined;
  /** False when the trailer is damaged. */
  readonly trailerOk: boolean;
}

const KINDS: Readonly<Record<number, DhavKind>> = {
  0xfd: "video_key",
  0xfc: "video_inter",
  0xf0: "audio",
  0xf1: "aux",
};

const VIDEO_CODECS: Readonly<Record<number, DhavVideoCodec>> = {
  0x01: "mpeg4",
  0x02: "h264",
  0x03: "mjpeg",
  0x04: "h264",
  0x08: "h264",
  0x0c: "h265",
};

const AUDIO_CODECS: Readonly<Record<number, DhavAudioCodec>> = {
  0x07: "pcm_s8",
  0x0a: "pcm_mulaw",
  0x0c: "pcm_s16le",
  0x0d: "adpcm_ms",
  0x0e: "pcm_alaw",
  0x10: "pcm_s16le",
  0x16: "pcm_mulaw",
  0x1a: "aac",
  0x1f: "mp2",
  0x21: "mp3",
};

const SAMPLE_RATES: readonly (number | undefined)[] = [
  8_000,
  4_000,
  8_000,
  11_025,
  16_000,
  20_000,
  22_050,
  32_000,
  44_100,
  48_000,
  96_000,
  192_000,
  64_000,
];

/** Lengths of the extensions in bytes, their tag included. */
const EXTENSION_LENGTHS: Readonly<Record<number, number>> = {
  0x80: 4,
  0x81: 4,
  0x82: 8,
  0x83: 4,
  0x84: 4,
  0x85: 4,
  0x88: 8,
  0x8b: 4,
  0x8c: 8,
  0x91: 8,
  0x92: 8,
  0x93: 8,
  0x94: 4,
  0x95: 8,
  0x96: 4,
  0x9a: 8,
  0x9b: 8,
  0xa0: 4,
  0xb2: 4,
  0xb3: 8,
  0xb4: 4,
};

/** What a frame of this type carries. */
function kindOf(type: number): DhavKind {
  return KINDS[type] ?? "other";
}

/** The checksum of a header that begins at `at`. */
export function checksumOf(bytes: Uint8Array, at: number): number {
  let sum = 0;
  for (let index = at; index < at + 23; index++) sum += bytes[index]!;
  return sum & 0xff;
}

/**
 * Reads a frame that lies whole in `bytes`.
 *
 * @param at where it begins
 * @param length length that its header says, which must fit
 */
export function readFrame(
  bytes: Uint8Array,
  at: number,
  length: number,
  place: { readonly offset: number; readonly skipped: number },
): DhavFrame {
  const type = bytes[at + 4]!;
  const kind = kindOf(type);
  const isAux = kind === "aux";
  const end = at + length - DHAV_TRAILER;
  const start = isAux ? at + 20 : Math.min(at + DHAV_HEADER + bytes[at + 22]!, end);
  const extension = bytes.subarray(isAux ? start : at + DHAV_HEADER, start);
  const info = extension.length === 0 ? NOTHING : readExtensions(extension);
  return {
    offset: place.offset,
    skipped: place.skipped,
    kind,
    type,
    subtype: bytes[at + 5]!,
    channel: bytes[at + 6]!,
    subFrame: bytes[at + 7]!,
    frameNumber: u32(bytes, at + 8),
    length,
    date: u32(bytes, at + 16),
    timestamp: isAux ? undefined : bytes[at + 20]! | (bytes[at + 21]! << 8),
    extension,
    video: info.video,
    audio: info.audio,
    payload: bytes.subarray(start, end),
    checksumOk: isAux ? undefined : checksumOf(bytes, at) === bytes[at + 23],
    trailerOk: isTrailer(bytes, end) && u32(bytes, end + 4) === length,
  };
}

/** True when the bytes `dhav` stand there. */
export function isTrailer(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0x64 && bytes[at + 1] === 0x68 && bytes[at + 2] === 0x61 &&
    bytes[at + 3] === 0x76;
}

/** The extensions of a frame one by one. */
export function* extensionsOf(area: Uint8Array): Generator<DhavExtension, void, void> {
  for (let at = 0; at < area.length;) {
    const tag = area[at]!;
    // How long an unknown one is nobody knows: the rest goes with it.
    const length = EXTENSION_LENGTHS[tag] ?? area.length - at;
    yield { tag, bytes: area.subarray(at, at + length) };
    at += length;
  }
}

interface Info {
  readonly video: DhavVideo | undefined;
  readonly audio: DhavAudio | undefined;
}

const NOTHING: Info = { video: undefined, audio: undefined };

function readExtensions(area: Uint8Array): Info {
  let video: { -readonly [K in keyof DhavVideo]: DhavVideo[K] } | undefined;
  let audio: DhavAudio | undefined;
  for (let at = 0; at < area.length;) {
    const tag = area[at]!;
    const length = EXTENSION_LENGTHS[tag];
    if (length === undefined || at + length > area.length) break;
    if (tag === 0x80) {
      video = { ...video, width: area[at + 2]! * 8, height: area[at + 3]! * 8 };
    } else if (tag === 0x81) {
      const codecId = area[at + 2]!;
      video = { ...video, codec: VIDEO_CODECS[codecId] ?? "unknown", codecId, fps: area[at + 3]! };
    } else if (tag === 0x82) {
      video = {
        ...video,
        width: area[at + 4]! | (area[at + 5]! << 8),
        height: area[at + 6]! | (area[at + 7]! << 8),
      };
    } else if (tag === 0x83) {
      audio = audioOf(area[at + 1]!, area[at + 2]!, area[at + 3]!);
    } else if (tag === 0x8c) {
      audio = audioOf(area[at + 2]!, area[at + 3]!, area[at + 4]!);
    }
    at += length;
  }
  return video === undefined && audio === undefined ? NOTHING : { video, audio };
}

function audioOf(channels: number, codecId: number, rate: number): DhavAudio {
  const sampleRate = SAMPLE_RATES[rate];
  const codec = AUDIO_CODECS[codecId] ?? "unknown";
  return { codec, codecId, channels, ...(sampleRate === undefined ? {} : { sampleRate }) };
}

/**
 * The wall clock of a frame: the device's local time. Undefined when it is no date, as in streams of
 * devices whose clock was never set.
 */
export function dhavDate(packed: number): Temporal.PlainDateTime | undefined {
  try {
    return new Temporal.PlainDateTime(
      2000 + (packed >>> 26),
      (packed >>> 22) & 0x0f,
      (packed >>> 17) & 0x1f,
      (packed >>> 12) & 0x1f,
      (packed >>> 6) & 0x3f,
      packed & 0x3f,
    );
  } catch {
    return undefined;
  }
}

/** A little-endian u32. */
export function u32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>>
    0;
}
