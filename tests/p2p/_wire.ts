/**
 * Two PseudoTcps on a bad link, on virtual time and without anything asynchronous: thousands of
 * sessions in a second, each by its seed.
 *
 * The link sees every datagram and holds both ends to what a PseudoTcp must never do.
 */

import { distance, HEADER_SIZE } from "../../lib/p2p/segment.ts";
import { seeded } from "../support/random.ts";

/** What a PseudoTcp is to a link. */
export interface End {
  input(datagram: Uint8Array, now: number): void;
  poll(now: number): Uint8Array | null;
  readonly deadline: number;
}

/** What happens to datagrams of one direction. Chances are 0 to 1, times in milliseconds. */
export interface Impairment {
  readonly loss?: number;
  readonly duplicate?: number;
  /** Chance that a datagram is late by up to `lateness`. */
  readonly late?: number;
  readonly lateness?: number;
  /** Chance that a datagram with more than a few bytes in it is cut. */
  readonly truncate?: number;
  readonly delay?: number;
  readonly jitter?: number;
  /** Times in which nothing passes. */
  readonly blackholes?: readonly (readonly [from: number, to: number])[];
}

/** One direction, and the figures of what its sender did. */
export class Way {
  segments = 0;
  empty = 0;
  bytes = 0;
  /** Bodies beyond the window that the sender had been told. */
  overrun = 0;
  /** Segments that were cut otherwise when they were sent again. */
  recut = 0;
  largest = 0;
  /** Offset behind the last byte, of a stream that does not wrap. */
  end = 0;
  zeroTimestamps = 0;
  /** Called with each datagram that enters. */
  onDatagram: ((datagram: Uint8Array, now: number) => void) | undefined;
  /** The largest edge of a window that the sender of this direction was told, */
  edge: number | undefined;
  /** and all of them. */
  readonly edges = new Set<number>();
  readonly cuts = new Map<number, number>();
  readonly queue: { at: number; order: number; bytes: Uint8Array }[] = [];
  #order = 0;

  constructor(readonly random: () => number, readonly impairment: Impairment) {}

  push(datagram: Uint8Array, now: number): void {
    this.#inspect(datagram);
    this.onDatagram?.(datagram, now);
    const { loss = 0, duplicate = 0, late = 0, lateness = 30, truncate = 0 } = this.impairment;
    const { delay = 0, jitter = 0, blackholes } = this.impairment;
    if (this.random() < loss) return;
    if (blackholes?.some(([from, to]) => now >= from && now < to)) return;
    const copies = this.random() < duplicate ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      const length = datagram.length > 60 && this.random() < truncate
        ? Math.floor(this.random() * datagram.length)
        : datagram.length;
      const extra = this.random() < late ? this.random() * lateness : 0;
      this.#enqueue(now + delay + this.random() * jitter + extra, datagram.slice(0, length));
    }
  }

  get next(): number {
    return this.queue[0]?.at ?? Infinity;
  }

  #enqueue(at: number, bytes: Uint8Array): void {
    const queue = this.queue;
    const order = this.#order++;
    let index = queue.length;
    while (index > 0 && queue[index - 1]!.at > at) index--;
    queue.splice(index, 0, { at, order, bytes });
  }

  #inspect(datagram: Uint8Array): void {
    const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
    const length = datagram.length - HEADER_SIZE;
    this.segments++;
    this.largest = Math.max(this.largest, datagram.length);
    if (view.getUint32(16) === 0) this.zeroTimestamps++;
    if (length === 0) {
      this.empty++;
      return;
    }
    this.bytes += length;
    this.end = Math.max(this.end, view.getUint32(4) + length);
    if (datagram[13] !== 0) return;
    const sequence = view.getUint32(4);
    if (this.edge === undefined || distance(sequence + length, this.edge) > 0) this.overrun++;
    const before = this.cuts.get(sequence);
    if (before === undefined) this.cuts.set(sequence, length);
    else if (before !== length) this.recut++;
  }
}

/** One end, what it sends to and what it hears of. */
export interface Side {
  readonly end: End;
  readonly out: Way;
  /** Shift of the windows that it tells. */
  readonly scale?: number;
  /** The application: called after every step; sends and consumes what it wants. */
  run?(now: number): void;
  /** When the application wants to be called again. */
  readonly wakeAt?: number;
}

/** Notes the window that `receiver` of `datagram` is told. */
function tell(way: Way, datagram: Uint8Array, scale: number): void {
  if (datagram.length < HEADER_SIZE) return;
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
  const edge = (view.getUint32(8) + (view.getUint16(14) << scale)) >>> 0;
  way.edges.add(edge);
  if (way.edge === undefined || distance(edge, way.edge) > 0) way.edge = edge;
}

/**
 * Lets time pass until `done`, or `limit` ms.
 *
 * @returns the time; `limit` when it was not done
 */
export function passTime(
  [left, right]: readonly [Side, Side],
  done: (now: number) => boolean,
  limit: number,
  start = 0,
): number {
  let now = start;
  const pump = (side: Side) => {
    side.run?.(now);
    for (let polls = 0;; polls++) {
      const datagram = side.end.poll(now);
      if (datagram === null) return;
      if (polls > 10_000) throw new Error("poll never ends");
      side.out.push(datagram, now);
      side.run?.(now);
    }
  };
  for (let steps = 0;; steps++) {
    pump(left);
    pump(right);
    if (done(now)) return now;
    if (steps > 2_000_000) throw new Error("No progress of time");
    const next = Math.min(
      left.out.next,
      right.out.next,
      Math.max(now, left.end.deadline),
      Math.max(now, right.end.deadline),
      left.wakeAt ?? Infinity,
      right.wakeAt ?? Infinity,
    );
    if (next > start + limit) return start + limit;
    // Clocks are of whole milliseconds at best, and a timer is never early.
    now = Math.max(now, next);
    for (const [from, to] of [[left, right], [right, left]] as const) {
      while (from.out.next <= now) {
        const { bytes } = from.out.queue.shift()!;
        tell(to.out, bytes, from.scale ?? 0);
        to.end.input(bytes, now);
        pump(to);
      }
    }
  }
}

/** Two directions with the same impairment, unless told otherwise. */
export function link(seed: number, there: Impairment, back: Impairment = there): [Way, Way] {
  const random = seeded(seed);
  return [new Way(random, there), new Way(random, back)];
}

const PATTERN = 65_521;
const pattern = (() => {
  const random = seeded(4711);
  return Uint8Array.from({ length: 2 * PATTERN }, () => random() * 256);
})();
pattern.copyWithin(PATTERN, 0, PATTERN);

/** Bytes of the stream number `stream` from `offset`, at most 65 521 of them. */
export function patternAt(stream: number, offset: number, length: number): Uint8Array {
  const from = (offset + stream * 7_919) % PATTERN;
  return pattern.subarray(from, from + length);
}

/** Whether `bytes` are those of the stream at `offset`. */
export function isPattern(stream: number, offset: number, bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length;) {
    const part = patternAt(stream, offset + at, Math.min(4_096, bytes.length - at));
    for (let i = 0; i < part.length; i++) if (part[i] !== bytes[at + i]) return false;
    at += part.length;
  }
  return true;
}
