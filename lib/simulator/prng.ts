/**
 * Seeded randomness: the same seed gives the same device, the same session numbers and the same
 * faults.
 *
 * @module
 */

/** A small, fast generator (sfc32). Not for secrets: a simulator must be repeatable. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** Makes a generator; every integer is a good seed. `stream` separates devices of one seed. */
  constructor(seed: number, stream = 0) {
    this.#a = seed >>> 0;
    this.#b = (seed / 2 ** 32) >>> 0;
    this.#c = (stream ^ 0x9e3779b9) >>> 0;
    for (let i = 0; i < 15; i++) this.uint32(); // spreads seeds that differ in one bit
  }

  /** The next 32 bits as an unsigned integer. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21 | this.#c >>> 11) + sum) | 0;
    return sum >>> 0;
  }

  /** A number 0 <= x < 1. */
  next(): number {
    return this.uint32() / 2 ** 32;
  }

  /** An integer min <= n <= max. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  /** Upper-case hexadecimal digits. */
  hex(digits: number): string {
    let text = "";
    while (text.length < digits) text += this.uint32().toString(16).padStart(8, "0");
    return text.slice(0, digits).toUpperCase();
  }

  /** Random bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.uint32() >>> 24;
    return bytes;
  }
}
