/**
 * What sequence parameter sets say about a stream: size, rate, profile.
 *
 * @module
 */

import { BitReader, OutOfBits } from "./_bits.ts";
import type { NalCodec } from "./annexb.ts";

/** What is known from a sequence parameter set. */
export interface SpsInfo {
  /** Pixels that are shown. */
  readonly width: number;
  /** Pixels that are shown. */
  readonly height: number;
  /** Pictures per second; undefined when the stream does not say. */
  readonly frameRate: number | undefined;
  /** Colour samples: 0 none, 1 4:2:0, 2 4:2:2, 3 4:4:4. */
  readonly chroma: number;
  /** Bits of a brightness sample. */
  readonly lumaBits: number;
  /** Bits of a colour sample. */
  readonly chromaBits: number;
  /** Codec string of RFC 6381, for example `avc1.64001F` or `hvc1.1.6.L120.90`. */
  readonly codec: string;
}

/**
 * Reads a sequence parameter set, a NAL unit without its start code. Undefined when it is damaged.
 * H.264 section 7.3.2.1, H.265 section 7.3.2.2.
 */
export function readSps(codec: NalCodec, unit: Uint8Array): SpsInfo | undefined {
  try {
    const info = codec === "h264" ? readH264(unit) : readH265(unit);
    return info !== undefined && isSide(info.width) && isSide(info.height) ? info : undefined;
  } catch (error) {
    if (error instanceof OutOfBits) return undefined;
    throw error;
  }
}

/** Sixteen bits is what containers have for it. */
function isSide(pixels: number): boolean {
  return pixels > 0 && pixels <= 0xffff;
}

/** Profiles whose parameter sets tell the chroma format. */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

function readH264(unit: Uint8Array): SpsInfo | undefined {
  if ((unit[0]! & 0x1f) !== 7 || unit.length < 4) return undefined;
  const [profile, constraints, level] = [unit[1]!, unit[2]!, unit[3]!];
  const bits = new BitReader(unit, 4);
  bits.ue(); // seq_parameter_set_id
  let chroma = 1;
  let lumaBits = 8;
  let chromaBits = 8;
  let separatePlanes = false;
  if (HIGH_PROFILES.has(profile)) {
    chroma = bits.ue();
    if (chroma > 3) return undefined;
    if (chroma === 3) separatePlanes = bits.flag();
    lumaBits += bits.ue();
    chromaBits += bits.ue();
    bits.skip(1);
    if (bits.flag()) skipScalingLists(bits, chroma === 3 ? 12 : 8);
  }
  bits.ue(); // log2_max_frame_num_minus4
  const orderType = bits.ue();
  if (orderType === 0) bits.ue();
  else if (orderType === 1) {
    bits.skip(1);
    bits.se();
    bits.se();
    const count = bits.ue();
    if (count > 255) return undefined;
    for (let index = 0; index < count; index++) bits.se();
  }
  bits.ue(); // max_num_ref_frames
  bits.skip(1);
  const macroblocksWide = bits.ue() + 1;
  const mapUnitsHigh = bits.ue() + 1;
  const framesOnly = bits.flag();
  if (!framesOnly) bits.skip(1);
  bits.skip(1); // direct_8x8_inference_flag
  const fields = framesOnly ? 1 : 2;
  const planar = separatePlanes ? 0 : chroma;
  const crop = readCrop(bits, {
    x: planar === 1 || planar === 2 ? 2 : 1,
    y: (planar === 1 ? 2 : 1) * fields,
  });
  return {
    width: macroblocksWide * 16 - crop.x,
    height: mapUnitsHigh * 16 * fields - crop.y,
    frameRate: bits.flag() ? h264Rate(bits) : undefined,
    chroma,
    lumaBits,
    chromaBits,
    codec: `avc1.${hex(profile)}${hex(constraints)}${hex(level)}`,
  };
}

/** What a picture loses at its edges, in pixels. */
function readCrop(bits: BitReader, unit: { x: number; y: number }): { x: number; y: number } {
  if (!bits.flag()) return { x: 0, y: 0 };
  const [left, right, top, bottom] = [bits.ue(), bits.ue(), bits.ue(), bits.ue()];
  return { x: (left + right) * unit.x, y: (top + bottom) * unit.y };
}

function skipScalingLists(bits: BitReader, count: number): void {
  for (let index = 0; index < count; index++) {
    if (!bits.flag()) continue;
    let last = 8;
    let next = 8;
    for (let entry = 0; entry < (index < 6 ? 16 : 64); entry++) {
      if (next !== 0) next = (last + bits.se() + 256) % 256;
      if (next !== 0) last = next;
    }
  }
}

/** The front of the usability information, up to the timing. */
function skipToTiming(bits: BitReader): void {
  if (bits.flag() && bits.bits(8) === 255) bits.skip(32); // aspect ratio
  if (bits.flag()) bits.skip(1); // overscan
  if (bits.flag()) { // video signal type
    bits.skip(4);
    if (bits.flag()) bits.skip(24);
  }
  if (bits.flag()) { // chroma location
    bits.ue();
    bits.ue();
  }
}

function h264Rate(bits: BitReader): number | undefined {
  try {
    skipToTiming(bits);
    return readTiming(bits, 2); // its tick is that of a field
  } catch (error) {
    if (error instanceof OutOfBits) return undefined; // some cameras cut the set off here
    throw error;
  }
}

