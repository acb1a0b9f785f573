/**
 * G.711: eight bits a sample, A-law or µ-law, to and from 16-bit samples (ITU-T G.711).
 *
 * @module
 */

/** The two laws. */
export type G711Law = "alaw" | "mulaw";

const TABLES: Readonly<Record<G711Law, Int16Array>> = {
  alaw: Int16Array.from({ length: 256 }, (_, code) => alawSample(code)),
  mulaw: Int16Array.from({ length: 256 }, (_, code) => mulawSample(code)),
};

/** Decodes to samples of -32 768 to 32 767. */
export function decodeG711(law: G711Law, bytes: Uint8Array): Int16Array {
  const table = TABLES[law];
  const samples = new Int16Array(bytes.length);
  for (let index = 0; index < bytes.length; index++) samples[index] = table[bytes[index]!]!;
  return samples;
}

/** Even bits are inverted on the wire; the sign bit is 1 for positive values. */
function alawSample(code: number): number {
  const value = code ^ 0x55;
  const exponent = (value >> 4) & 7;
  const mantissa = value & 0x0f;
  const size = exponent === 0 ? (mantissa << 4) + 8 : ((mantissa << 4) + 0x108) << (exponent - 1);
  return value & 0x80 ? size : -size;
}

/** All bits are inverted on the wire; 33 is the bias of the law, in 14-bit samples. */
function mulawSample(code: number): number {
  const value = ~code & 0xff;
  const size = ((((value & 0x0f) << 3) + 0x84) << ((value >> 4) & 7)) - 0x84;
  return value & 0x80 ? -size : size;
}
