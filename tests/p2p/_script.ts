/** A PseudoTcp and a peer whose every segment is written by hand. */

import { PseudoTcp } from "../../lib/p2p/pseudo_tcp.ts";
import type { PseudoTcpOptions } from "../../lib/p2p/pseudo_tcp_types.ts";
import {
  emptyHeader,
  FLAG_CTL,
  HEADER_SIZE,
  readHeader,
  type SegmentHeader,
  writeHeader,
} from "../../lib/p2p/segment.ts";

/** A segment that was read. */
export interface Seen extends SegmentHeader {
  readonly body: Uint8Array;
}

/** Makes a datagram of some fields of a header and a body. */
export function segment(fields: Partial<SegmentHeader>, body: Uint8Array = new Uint8Array()) {
  const datagram = new Uint8Array(HEADER_SIZE + body.length);
  writeHeader(datagram, { ...emptyHeader(), window: 0xffff, timestamp: 1, ...fields });
  datagram.set(body, HEADER_SIZE);
  return datagram;
}

/** Body of a connect message. */
export const SYN_BODY: Uint8Array = Uint8Array.of(0, 3, 1, 0);

/** `length` bytes that tell their place. */
export function bytes(length: number, from = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => from + index);
}

export interface ScriptOptions extends Partial<PseudoTcpOptions> {
  /** Where the peer's stream begins: its SYN is there. Default 0. */
  readonly peerSequence?: number;
  /** The peer's window. Default 65 535. */
  readonly window?: number;
  /** Whether what is delivered is also consumed. Default true. */
  readonly reads?: boolean;
  readonly start?: number;
}

/** One of ours, its clock, and what it delivered. */
export class Script {
  readonly tcp: PseudoTcp;
  readonly delivered: number[] = [];
  /** What the peer has to say next when nothing is missing. */
  peerNext: number;
  now: number;
  readonly #window: number;
  readonly #initial: number;

  constructor(options: ScriptOptions = {}) {
    const { peerSequence = 0, window = 0xffff, reads = true, start = 1_000, ...rest } = options;
    this.now = start;
    this.#window = window;
    this.#initial = options.initialSequence ?? 0;
    this.peerNext = peerSequence;
    this.tcp = new PseudoTcp({
      deliver: (part) => {
        for (const byte of part) this.delivered.push(byte);
        if (reads) this.tcp.consume(part.length);
      },
      ...rest,
    });
  }

  /**
   * Opens the session: SYN, SYN after 20 ms, and the empty segment that establishes the peer.
   */
  static open(options: ScriptOptions = {}): Script {
    const script = new Script(options);
    script.tcp.connect(script.now);
    script.sent();
    script.now += 20;
    script.takeSyn();
    script.sent();
    return script;
  }

  /** The next sequence of ours, before anything was sent by `send`. */
  get first(): number {
    return (this.#initial + 4) >>> 0;
  }

  /** The peer's SYN arrives, which acknowledges ours. */
  takeSyn(fields: Partial<SegmentHeader> = {}): void {
    const sequence = this.peerNext;
    this.peerNext = (sequence + 4) >>> 0;
    this.take({ sequence, flags: FLAG_CTL, ...fields }, SYN_BODY);
  }

  /** A segment of the peer arrives; it acknowledges our SYN only, unless told otherwise. */
  take(fields: Partial<SegmentHeader>, body?: Uint8Array): void {
    const defaults = {
      sequence: this.peerNext,
      acknowledgement: this.first,
      window: this.#window,
      timestamp: Math.floor(this.now),
    };
    this.tcp.input(segment({ ...defaults, ...fields }, body), this.now);
  }

  /** Everything that is to be sent now. */
  sent(): Seen[] {
    const seen: Seen[] = [];
    for (let datagram; (datagram = this.tcp.poll(this.now)) !== null;) {
      const header = emptyHeader();
      if (!readHeader(datagram, header)) throw new Error("Not a segment");
      seen.push({ ...header, body: datagram.slice(HEADER_SIZE) });
      if (seen.length > 10_000) throw new Error("poll never ends");
    }
    return seen;
  }

  /** Time passes until the next deadline; what is to be sent then. */
  next(): Seen[] {
    if (this.tcp.deadline === Infinity) throw new Error("There is no deadline");
    this.now = Math.max(this.now, this.tcp.deadline);
    return this.sent();
  }

  /** So much time passes, deadline by deadline; all that is sent on the way. */
  pass(milliseconds: number): Seen[] {
    const end = this.now + milliseconds;
    const seen = this.sent();
    while (this.tcp.deadline <= end) seen.push(...this.next());
    this.now = end;
    return seen;
  }

  /** Sends messages of this length, each filled with its number. */
  send(length: number, count = 1): void {
    for (let i = 0; i < count; i++) this.tcp.send(new Uint8Array(length).fill(i));
  }
}
