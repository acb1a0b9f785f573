/**
 * Two byte streams joined in memory: the network of tests, without a network.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import type { ByteStream } from "./stream.ts";

/** Options of {@linkcode streamPair}. */
export interface StreamPairOptions {
  /** Bytes that one direction holds before `write` waits. Default 262 144. */
  readonly capacity?: number;
}

/**
 * Two connected streams: what one writes, the other reads. Writes are cut and joined only by the
 * reader's buffer, as in TCP.
 *
 * ```ts
 * import { streamPair } from "@dhip/dhip";
 *
 * const [a, b] = streamPair();
 * await a.write(new Uint8Array([1, 2, 3]));
 * const buffer = new Uint8Array(8);
 * if (await b.read(buffer) !== 3) throw new Error("unexpected");
 * ```
 */
export function streamPair(options: StreamPairOptions = {}): [ByteStream, ByteStream] {
  const capacity = options.capacity ?? 256 * 1024;
  const there = new Pipe(capacity);
  const back = new Pipe(capacity);
  return [new PipeEnd(back, there), new PipeEnd(there, back)];
}

/** One direction. */
class Pipe {
  readonly capacity: number;
  readonly chunks: Uint8Array[] = [];
  size = 0;
  closed = false;
  #reader: (() => void) | undefined;
  #writer: (() => void) | undefined;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  wake(): void {
    this.#reader?.();
    this.#writer?.();
    this.#reader = this.#writer = undefined;
  }

  readable(): Promise<void> {
    return new Promise((resolve) => this.#reader = resolve);
  }

  writable(): Promise<void> {
    return new Promise((resolve) => this.#writer = resolve);
  }
}

class PipeEnd implements ByteStream {
  readonly #in: Pipe;
  readonly #out: Pipe;

  constructor(input: Pipe, output: Pipe) {
    this.#in = input;
    this.#out = output;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    const pipe = this.#in;
    while (pipe.size === 0) {
      if (pipe.closed) return null;
      await pipe.readable();
    }
    let filled = 0;
    while (filled < buffer.length && pipe.chunks.length > 0) {
      const chunk = pipe.chunks[0]!;
      const take = Math.min(chunk.length, buffer.length - filled);
      buffer.set(chunk.subarray(0, take), filled);
      filled += take;
      if (take === chunk.length) pipe.chunks.shift();
      else pipe.chunks[0] = chunk.subarray(take);
    }
    pipe.size -= filled;
    pipe.wake();
    return filled;
  }

  async write(bytes: Uint8Array): Promise<void> {
    const pipe = this.#out;
    for (;;) {
      if (pipe.closed) {
        throw new DhipError("DHIP_CONNECTION_LOST", "The other end of the pair is closed");
      }
      if (pipe.size < pipe.capacity) break;
      await pipe.writable();
    }
    if (bytes.length === 0) return;
    pipe.chunks.push(bytes.slice());
    pipe.size += bytes.length;
    pipe.wake();
  }

  close(): void {
    for (const pipe of [this.#in, this.#out]) {
      pipe.closed = true;
      pipe.wake();
    }
    this.#in.chunks.length = this.#in.size = 0;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}
