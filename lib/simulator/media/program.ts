/**
 * What a device sends at a time: pictures, sound and, now and then, something else.
 *
 * Everything follows from the time alone, so that a live stream, a recording of the same moment and
 * a second download agree byte for byte. Times are milliseconds since 1970 of a calendar that shows
 * device local time.
 *
 * @module
 */

import {
  AAC_SIZES,
  type AccessUnit,
  type Clip,
  type ClipInfo,
  FRAME_MS,
  frameAt,
  frameSizes,
  isKey,
  loadAac,
  loadClip,
} from "./source.ts";
import { encodeALaw, encodeMuLaw, encodePcm, secondOfSound } from "./sound.ts";

/** How sound is coded, in the words of the table `Encode`. */
export type SoundCodec = "G.711A" | "G.711Mu" | "PCM" | "AAC";

/** Milliseconds between two packets that are neither picture nor sound, and where they stand. */
const AUX = { every: 4000, at: 2020, size: 24 } as const;

/** A piece of a stream. */
export interface MediaPacket {
  /** What it is. */
  readonly kind: "video" | "audio" | "aux";
  /** When it was taken. */
  readonly time: number;
  /** Its number among those of its kind; only grows. */
  readonly number: number;
  /** True for a picture that a decoder can begin with. */
  readonly key: boolean;
  /** Annex B, samples, ADTS or whatever. */
  readonly bytes: Uint8Array;
  /** The units of a picture. */
  readonly units: readonly Uint8Array[];
}

/** What a stream consists of, without the bytes. */
export interface ProgramInfo {
  /** Pictures. */
  readonly video: ClipInfo;
  /** Sound; undefined: none. */
  readonly sound: SoundCodec | undefined;
}

/** A stream that can be sent. */
export interface Program {
  /** Pictures. */
  readonly video: Clip;
  /** Sound; undefined: none. */
  readonly sound: Sound | undefined;
}

/** Sound with its packets. */
export interface Sound {
  /** How it is coded. */
  readonly codec: SoundCodec;
  /** Milliseconds of a packet. */
  readonly step: number;
  /** One round of packets. */
  readonly blocks: readonly Uint8Array[];
}

const NO_UNITS: readonly Uint8Array[] = [];
const AUX_BYTES = new Uint8Array(AUX.size).fill(0x20);

/** Milliseconds of a packet of sound: of 1024 samples with AAC, as long as a picture otherwise. */
function soundStep(codec: SoundCodec): number {
  return codec === "AAC" ? 128 : FRAME_MS;
}

/** Sizes of one round of packets of sound, known before it is unpacked. */
function soundSizes(codec: SoundCodec): readonly number[] {
  if (codec === "AAC") return AAC_SIZES;
  return Array<number>(1000 / FRAME_MS).fill(codec === "PCM" ? 640 : 320);
}

const sounds = new Map<SoundCodec, Sound>();

function loadSound(codec: SoundCodec): Sound {
  let sound = sounds.get(codec);
  if (sound === undefined) {
    const blocks = codec === "AAC" ? loadAac() : cut(codec);
    sounds.set(codec, sound = { codec, step: soundStep(codec), blocks });
  }
  return sound;
}

function cut(codec: Exclude<SoundCodec, "AAC">): Uint8Array[] {
  const samples = secondOfSound();
  const bytes = codec === "G.711A"
    ? encodeALaw(samples)
    : codec === "G.711Mu"
    ? encodeMuLaw(samples)
    : encodePcm(samples, true);
  const size = bytes.length * FRAME_MS / 1000;
  return Array.from(
    { length: 1000 / FRAME_MS },
    (_, i) => bytes.subarray(i * size, (i + 1) * size),
  );
}

/** What a stream consists of, with its bytes. */
export function loadProgram({ video, sound }: ProgramInfo): Program {
  return { video: loadClip(video), sound: sound === undefined ? undefined : loadSound(sound) };
}

/** A size in bytes and what it is of. */
export interface PacketSize {
  /** What it is of. */
  readonly kind: MediaPacket["kind"];
  /** True for a key frame. */
  readonly key: boolean;
  /** Bytes without any header. */
  readonly size: number;
}

/** Sizes of all packets from a time on, up to another, in their order. */
export function* sizesBetween(
  info: ProgramInfo,
  from: number,
  to: number,
): Generator<PacketSize, void, void> {
  const video = frameSizes(info.video);
  const sound = info.sound === undefined ? [] : soundSizes(info.sound);
  for (const { kind, number } of schedule(info.sound, from, to)) {
    if (kind === "video") {
      yield { kind, key: isKey(number), size: video[number % video.length]! };
    } else if (kind === "audio") yield { kind, key: false, size: sound[number % sound.length]! };
    else yield { kind, key: false, size: AUX.size };
  }
}

/** All packets from a time on, up to another, in their order. */
export function* packetsBetween(
  { video, sound }: Program,
  from: number,
  to: number,
): Generator<MediaPacket, void, void> {
  for (const { kind, number, time } of schedule(sound?.codec, from, to)) {
    if (kind === "video") {
      const frame: AccessUnit = frameAt(video, number);
      yield { kind, time, number, key: frame.key, bytes: frame.bytes, units: frame.units };
    } else {
      const bytes = kind === "aux" ? AUX_BYTES : sound!.blocks[number % sound!.blocks.length]!;
      yield { kind, time, number, key: false, bytes, units: NO_UNITS };
    }
  }
}

interface Slot {
  readonly kind: MediaPacket["kind"];
  readonly number: number;
  readonly time: number;
}

/** What comes when: at one time the picture first. */
function* schedule(
  sound: SoundCodec | undefined,
  from: number,
  to: number,
): Generator<Slot, void, void> {
  const step = sound === undefined ? Infinity : soundStep(sound);
  let picture = Math.ceil(from / FRAME_MS);
  let block = sound === undefined ? Infinity : Math.ceil(from / step);
  let aux = Math.ceil((from - AUX.at) / AUX.every);
  for (;;) {
    const times = [picture * FRAME_MS, block * step, aux * AUX.every + AUX.at] as const;
    const time = Math.min(...times);
    if (time >= to) return;
    if (time === times[0]) yield { kind: "video", number: picture++, time };
    else if (time === times[1]) yield { kind: "audio", number: block++, time };
    else yield { kind: "aux", number: aux++, time };
  }
}
