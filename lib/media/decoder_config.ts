/**
 * H.264 and H.265 as files hold them: parameter sets in a record of their own, units behind their
 * length instead of a start code (ISO/IEC 14496-15).
 *
 * @module
 */

import { type NalCodec, nalKind, nalUnits, type ParameterSets } from "./annexb.ts";
import { readSps, type SpsInfo } from "./sps.ts";

/** What a file has to know of pictures before the first one. */
export interface DecoderConfig {
  /** What the sequence parameter set says. */
  readonly info: SpsInfo;
  /** `avcC` or `hvcC`, without the head of the box. */
  readonly record: Uint8Array;
  /** The parameter sets it was made of. */
  readonly sets: ParameterSets;
}

/** Makes the record of parameter sets; undefined when some are missing or damaged. */
export function decoderConfig(codec: NalCodec, sets: ParameterSets): DecoderConfig | undefined {
  const [sps] = sets.sps;
  if (sps === undefined || sets.pps.length === 0) return undefined;
  if (codec === "h265" && sets.vps.length === 0) return undefined;
  const info = readSps(codec, sps);
  if (info === undefined || info.width <= 0 || info.height <= 0) return undefined;
  const own: ParameterSets = {
    vps: copies(sets.vps),
    sps: copies(sets.sps),
    pps: copies(sets.pps),
  };
  return { info, record: codec === "h264" ? avcc(own, info) : hvcc(own, info), sets: own };
}

/** True when both hold the same parameter sets. */
export function isSameSets(one: ParameterSets, other: ParameterSets): boolean {
  const same = (a: readonly Uint8Array[], b: readonly Uint8Array[]) =>
    a.length === b.length && a.every((bytes, index) => isSame(bytes, b[index]!));
  return same(one.sps, other.sps) && same(one.pps, other.pps) && same(one.vps, other.vps);
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

/** Parameter sets outlive the chunk that they came in. */
function copies(units: readonly Uint8Array[]): Uint8Array[] {
  return units.map((unit) => unit.slice());
}

/**
 * The units of an access unit behind their lengths of 4 bytes each. Parameter sets and delimiters
 * are left out: the record holds the sets, and readers of `avc1` and `hvc1` look nowhere else.
 */
export function lengthPrefixed(codec: NalCodec, annexB: Uint8Array): Uint8Array {
  const units: Uint8Array[] = [];
  let size = 0;
  for (const unit of nalUnits(annexB)) {
    const kind = nalKind(codec, unit);
    if (kind === "sps" || kind === "pps" || kind === "vps" || kind === "delimiter") continue;
    units.push(unit);
    size += 4 + unit.length;
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const unit of units) {
    const { length } = unit;
    bytes[at] = length >>> 24;
    bytes[at + 1] = length >>> 16;
    bytes[at + 2] = length >>> 8;
    bytes[at + 3] = length;
    bytes.set(unit, at + 4);
    at += 4 + length;
  }
  return bytes;
}

/** Profiles whose record tells the colour format (section 5.3.3.1.2). */
const HIGH_PROFILES = new Set([100, 110, 122, 144, 244]);

/** AVCDecoderConfigurationRecord. */
function avcc({ sps, pps }: ParameterSets, info: SpsInfo): Uint8Array {
  const [, profile, constraints, level] = sps[0]!;
  const bytes = [1, profile!, constraints!, level!, 0xff, 0xe0 | sps.length];
  for (const unit of sps) bytes.push(...lengthOf(unit), ...unit);
  bytes.push(pps.length);
  for (const unit of pps) bytes.push(...lengthOf(unit), ...unit);
  if (HIGH_PROFILES.has(profile!)) {
    bytes.push(0xfc | info.chroma, 0xf8 | (info.lumaBits - 8), 0xf8 | (info.chromaBits - 8), 0);
  }
  return Uint8Array.from(bytes);
}

/** HEVCDecoderConfigurationRecord (section 8.3.3.1.2). */
function hvcc({ vps, sps, pps }: ParameterSets, info: SpsInfo): Uint8Array {
  // Behind the unit's head of 2 bytes: sub-layers and nesting, then profile, tier and level.
  const head = withoutEmulation(sps[0]!.subarray(2, 32));
  const subLayers = ((head[0]! >> 1) & 7) + 1;
  const bytes = [1, ...head.subarray(1, 13)];
  bytes.push(0xf0, 0x00); // min_spatial_segmentation_idc: unknown
  bytes.push(0xfc); // parallelismType: unknown
  bytes.push(0xfc | info.chroma, 0xf8 | (info.lumaBits - 8), 0xf8 | (info.chromaBits - 8));
  bytes.push(0, 0); // avgFrameRate: unknown
  bytes.push((subLayers << 3) | ((head[0]! & 1) << 2) | 3, 3);
  for (const [type, units] of [[32, vps], [33, sps], [34, pps]] as const) {
    // All of them are here, and none in the stream.
    bytes.push(0x80 | type, ...[units.length >> 8, units.length & 0xff]);
    for (const unit of units) bytes.push(...lengthOf(unit), ...unit);
  }
  return Uint8Array.from(bytes);
}

function lengthOf({ length }: Uint8Array): [number, number] {
  return [length >> 8, length & 0xff];
}

/** The bytes without the 3 of each 00 00 03. */
function withoutEmulation(bytes: Uint8Array): Uint8Array {
  return bytes.filter((byte, at) => !(byte === 3 && bytes[at - 1] === 0 && bytes[at - 2] === 0));
}
