/**
 * The receiving half of a PseudoTcp: puts bytes in order and tells how many more there is room for.
 *
 * @module
 */

import { distance } from "./segment.ts";

/** What a body was to the stream. */
export type Arrival =
  /** The next bytes. */
  | "next"
  /** The next bytes, and others waited behind them. */
  | "filled"
  /** Bytes behind a gap. */
  | "ahead"
  /** Nothing new: all of it was there, or there is no room. */
  | "stale";

interface Waiting {
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

/** The window moves when it gains this much: a datagram of full size (RFC 1122 section 4.2.3.3). */
const WORTH_TELLING = 1_316;

/** Orders, trims, and delivers once. Holds what came too early, at most a window of it. */
export class Receiver {
  readonly #deliver: (bytes: Uint8Array) => void;
  readonly #size: number;
  /** In order of their sequence, without overlaps. */
  #waiting: Waiting[] = [];
  #next = 0;
  #edge = 0;
  #unread = 0;

  /** @param size bytes that may wait to be taken, the largest window */
  constructor(size: number, deliver: (bytes: Uint8Array) => void) {
    this.#size = size;
    this.#deliver = deliver;
  }

  /** The next byte that is expected: what is acknowledged. */
  get next(): number {
    return this.#next;
  }

  /** Bytes that may be sent beyond {@linkcode next}. The edge that was once told never moves back. */
  get window(): number {
    const gain = this.#gain();
    if (gain >= Math.min(WORTH_TELLING, this.#size / 2)) this.#edge = (this.#edge + gain) >>> 0;
    return Math.max(0, distance(this.#edge, this.#next)); // control data may have gone beyond
  }

  /** Whether the window has opened by so much that the peer must hear of it. */
  get hasOpened(): boolean {
    return this.#gain() >= this.#size / 2;
  }

  /** The peer's first segment; its bytes count, but are not of the stream. */
  begin(sequence: number, length: number): void {
    this.#next = (sequence + length) >>> 0;
    this.#edge = (this.#next + this.#size) >>> 0;
  }

  /** Counts bytes that are not of the stream, when they are the next ones. */
  skip(sequence: number, length: number): void {
    const fresh = distance((sequence + length) >>> 0, this.#next);
    if (distance(sequence, this.#next) > 0 || fresh <= 0) return;
    this.#advance(fresh);
    this.#handWaiting();
  }

  /** Takes the body of a segment; `body` is copied if it has to wait. */
  accept(sequence: number, body: Uint8Array): Arrival {
    const behind = distance(this.#next, sequence);
    if (behind > 0) {
      if (behind >= body.length) return "stale";
      body = body.subarray(behind);
      sequence = this.#next;
    }
    const room = distance(this.#edge, sequence);
    if (room <= 0) return "stale";
    if (body.length > room) body = body.subarray(0, room);
    if (sequence !== this.#next) {
      this.#keep(sequence, body);
      return "ahead";
    }
    this.#hand(body);
    if (this.#waiting.length === 0) return "next";
    this.#handWaiting();
    return "filled";
  }

  /** The application took `bytes` of what was delivered. */
  consume(bytes: number): void {
    this.#unread = Math.max(0, this.#unread - bytes);
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting = [];
  }

  #gain(): number {
    return this.#size - this.#unread - distance(this.#edge, this.#next);
  }

  #hand(bytes: Uint8Array): void {
    this.#unread += bytes.length;
    this.#advance(bytes.length);
    this.#deliver(bytes);
  }

  #advance(bytes: number): void {
    this.#next = (this.#next + bytes) >>> 0;
  }

  #handWaiting(): void {
    let done = 0;
    for (const { sequence, bytes } of this.#waiting) {
      const behind = distance(this.#next, sequence);
      if (behind < 0) break;
      done++;
      if (behind < bytes.length) this.#hand(behind === 0 ? bytes : bytes.subarray(behind));
    }
    this.#waiting.splice(0, done);
  }

  /** Keeps those bytes that no other segment has brought. */
  #keep(sequence: number, body: Uint8Array): void {
    const waiting = this.#waiting;
    let at = waiting.length; // most come in order: look from the end
    while (at > 0 && distance(waiting[at - 1]!.sequence, sequence) > 0) at--;
    const before = waiting[at - 1];
    if (before !== undefined) {
      const covered = distance(before.sequence + before.bytes.length, sequence);
      if (covered >= body.length) return;
      if (covered > 0) {
        body = body.subarray(covered);
        sequence = (sequence + covered) >>> 0;
      }
    }
    for (;;) {
      const after = waiting[at];
      const free = after === undefined ? Infinity : distance(after.sequence, sequence);
      if (free > 0) waiting.splice(at++, 0, { sequence, bytes: body.slice(0, free) });
      if (after === undefined || free >= body.length) return;
      const end = free + after.bytes.length;
      if (end >= body.length) return;
      body = body.subarray(end);
      sequence = (sequence + end) >>> 0;
      at++;
    }
  }
}
