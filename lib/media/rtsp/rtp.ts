/**
 * RTP packets (RFC 3550) and their order.
 *
 * @module
 */

/** A packet. */
export interface RtpPacket {
  /** Payload type. */
  readonly payloadType: number;
  /** Ends an access unit, for pictures. */
  readonly marker: boolean;
  /** Sequence number, wraps at 2^16. */
  readonly sequence: number;
  /** Ticks of the media clock, wraps at 2^32. */
  readonly timestamp: number;
  /** Source. */
  readonly ssrc: number;
  /** Content: a view. */
  readonly payload: Uint8Array;
}

/** Reads a packet; undefined when it is none. */
export function parseRtp(bytes: Uint8Array): RtpPacket | undefined {
  if (bytes.length < 12 || bytes[0]! >> 6 !== 2) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let start = 12 + 4 * (bytes[0]! & 0x0f);
  if (bytes[0]! & 0x10) { // header extension
    if (start + 4 > bytes.length) return undefined;
    start += 4 + 4 * view.getUint16(start + 2);
  }
  let end = bytes.length;
  if (bytes[0]! & 0x20) end -= bytes[end - 1]!; // padding counts itself
  if (start > end) return undefined;
  return {
    payloadType: bytes[1]! & 0x7f,
    marker: (bytes[1]! & 0x80) !== 0,
    sequence: view.getUint16(2),
    timestamp: view.getUint32(4),
    ssrc: view.getUint32(8),
    payload: bytes.subarray(start, end),
  };
}

/** How far `to` is ahead of `from`, -32 768 to 32 767. */
export function sequenceDistance(from: number, to: number): number {
  return ((to - from) << 16) >> 16;
}

/** A packet in its place. */
export interface OrderedPacket {
  /** The packet. */
  readonly packet: RtpPacket;
  /** Packets that were lost just before it. */
  readonly lost: number;
}

/** Bounds of a {@linkcode ReorderBuffer}. */
export interface ReorderOptions {
  /** Packets that may wait for an earlier one. 0 for TCP, where order is certain. Default 64. */
  readonly limit?: number | undefined;
  /** Longest wait for an earlier packet in milliseconds. Default 200. */
  readonly patience?: number | undefined;
}

/** A jump further than this is a new start of the source, and no loss. */
const RESTART = 3_000;

/**
 * Puts packets of one source in order. Pure: time comes in with each packet. Payloads are kept as
 * they are, so bytes that are reused must be copied before.
 */
export class ReorderBuffer {
  readonly #limit: number;
  readonly #patience: number;
  readonly #waiting = new Map<number, { readonly packet: RtpPacket; readonly since: number }>();
  #next: number | undefined;
  #ssrc: number | undefined;
  /** Packets that came too late or twice. */
  late = 0;

  /** Makes an empty buffer. */
  constructor(options: ReorderOptions = {}) {
    this.#limit = options.limit ?? 64;
    this.#patience = options.patience ?? 200;
  }

  /**
   * Takes a packet and gives those whose turn it is.
   *
   * @param now milliseconds
   */
  *push(packet: RtpPacket, now: number): Generator<OrderedPacket, void, void> {
    const distance = this.#next === undefined ? 0 : sequenceDistance(this.#next, packet.sequence);
    if (this.#next === undefined || packet.ssrc !== this.#ssrc || Math.abs(distance) > RESTART) {
      this.#waiting.clear(); // another source, or the same one anew
      this.#ssrc = packet.ssrc;
      this.#next = packet.sequence;
    } else if (distance < 0 || this.#waiting.has(packet.sequence)) {
      this.late++;
      return;
    }
    if (packet.sequence === this.#next) {
      this.#next = (packet.sequence + 1) & 0xffff;
      yield { packet, lost: 0 };
      yield* this.#run();
    } else {
      this.#waiting.set(packet.sequence, { packet, since: now });
    }
    while (this.#mustGoOn(now)) yield* this.#giveUp();
  }

  #mustGoOn(now: number): boolean {
    if (this.#waiting.size > this.#limit) return true;
    // In the order of arrival: the first one has waited longest.
    const [first] = this.#waiting.values();
    return first !== undefined && now - first.since > this.#patience;
  }

  /** Goes on behind what is missing. */
  *#giveUp(): Generator<OrderedPacket, void, void> {
    const ahead = [...this.#waiting.keys()].map((sequence) =>
      sequenceDistance(this.#next!, sequence)
    );
    const lost = Math.min(...ahead);
    this.#next = (this.#next! + lost) & 0xffff;
    yield* this.#run(lost);
  }

  /** Gives what follows without a hole. */
  *#run(lost = 0): Generator<OrderedPacket, void, void> {
    for (;;) {
      const entry = this.#waiting.get(this.#next!);
      if (entry === undefined) return;
      this.#waiting.delete(this.#next!);
      this.#next = (this.#next! + 1) & 0xffff;
      yield { packet: entry.packet, lost };
      lost = 0;
    }
  }
}
