/**
 * What the test camera hears: a quiet tone, and a click at the beginning of each second.
 *
 * @module
 */

/** Samples a second, one channel. */
export const SAMPLE_RATE = 8000;

/** Milliseconds of a click. */
const CLICK = 10;

/** One second as 16-bit samples; every second sounds alike. */
export function secondOfSound(): Int16Array {
  const samples = new Int16Array(SAMPLE_RATE);
  const turn = 2 * Math.PI / SAMPLE_RATE;
  for (let i = 0; i < samples.length; i++) {
    // Whole numbers of waves fit into a second: no seam between two of them.
    const tone = 1500 * Math.sin(440 * turn * i);
    const click = i < SAMPLE_RATE * CLICK / 1000 ? 24_000 * Math.cos(2000 * turn * i) : 0;
    samples[i] = Math.round(tone + click);
  }
  return samples;
}

/** A-law, as ITU-T G.711 has it: 13 bits in eight, every second bit inverted. */
export function encodeALaw(samples: Int16Array): Uint8Array {
  return Uint8Array.from(samples, (sample) => {
    const sign = sample < 0 ? 0 : 0x80;
    const level = Math.min(4095, (sample < 0 ? ~sample : sample) >> 3);
    let exponent = 0;
    for (let rest = level >> 5; rest > 0; rest >>= 1) exponent++;
    const mantissa = exponent < 2 ? level >> 1 : level >> exponent;
    return (sign | exponent << 4 | mantissa & 0x0f) ^ 0x55;
  });
}

/** µ-law, as ITU-T G.711 has it: 14 bits in eight, all of them inverted. */
export function encodeMuLaw(samples: Int16Array): Uint8Array {
  return Uint8Array.from(samples, (sample) => {
    const sign = sample < 0 ? 0x80 : 0;
    const level = Math.min(8158, Math.abs(sample) >> 2) + 33;
    let exponent = 0;
    for (let rest = level >> 6; rest > 0; rest >>= 1) exponent++;
    return ~(sign | exponent << 4 | level >> exponent + 1 & 0x0f) & 0xff;
  });
}

/** Samples of 16 bits as bytes, the low one first or last. */
export function encodePcm(samples: Int16Array, littleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(samples.length * 2);
  const view = new DataView(bytes.buffer);
  samples.forEach((sample, index) => view.setInt16(index * 2, sample, littleEndian));
  return bytes;
}
