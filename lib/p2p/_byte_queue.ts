/**
 * Bytes that wait for their reader, in blocks: one copy in, one copy out.
 *
 * @module
 */

const BLOCK = 16 * 1024;

/** A queue of bytes without a limit of its own. */
export class ByteQueue {
  #blocks: Uint8Array[] = [];
  /** Offset of the first byte in the first block, and of the end in the last. */
  #from = 0;
  #to = 0;
  #size = 0;

  /** Bytes that wait. */
  get size(): number {
    return this.#size;
  }

  /** Adds a copy of `bytes`. */
  add(bytes: Uint8Array): void {
    this.#size += bytes.length;
    for (let done = 0; done < bytes.length;) {
      let block = this.#blocks.at(-1);
      if (block === undefined || this.#to === block.length) {
        block = new Uint8Array(BLOCK);
        this.#blocks.push(block);
        this.#to = 0;
      }
      const part = bytes.subarray(done, done + block.length - this.#to);
      block.set(part, this.#to);
      this.#to += part.length;
      done += part.length;
    }
  }

  /** Moves bytes to `buffer`; returns how many. */
  take(buffer: Uint8Array): number {
    let taken = 0;
    while (taken < buffer.length && this.#size > 0) {
      const block = this.#blocks[0]!;
      const end = this.#blocks.length === 1 ? this.#to : block.length;
      const part = block.subarray(this.#from, Math.min(end, this.#from + buffer.length - taken));
      buffer.set(part, taken);
      taken += part.length;
      this.#from += part.length;
      this.#size -= part.length;
      if (this.#from === end) this.#next();
    }
    return taken;
  }

  /** Forgets all. */
  clear(): void {
    this.#blocks = [];
    this.#from = this.#to = this.#size = 0;
  }

  /** The first block is empty; the last one is kept for what comes. */
  #next(): void {
    if (this.#blocks.length > 1) this.#blocks.shift();
    else this.#to = 0;
    this.#from = 0;
  }
}
