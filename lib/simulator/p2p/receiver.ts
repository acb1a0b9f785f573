/**
 * The receiving half of the device's PseudoTcp: order, duplicates, and the window it tells.
 *
 * @module
 */

import { distance } from "../../p2p/segment.ts";
import type { PseudoTcpCounters } from "./pseudo_tcp_options.ts";
import { Reassembly } from "./reassembly.ts";

/** How soon a segment asks for an acknowledgement. */
export type Ack = "none" | "delayed" | "immediate";

/** Turns segments into a stream. */
export class Receiver {
  readonly #capacity: number;
  readonly #step: number;
  readonly #counters: PseudoTcpCounters;
  readonly #deliver: (bytes: Uint8Array) => void;
  readonly #reassembly = new Reassembly();
  #scale = 0;
  #expected: number;
  #window: number;
  #unread = 0;
  /** The farthest edge of any window that was told. */
  #edge: number;

  /** `capacity` is what it takes unread, `mss` the largest segment, `sequence` the first byte. */
  constructor(
    capacity: number,
    mss: number,
    sequence: number,
    counters: PseudoTcpCounters,
    deliver: (bytes: Uint8Array) => void,
  ) {
    this.#capacity = this.#window = capacity;
    // Stock PseudoTcp tells of a window only when it has grown by this much.
    this.#step = Math.min(capacity >> 1, mss);
    this.#expected = this.#edge = sequence;
    this.#counters = counters;
    this.#deliver = deliver;
    while (capacity >> this.#scale > 0xffff) this.#scale++;
  }

  /** Offset of the next byte of the stream. */
  get expected(): number {
    return this.#expected;
  }

  /** Shift of the window field. */
  get scale(): number {
    return this.#scale;
  }

  /** The peer knows nothing of scaling. */
  unscale(): void {
    this.#scale = 0;
    this.#window = Math.min(this.#window, 0xffff);
  }

  /** The window field of a segment that is sent now. */
  tell(): number {
    const field = this.#window >> this.#scale;
    const edge = (this.#expected + (field << this.#scale)) >>> 0;
    if (distance(edge, this.#edge) > 0) this.#edge = edge;
    return field;
  }

  /** Bytes were taken by the application; true when the window was shut and no longer is. */
  consume(bytes: number): boolean {
    this.#unread -= bytes;
    const free = Math.min(this.#capacity - this.#unread, 0xffff << this.#scale);
    if (free - this.#window < this.#step) return false;
    const shut = this.#window === 0;
    this.#window = free;
    return shut;
  }

  /** Takes a connect message; it has a place in the stream, but is not part of it. */
  control(sequence: number, length: number): Ack {
    // What is known of it is trimmed before the rest counts, as with bytes of the stream.
    const fresh = distance((sequence + length) >>> 0, this.#expected);
    const inOrder = distance(sequence, this.#expected) <= 0 && fresh > 0;
    if (inOrder) this.#expected = (this.#expected + fresh) >>> 0;
    return inOrder ? "delayed" : "immediate";
  }

  /** Takes the body of a segment and delivers what has come into order by it. */
  segment(sequence: number, body: Uint8Array): Ack {
    let offset = distance(sequence, this.#expected);
    // Of all segments only an empty one in its place needs no acknowledgement.
    if (body.length === 0) return offset === 0 ? "none" : "immediate";
    let ack: Ack = offset === 0 ? "delayed" : "immediate";
    if (offset + body.length <= 0) this.#counters.duplicates++;
    if (distance((sequence + body.length) >>> 0, this.#edge) > 0) this.#counters.overruns++;
    if (offset < 0) {
      body = body.subarray(Math.min(body.length, -offset));
      offset = 0;
    }
    const free = this.#capacity - this.#unread;
    if (offset + body.length > free) body = body.subarray(0, Math.max(0, free - offset));
    if (body.length === 0) return ack;
    if (offset > 0) {
      this.#reassembly.keep((this.#expected + offset) >>> 0, body, this.#expected);
      return ack;
    }
    this.#take(body);
    for (let next; (next = this.#reassembly.take(this.#expected)) !== undefined;) {
      ack = "immediate"; // a hole is filled: the peer waits for the news
      if (next.length > 0) this.#take(next);
    }
    return ack;
  }

  #take(body: Uint8Array): void {
    this.#expected = (this.#expected + body.length) >>> 0;
    // What was consumed in small portions is free without having been told.
    this.#window = Math.max(0, this.#window - body.length);
    this.#unread += body.length;
    this.#counters.bytesReceived += body.length;
    this.#deliver(body);
  }
}
