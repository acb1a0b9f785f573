/** A byte stream in the shape that `node:tls` takes. */

import { Duplex } from "node:stream";
import type { ByteStream } from "./stream.ts";

const READ_SIZE = 64 * 1024;

/**
 * Carries the encrypted bytes between a stream and a TLS socket.
 *
 * Deno's TLS socket takes everything its transport gives, however slowly the decrypted side is
 * read (measured with 2.9.6: 200 MB in memory, and the end of the stream lost). So this transport
 * gives only on demand: while `demand` is true.
 */
export class DemandDuplex extends Duplex {
  readonly #stream: ByteStream;
  #buffer = new Uint8Array(READ_SIZE);
  #demand = true;
  #asked = false;
  #reading = false;

  /** Takes the stream over. */
  constructor(stream: ByteStream) {
    super({ allowHalfOpen: true });
    this.#stream = stream;
  }

  /** Whether encrypted bytes may be fetched. */
  set demand(wanted: boolean) {
    this.#demand = wanted;
    if (wanted) this.#fetch();
  }

  /** Called by the TLS socket. */
  override _read(): void {
    this.#asked = true;
    this.#fetch();
  }

  /** Called by the TLS socket. */
  override _write(chunk: Uint8Array, _: unknown, done: (error?: Error | null) => void): void {
    this.#stream.write(chunk).then(() => done(), done);
  }

  /** Called by the TLS socket. A byte stream has no half-closed state. */
  override _final(done: (error?: Error | null) => void): void {
    done();
  }

  /** Called by the TLS socket. */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#stream.close();
    done(error);
  }

  async #fetch(): Promise<void> {
    if (!this.#demand || !this.#asked || this.#reading) return;
    this.#reading = true;
    this.#asked = false;
    try {
      const length = await this.#stream.read(this.#buffer);
      this.#reading = false;
      // push() may call _read at once, which fetches again if there still is demand.
      this.push(length === null ? null : this.#buffer.slice(0, length));
    } catch (error) {
      this.#reading = false;
      this.destroy(error as Error);
    }
  }
}
