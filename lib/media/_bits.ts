/** Reads bits of a NAL unit's payload, most significant first. */

/** Thrown inside this folder when the bits end too early. */
export class OutOfBits extends Error {}

/** A reader that skips emulation prevention bytes (the 3 in 00 00 03) as it goes. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at: number;
  #bit = 0;
  #zeros = 0;

  /** Starts at a byte. */
  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** One bit. */
  bit(): number {
    if (this.#bit === 0) {
      if (this.#zeros >= 2 && this.#bytes[this.#at] === 3) {
        this.#at++;
        this.#zeros = 0;
      }
      if (this.#at >= this.#bytes.length) throw new OutOfBits();
      this.#zeros = this.#bytes[this.#at] === 0 ? this.#zeros + 1 : 0;
    }
    const value = (this.#bytes[this.#at]! >> (7 - this.#bit)) & 1;
    this.#bit++;
    if (this.#bit === 8) {
      this.#bit = 0;
      this.#at++;
    }
    return value;
  }

  /** A flag. */
  flag(): boolean {
    return this.bit() === 1;
  }

  /** An unsigned number of up to 32 bits. */
  bits(count: number): number {
    let value = 0;
    for (let index = 0; index < count; index++) value = value * 2 + this.bit();
    return value;
  }

  /** Passes over bits. */
  skip(count: number): void {
    for (let index = 0; index < count; index++) this.bit();
  }

  /** An unsigned Exp-Golomb number. */
  ue(): number {
    let zeros = 0;
    while (this.bit() === 0) {
      if (++zeros > 31) throw new OutOfBits();
    }
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** A signed Exp-Golomb number. */
  se(): number {
    const value = this.ue();
    return value % 2 === 0 ? -value / 2 : (value + 1) / 2;
  }
}
