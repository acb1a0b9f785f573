/**
 * AAC with ADTS headers, as cameras send it outside of RTSP (ISO/IEC 13818-7, section 6.2).
 *
 * @module
 */

/** What a header says. */
export interface AdtsHeader {
  /** Bytes of the header: 7, or 9 with a checksum. */
  readonly headerLength: number;
  /** Bytes of header and frame. */
  readonly frameLength: number;
  /** MPEG-4 object type, 2 for AAC-LC. */
  readonly objectType: number;
  /** Hertz. */
  readonly sampleRate: number;
  /** Number of channels; 0 when the frame itself says. */
  readonly channels: number;
}

/** One frame without its header. */
export interface AdtsFrame {
  /** Its header. */
  readonly header: AdtsHeader;
  /** Raw AAC: a view. */
  readonly payload: Uint8Array;
}

const RATES = [
  96_000,
  88_200,
  64_000,
  48_000,
  44_100,
  32_000,
  24_000,
  22_050,
  16_000,
  12_000,
  11_025,
  8_000,
  7_350,
];

/** Reads a header; undefined when there is none. */
export function readAdtsHeader(bytes: Uint8Array, at = 0): AdtsHeader | undefined {
  if (bytes.length - at < 7) return undefined;
  // Twelve bits of sync; the layer is always 0.
  if (bytes[at] !== 0xff || (bytes[at + 1]! & 0xf6) !== 0xf0) return undefined;
  const sampleRate = RATES[(bytes[at + 2]! >> 2) & 0x0f];
  const headerLength = bytes[at + 1]! & 1 ? 7 : 9;
  const frameLength = ((bytes[at + 3]! & 3) << 11) | (bytes[at + 4]! << 3) | (bytes[at + 5]! >> 5);
  if (sampleRate === undefined || frameLength < headerLength) return undefined;
  return {
    headerLength,
    frameLength,
    objectType: (bytes[at + 2]! >> 6) + 1,
    sampleRate,
    channels: ((bytes[at + 2]! & 1) << 2) | (bytes[at + 3]! >> 6),
  };
}

/** The frames of a payload; ends at the first byte that is no header, and at a frame cut short. */
export function* adtsFrames(bytes: Uint8Array): Generator<AdtsFrame, void, void> {
  for (let at = 0; at < bytes.length;) {
    const header = readAdtsHeader(bytes, at);
    if (header === undefined || at + header.frameLength > bytes.length) return;
    const end = at + header.frameLength;
    yield { header, payload: bytes.subarray(at + header.headerLength, end) };
    at = end;
  }
}

/**
 * The header of a frame, 7 bytes.
 *
 * @param config AudioSpecificConfig
 * @param length bytes of the frame itself
 */
export function adtsHeader(config: Uint8Array, length: number): Uint8Array {
  const [first = 0x14, second = 0] = config;
  const profile = Math.max(0, (first >> 3) - 1) & 3;
  const rate = ((first & 7) << 1) | (second >> 7);
  const channels = (second >> 3) & 0x0f;
  const whole = length + 7;
  return Uint8Array.of(
    0xff,
    0xf1,
    (profile << 6) | (rate << 2) | (channels >> 2),
    ((channels & 3) << 6) | (whole >> 11),
    (whole >> 3) & 0xff,
    ((whole & 7) << 5) | 0x1f,
    0xfc,
  );
}

/** The two bytes that tell a decoder what AAC it gets (AudioSpecificConfig). */
export function audioSpecificConfig(
  header: Pick<AdtsHeader, "objectType" | "sampleRate" | "channels">,
): Uint8Array {
  const rate = RATES.indexOf(header.sampleRate);
  return Uint8Array.of(
    (header.objectType << 3) | (rate >> 1),
    ((rate & 1) << 7) | (header.channels << 3),
  );
}
