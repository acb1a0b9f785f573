/**
 * What the device's PseudoTcp has yet to send, or to hear an acknowledgement of.
 *
 * @module
 */

import { HEADER_SIZE } from "../../p2p/segment.ts";

/** Segments without work that are kept for the next ones. */
const MOST_SPARE = 128;

/** A range of the stream that travels in one datagram. Its bytes have room for the header. */
export class Segment {
  /** Room for a header, then the bytes. */
  readonly bytes: Uint8Array;
  /** Bytes at its beginning that the peer already has. */
  start = 0;
  /** Bytes that it still holds. */
  length = 0;
  /** Offset in the stream of the first of them, modulo 2^32. */
  sequence = 0;
  /** True for the connect message. */
  control = false;
  /** How often it was sent. */
  transmissions = 0;

  /** Makes an empty one. */
  constructor(capacity: number) {
    this.bytes = new Uint8Array(HEADER_SIZE + capacity);
  }

  /** Bytes that can still be added. */
  get room(): number {
    return this.bytes.length - HEADER_SIZE - this.start - this.length;
  }

  /** The datagram; its first bytes are for the header. */
  get datagram(): Uint8Array {
    return this.bytes.subarray(this.start, this.start + HEADER_SIZE + this.length);
  }

  /** Adds bytes. */
  add(bytes: Uint8Array): void {
    this.bytes.set(bytes, HEADER_SIZE + this.start + this.length);
    this.length += bytes.length;
  }
}

/** The segments in the order of the stream: first those under way, then those never sent. */
export class SendQueue {
  readonly #size: number;
  #segments: Segment[] = [];
  readonly #spare: Segment[] = [];
  #sent = 0;
  #bytes = 0;
  #end: number;

  /** `size` is that of the largest segment, `sequence` that of the first byte. */
  constructor(size: number, sequence: number) {
    this.#size = size;
    this.#end = sequence;
  }

  /** Bytes in it. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The oldest segment that the peer does not have. */
  get first(): Segment | undefined {
    return this.#sent > 0 ? this.#segments[0] : undefined;
  }

  /** The next segment that was never sent. */
  get next(): Segment | undefined {
    return this.#segments[this.#sent];
  }

  /**
   * Puts a message at the end.
   *
   * @param merge whether it may share a segment with the message before it
   * @param cut where it is cut in two; 0 = not
   */
  push(head: Uint8Array, payload: Uint8Array, merge: boolean, cut: number, control = false): void {
    const total = head.length + payload.length;
    this.#bytes += total;
    const last = this.#segments.length > this.#sent ? this.#segments.at(-1) : undefined;
    let segment = merge && cut === 0 && last !== undefined && !last.control && last.room >= total
      ? last
      : this.#append(control);
    const put = (part: Uint8Array): void => {
      while (part.length > 0) {
        let take = Math.min(part.length, segment.room);
        if (cut > 0) take = Math.min(take, cut);
        segment.add(part.subarray(0, take));
        part = part.subarray(take);
        this.#end = (this.#end + take) >>> 0;
        if (cut > 0 && (cut -= take) === 0) segment = this.#append(control);
        else if (part.length > 0) segment = this.#append(control);
      }
    };
    put(head);
    put(payload);
    if (segment.length === 0) this.#recycle(this.#segments.pop()!);
  }

  /** Cuts a segment: the rest of it becomes the next one. */
  split(segment: Segment, length: number): void {
    const rest = this.#take(segment.control, (segment.sequence + length) >>> 0);
    rest.transmissions = segment.transmissions;
    const from = HEADER_SIZE + segment.start + length;
    rest.add(segment.bytes.subarray(from, from + segment.length - length));
    segment.length = length;
    const at = this.#segments.indexOf(segment) + 1;
    this.#segments.splice(at, 0, rest);
    if (segment.transmissions > 0) this.#sent++;
  }

  /** Counts a transmission of a segment; true when it was the first. */
  transmitted(segment: Segment): boolean {
    if (segment.transmissions++ > 0) return false;
    this.#sent++;
    return true;
  }

  /** Forgets the first `bytes`: the peer has them. */
  acknowledged(bytes: number): void {
    this.#bytes -= bytes;
    while (bytes > 0) {
      const first = this.#segments[0]!;
      if (bytes < first.length) {
        first.start += bytes;
        first.length -= bytes;
        first.sequence = (first.sequence + bytes) >>> 0;
        return;
      }
      bytes -= first.length;
      this.#segments.shift();
      this.#sent--;
      this.#recycle(first);
    }
  }

  #append(control: boolean): Segment {
    const segment = this.#take(control, this.#end);
    this.#segments.push(segment);
    return segment;
  }

  #take(control: boolean, sequence: number): Segment {
    // The oldest spare one: a datagram that the system still holds is not overwritten at once.
    const segment = this.#spare.length > MOST_SPARE / 2
      ? this.#spare.shift()!
      : new Segment(this.#size);
    segment.start = segment.length = segment.transmissions = 0;
    segment.sequence = sequence;
    segment.control = control;
    return segment;
  }

  #recycle(segment: Segment): void {
    if (this.#spare.length < MOST_SPARE) this.#spare.push(segment);
  }
}