function readTiming(bits: BitReader, ticksPerPicture: number): number | undefined {
  if (!bits.flag()) return undefined;
  const units = bits.bits(32);
  const scale = bits.bits(32);
  const rate = scale / (units * ticksPerPicture);
  return units > 0 && rate > 0 && rate <= 1000 ? rate : undefined;
}

function readH265(unit: Uint8Array): SpsInfo | undefined {
  if (((unit[0]! >> 1) & 0x3f) !== 33) return undefined;
  const bits = new BitReader(unit, 2);
  bits.skip(4); // sps_video_parameter_set_id
  const subLayers = bits.bits(3);
  if (subLayers > 6) return undefined;
  bits.skip(1);
  const codec = readProfile(bits, subLayers);
  bits.ue(); // sps_seq_parameter_set_id
  const chroma = bits.ue();
  if (chroma > 3) return undefined;
  const separatePlanes = chroma === 3 && bits.flag();
  const width = bits.ue();
  const height = bits.ue();
  const planar = separatePlanes ? 0 : chroma;
  const crop = readCrop(bits, {
    x: planar === 1 || planar === 2 ? 2 : 1,
    y: planar === 1 ? 2 : 1,
  });
  const lumaBits = 8 + bits.ue();
  const chromaBits = 8 + bits.ue();
  let frameRate: number | undefined;
  try {
    frameRate = h265Rate(bits, subLayers);
  } catch (error) {
    if (!(error instanceof OutOfBits)) throw error; // the size is what matters
  }
  return {
    width: width - crop.x,
    height: height - crop.y,
    frameRate,
    chroma,
    lumaBits,
    chromaBits,
    codec,
  };
}

/** profile_tier_level; the codec string as ISO/IEC 14496-15 annex E has it. */
function readProfile(bits: BitReader, subLayers: number): string {
  const space = ["", "A", "B", "C"][bits.bits(2)]!;
  const tier = bits.flag() ? "H" : "L";
  const profile = bits.bits(5);
  const compatibility = bits.bits(32);
  const constraints = Array.from({ length: 6 }, () => bits.bits(8));
  const level = bits.bits(8);
  const present = Array.from({ length: subLayers }, () => [bits.flag(), bits.flag()]);
  if (subLayers > 0) bits.skip(2 * (8 - subLayers));
  for (const [hasProfile, hasLevel] of present) {
    bits.skip((hasProfile ? 88 : 0) + (hasLevel ? 8 : 0));
  }
  while (constraints.at(-1) === 0) constraints.pop();
  const flags = reversed(compatibility).toString(16).toUpperCase();
  const tail = constraints.map((byte) => `.${byte.toString(16).toUpperCase()}`).join("");
  return `hvc1.${space}${profile}.${flags}.${tier}${level}${tail}`;
}

function reversed(bits: number): number {
  let value = 0;
  for (let index = 0; index < 32; index++) value = value * 2 + ((bits >>> index) & 1);
  return value;
}

/** Walks from the bit depths to the timing of the usability information. */
function h265Rate(bits: BitReader, subLayers: number): number | undefined {
  const orderBits = bits.ue() + 4;
  if (orderBits > 16) return undefined;
  const everyLayer = bits.flag();
  for (let layer = everyLayer ? 0 : subLayers; layer <= subLayers; layer++) {
    bits.ue();
    bits.ue();
    bits.ue();
  }
  for (let index = 0; index < 6; index++) bits.ue(); // block sizes and depths
  if (bits.flag() && bits.flag()) skipH265ScalingLists(bits);
  bits.skip(2); // amp, sample adaptive offset
  if (bits.flag()) { // pcm
    bits.skip(8);
    bits.ue();
    bits.ue();
    bits.skip(1);
  }
  if (!skipReferenceSets(bits)) return undefined;
  if (bits.flag()) { // long-term reference pictures
    const count = bits.ue();
    if (count > 32) return undefined;
    bits.skip(count * (orderBits + 1));
  }
  bits.skip(2); // temporal mvp, strong intra smoothing
  if (!bits.flag()) return undefined; // no usability information
  skipToTiming(bits);
  bits.skip(3); // neutral chroma, field sequence, frame field info
  if (bits.flag()) { // default display window
    for (let index = 0; index < 4; index++) bits.ue();
  }
  return readTiming(bits, 1);
}

function skipH265ScalingLists(bits: BitReader): void {
  for (let size = 0; size < 4; size++) {
    for (let matrix = 0; matrix < 6; matrix += size === 3 ? 3 : 1) {
      if (!bits.flag()) {
        bits.ue();
        continue;
      }
      if (size > 1) bits.se();
      const count = Math.min(64, 1 << (4 + (size << 1)));
      for (let index = 0; index < count; index++) bits.se();
    }
  }
}

/** Short-term reference picture sets; false when they make no sense. */
function skipReferenceSets(bits: BitReader): boolean {
  const sets = bits.ue();
  if (sets > 64) return false;
  let previous = 0;
  for (let set = 0; set < sets; set++) {
    if (set > 0 && bits.flag()) { // predicted from the set before
      bits.skip(1);
      bits.ue();
      let count = 0;
      for (let index = 0; index <= previous; index++) {
        const used = bits.flag();
        if (used || bits.flag()) count++;
      }
      previous = count;
      continue;
    }
    const pictures = bits.ue() + bits.ue();
    if (pictures > 32) return false;
    for (let index = 0; index < pictures; index++) {
      bits.ue();
      bits.skip(1);
    }
    previous = pictures;
  }
  return true;
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}
