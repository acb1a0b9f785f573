/**
 * A Node socket as a byte stream.
 *
 * @module
 */

import type { Duplex } from "node:stream";
import type { ByteStream } from "../../net/stream.ts";

/** Wraps a connected socket. */
export class SocketStream implements ByteStream {
  readonly #socket: Duplex;
  #ended = false;
  #wake: (() => void) | undefined;

  /** Takes over the socket. */
  constructor(socket: Duplex) {
    this.#socket = socket;
    const end = () => {
      this.#ended = true;
      this.#wake?.();
    };
    socket.on("readable", () => this.#wake?.());
    socket.on("end", end);
    socket.on("close", end);
    socket.on("error", end); // a reset is an end like any other
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    for (;;) {
      const length = Math.min(this.#socket.readableLength, buffer.length);
      const chunk: Uint8Array | null = length > 0 ? this.#socket.read(length) : null;
      if (chunk !== null) {
        buffer.set(chunk);
        return chunk.length;
      }
      if (this.#ended) return null;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      this.#socket.read(0); // asks for more
      await promise;
    }
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      // The socket may keep the bytes; the caller may reuse them.
      this.#socket.write(bytes.slice(), (error) => error ? reject(error) : resolve());
    });
  }

  close(): void {
    // What was written goes out first; a client that does not take it is cut off with the port.
    this.#socket.end(() => this.#socket.destroy());
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}
