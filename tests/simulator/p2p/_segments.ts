/** Raw segments of a client, and what a PseudoTcp answers to them. */

import {
  emptyHeader,
  readHeader,
  type SegmentHeader,
  writeHeader,
} from "../../../lib/p2p/segment.ts";
import { PseudoTcp } from "../../../lib/simulator/p2p/pseudo_tcp.ts";
import type { PseudoTcpOptions } from "../../../lib/simulator/p2p/pseudo_tcp_options.ts";

export interface Seen extends SegmentHeader {
  readonly body: Uint8Array;
}

/** A datagram with these fields; the others are those of an idle client. */
export function segment(fields: Partial<SegmentHeader>, body: Uint8Array = new Uint8Array(0)) {
  const datagram = new Uint8Array(24 + body.length);
  writeHeader(datagram, { ...emptyHeader(), window: 0xffff, timestamp: 1, ...fields });
  datagram.set(body, 24);
  return datagram;
}

export const SYN = segment({ flags: 2 }, Uint8Array.of(0, 3, 1, 0));

export function read(datagram: Uint8Array): Seen {
  const header = emptyHeader();
  if (!readHeader(datagram, header)) throw new Error("no segment");
  return { ...header, body: datagram.slice(24) };
}

/** A PseudoTcp of which a test is the client. */
export class Bench {
  readonly tcp: PseudoTcp;
  readonly delivered: Uint8Array[] = [];
  #out: Seen[] = [];
  now = 0;
  /** Takes what is delivered at once. */
  reads = true;

  constructor(options: PseudoTcpOptions = {}) {
    this.tcp = new PseudoTcp({
      emit: (datagram) => this.#out.push(read(datagram)),
      deliver: (bytes) => {
        this.delivered.push(bytes.slice());
        if (this.reads) this.tcp.consume(bytes.length, this.now);
      },
    }, options);
  }

  /** One that has had its handshake. */
  static open(options: PseudoTcpOptions = {}): Bench {
    const bench = new Bench(options);
    const ours = options.initialSequence ?? 0;
    const theirs = options.peerInitialSequence ?? 0;
    bench.in(SYN.with(0, 0x50), { sequence: theirs });
    bench.in(segment({ sequence: (theirs + 4) >>> 0, acknowledgement: (ours + 4) >>> 0 }));
    bench.out();
    return bench;
  }

  in(datagram: Uint8Array, change: Partial<SegmentHeader> = {}): void {
    const { body, ...header } = read(datagram);
    this.tcp.input(segment({ ...header, ...change }, body), this.now);
  }

  /** What came out since the last call. */
  out(): Seen[] {
    const out = this.#out;
    this.#out = [];
    return out;
  }

  /** Lets time pass until the deadline, at most until `limit`. */
  wait(limit = Infinity): void {
    this.now = Math.min(limit, Math.max(this.now, this.tcp.deadline));
    this.tcp.tick(this.now);
  }

  text(): string {
    return this.delivered.map((bytes) => new TextDecoder().decode(bytes)).join("");
  }
}
