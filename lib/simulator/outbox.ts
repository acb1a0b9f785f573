/**
 * The writing side of a connection: messages in order, as few writes as possible.
 *
 * @module
 */

import { concat } from "../net/bytes.ts";
import type { Timer } from "../net/clock.ts";
import type { ByteStream } from "../net/stream.ts";
import { worstSize, writeFrame } from "./frames.ts";
import type { DeviceState } from "./state.ts";
import { piecesOf } from "./write_faults.ts";

/** Size of the two buffers that short replies are encoded into, in bytes. */
const ROOM = 65_536;

/** Bytes that may wait for a client that does not read; more end its connection. */
const MOST = 64 * 1024 * 1024;

/** Frames waiting to be written. */
export class Outbox {
  readonly #stream: ByteStream;
  readonly #state: DeviceState;
  readonly #onLost: () => void;
  /** Frames that wait, before those in `#room`. */
  #queue: Uint8Array[] = [];
  #size = 0;
  /** Short replies that wait, encoded in place: no memory is taken for a call in a burst. */
  #room: Uint8Array<ArrayBuffer> | undefined;
  #used = 0;
  /** The buffer that is being written or is free. */
  #spare: Uint8Array<ArrayBuffer> | undefined;
  #pump: Promise<void> | undefined;
  #hold: Timer | undefined;
  #closed = false;

  /** `onLost` is called when the connection can no longer be written. */
  constructor(stream: ByteStream, state: DeviceState, onLost: () => void) {
    this.#stream = stream;
    this.#state = state;
    this.#onLost = onLost;
  }

  /** Puts a frame behind the others. */
  add(frame: Uint8Array): void {
    if (this.#closed) return;
    this.#spill();
    this.#queue.push(frame);
    this.#size += frame.length;
    if (this.#size > MOST) this.#onLost();
  }

  /** Puts a message of one short frame behind the others; at most 4096 UTF-16 units. */
  addShort(session: number, requestId: number, text: string): void {
    if (this.#closed) return;
    if (this.#used + worstSize(text) > ROOM) this.#spill();
    this.#room ??= new Uint8Array(ROOM);
    this.#used += writeFrame(this.#room, this.#used, session, requestId, text);
  }

  /** Writes what waits, in one write; resolves when the network has taken it. Never rejects. */
  flush(): Promise<void> | undefined {
    if (this.#closed || !this.#waiting) return this.#pump;
    const merge = this.#state.faults.peek("merge-frames");
    if (merge !== undefined) {
      this.#hold ??= this.#state.clock.timer(() => {
        this.#hold = undefined;
        this.#state.faults.count("merge-frames");
        this.#pump ??= this.#write();
      }, merge.number("hold"));
      return undefined;
    }
    return this.#pump ??= this.#write();
  }

  /** Drops what waits and takes no more. */
  close(): void {
    this.#closed = true;
    this.#hold?.cancel();
    this.#hold = undefined;
    this.#queue = [];
    this.#size = this.#used = 0;
  }

  /** Bytes that wait. */
  get size(): number {
    return this.#size + this.#used;
  }

  get #waiting(): boolean {
    return this.#used > 0 || this.#queue.length > 0;
  }

  /** Moves what stands in the room to the queue. */
  #spill(): void {
    if (this.#used === 0) return;
    this.#queue.push(this.#room!.slice(0, this.#used));
    this.#size += this.#used;
    this.#used = 0;
  }

  /** All that waits, in one piece. */
  #takeAll(): Uint8Array {
    if (this.#queue.length === 0) {
      const full = this.#room!.subarray(0, this.#used);
      // The network reads from this buffer until the write is done; meanwhile the other is filled.
      [this.#room, this.#spare] = [this.#spare, this.#room];
      this.#used = 0;
      return full;
    }
    this.#spill();
    const bytes = concat(this.#queue);
    this.#queue = [];
    this.#size = 0;
    return bytes;
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting) {
        const bytes = this.#takeAll();
        this.#state.counters.served("dhip", bytes.length);
        if (this.#state.faults.none) await this.#stream.write(bytes);
        else for (const piece of piecesOf(bytes, this.#state)) await this.#stream.write(piece);
      }
    } catch {
      this.#onLost(); // the client is gone: nobody is left to be told
    } finally {
      this.#pump = undefined;
    }
  }
}
