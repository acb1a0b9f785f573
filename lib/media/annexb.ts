/**
 * H.264 and H.265 as cameras send it: NAL units behind start codes (Annex B of both standards).
 *
 * @module
 */

/** Codecs whose pictures come as NAL units. */
export type NalCodec = "h264" | "h265";

/** What a NAL unit is, as far as recording is concerned. */
export type NalKind = "key" | "inter" | "vps" | "sps" | "pps" | "sei" | "delimiter" | "other";

/**
 * The NAL units of Annex B bytes, without their start codes and the zeros around them. Views; bytes
 * before the first start code belong to none.
 */
export function* nalUnits(bytes: Uint8Array): Generator<Uint8Array, void, void> {
  let start = nextUnit(bytes, 0);
  while (start < bytes.length) {
    const next = nextUnit(bytes, start);
    // The start code behind it, and the zeros that may stand in front of that.
    let end = next < bytes.length || endsWithStartCode(bytes, start) ? next - 3 : bytes.length;
    while (end > start && bytes[end - 1] === 0) end--;
    if (end > start) yield bytes.subarray(start, end);
    start = next;
  }
}

/**
 * The byte behind the next start code at or after `from`; the length when there is none. Most bytes
 * are above 1 and so no part of a start code, and then neither can the next two end one: this looks
 * at every third byte, at 2 GB/s, where `indexOf` of the 1 makes 0.9.
 */
function nextUnit(bytes: Uint8Array, from: number): number {
  const end = bytes.length;
  for (let at = from + 2;;) {
    while (at < end && bytes[at]! > 1) at += 3;
    if (at >= end) return end;
    if (bytes[at] === 0) at++;
    else if (bytes[at - 1] === 0 && bytes[at - 2] === 0) return at + 1;
    else at += 3;
  }
}

/** True when the very last bytes are a start code with nothing behind it. */
function endsWithStartCode(bytes: Uint8Array, from: number): boolean {
  const end = bytes.length;
  return end - 3 >= from && bytes[end - 1] === 1 && bytes[end - 2] === 0 && bytes[end - 3] === 0;
}

/** What a NAL unit is. */
export function nalKind(codec: NalCodec, unit: Uint8Array): NalKind {
  return codec === "h264" ? h264Kind(unit[0]! & 0x1f) : h265Kind((unit[0]! >> 1) & 0x3f);
}

/** Table 7-1 of H.264. */
function h264Kind(type: number): NalKind {
  switch (type) {
    case 5:
      return "key";
    case 1:
    case 2:
    case 3:
    case 4:
      return "inter";
    case 6:
      return "sei";
    case 7:
      return "sps";
    case 8:
      return "pps";
    case 9:
      return "delimiter";
    default:
      return "other";
  }
}

/** Table 7-1 of H.265. Decoding may begin at any of the random access types 16 to 21. */
function h265Kind(type: number): NalKind {
  if (type >= 16 && type <= 21) return "key";
  if (type <= 9) return "inter";
  switch (type) {
    case 32:
      return "vps";
    case 33:
      return "sps";
    case 34:
      return "pps";
    case 35:
      return "delimiter";
    case 39:
    case 40:
      return "sei";
    default:
      return "other";
  }
}

/** The parameter sets that a decoder needs before the first picture. */
export interface ParameterSets {
  /** Video parameter sets; H.265 only. */
  readonly vps: readonly Uint8Array[];
  /** Sequence parameter sets. */
  readonly sps: readonly Uint8Array[];
  /** Picture parameter sets. */
  readonly pps: readonly Uint8Array[];
}

/** What an access unit holds. */
export interface AccessUnitInfo extends ParameterSets {
  /** True when decoding can begin here. */
  readonly key: boolean;
  /** True when there is a picture in it at all. */
  readonly picture: boolean;
}

/** Looks through an access unit. The views are those of `bytes`. */
export function inspectAccessUnit(codec: NalCodec, bytes: Uint8Array): AccessUnitInfo {
  const vps: Uint8Array[] = [];
  const sps: Uint8Array[] = [];
  const pps: Uint8Array[] = [];
  let key = false;
  let picture = false;
  for (const unit of nalUnits(bytes)) {
    const kind = nalKind(codec, unit);
    if (kind === "key" || kind === "inter") {
      // Parameter sets stand in front of the picture, and the picture is most of the bytes.
      key = kind === "key";
      picture = true;
      break;
    }
    if (kind === "vps") vps.push(unit);
    else if (kind === "sps") sps.push(unit);
    else if (kind === "pps") pps.push(unit);
  }
  return { vps, sps, pps, key, picture };
}
