/**
 * The writing end of an answer that has no end.
 *
 * @module
 */

import { concat } from "../../net/bytes.ts";
import type { ByteStream } from "../../net/stream.ts";
import type { DeviceState } from "../state.ts";
import { piecesOf } from "../write_faults.ts";
import { chunkOf, LAST_CHUNK } from "./chunks.ts";

/** Bytes that may wait for a client that does not read; more end its connection. */
const MOST = 8 * 1024 * 1024;

/** Fills an outlet from now on; what it returns is called when the connection is over. */
export type LiveSource = (outlet: Outlet) => () => void;

/** Bytes on their way to a client that listens. */
export class Outlet {
  readonly #stream: ByteStream;
  readonly #state: DeviceState;
  readonly #chunked: boolean;
  readonly #over = Promise.withResolvers<void>();
  #queue: Uint8Array[] = [];
  #size = 0;
  #writing = false;
  #ended = false;

  /** `head` leaves first. `chunked` says how the rest is framed. */
  constructor(stream: ByteStream, state: DeviceState, head: Uint8Array, chunked: boolean) {
    this.#stream = stream;
    this.#state = state;
    this.#chunked = chunked;
    this.#put(head);
  }

  /** Resolves when the last byte was written, or nothing can be written any more. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** Bytes that wait. */
  get waiting(): number {
    return this.#size;
  }

  /** True when it takes no more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Sends something; false when nobody is there any more. */
  send(data: string | Uint8Array): boolean {
    if (this.#ended) return false;
    if (this.#state.faults.strike("silent-stream") !== undefined) return true;
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    this.#put(this.#chunked ? chunkOf(bytes) : bytes);
    return !this.#ended;
  }

  /** Takes no more; what waits still leaves. */
  end(): void {
    if (this.#ended) return;
    if (this.#chunked) this.#put(LAST_CHUNK);
    this.#ended = true;
    if (!this.#writing) this.#over.resolve();
  }

  /** Drops what waits and takes no more. */
  drop(): void {
    this.#ended = true;
    this.#queue = [];
    this.#over.resolve();
  }

  #put(bytes: Uint8Array): void {
    this.#queue.push(bytes);
    this.#size += bytes.length;
    if (this.#size > MOST) this.drop();
    else if (!this.#writing) this.#write();
  }

  async #write(): Promise<void> {
    this.#writing = true;
    try {
      while (this.#queue.length > 0) {
        const bytes = concat(this.#queue);
        this.#queue = [];
        this.#size = 0;
        this.#state.counters.served("http", bytes.length);
        for (const piece of piecesOf(bytes, this.#state)) await this.#stream.write(piece);
      }
    } catch {
      this.drop(); // the client is gone: nobody is left to be told
    }
    this.#writing = false;
    if (this.#ended) this.#over.resolve();
  }
}
