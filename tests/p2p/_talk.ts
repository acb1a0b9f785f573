/** An application on a PseudoTcp: sends a pattern in messages, checks and takes what comes. */

import { PseudoTcp } from "../../lib/p2p/pseudo_tcp.ts";
import type { PseudoTcpOptions } from "../../lib/p2p/pseudo_tcp_types.ts";
import { distance, HEADER_SIZE } from "../../lib/p2p/segment.ts";
import { between, seeded } from "../support/random.ts";
import { isPattern, passTime, patternAt, type Side, type Way } from "./_wire.ts";

/** What an application does. */
export interface TalkerOptions extends Omit<PseudoTcpOptions, "deliver"> {
  /** Number of the pattern that it sends. */
  readonly sends: number;
  /** Number of the pattern that it wants. */
  readonly wants: number;
  /** Bytes to send. */
  readonly bytes: number;
  /** Sizes of its messages. Default 12 to 1 292, by seed. */
  readonly message?: () => number;
  /** Times in which it does not read. */
  readonly pauses?: readonly (readonly [from: number, to: number])[];
  readonly seed?: number;
}

/** One of ours with an application. */
export class Talker implements Side {
  readonly end: PseudoTcp;
  sent = 0;
  received = 0;
  wrong = 0;
  /** Delivered, not taken. */
  unread = 0;
  mostUnread = 0;
  /** Segments that held parts of two messages, or of one that the window had room for. */
  badCuts = 0;
  /** Where the message of each byte ends. */
  readonly #messageEnd: Uint32Array;
  wakeAt = Infinity;
  readonly scale: number;
  readonly #options: TalkerOptions;
  /** Where the window has split messages. */
  readonly #splits = new Set<number>();
  readonly #random: () => number;

  constructor(readonly out: Way, options: TalkerOptions) {
    const { sends: _, wants, bytes: _b, message: _m, pauses: _p, seed = 1, ...rest } = options;
    this.#options = options;
    this.#random = seeded(seed);
    this.scale = options.windowScale ?? 0;
    this.#messageEnd = new Uint32Array(options.bytes);
    out.onDatagram = (datagram) => this.#checkCut(datagram);
    this.end = new PseudoTcp({
      ...rest,
      deliver: (bytes) => {
        if (!isPattern(wants, this.received, bytes)) this.wrong++;
        this.received += bytes.length;
        this.unread += bytes.length;
        this.mostUnread = Math.max(this.mostUnread, this.unread);
      },
    });
  }

  run(now: number): void {
    const { bytes, sends, pauses } = this.#options;
    const pause = pauses?.find(([from, to]) => now >= from && now < to);
    this.wakeAt = pause?.[1] ?? Infinity;
    if (pause === undefined && this.unread > 0) {
      this.end.consume(this.unread);
      this.unread = 0;
    }
    while (this.sent < bytes && this.end.writable) {
      const wanted = this.#options.message?.() ?? between(this.#random, 12, 1_292);
      const length = Math.min(wanted, bytes - this.sent);
      const head = Math.min(12, length);
      const message = patternAt(sends, this.sent, length);
      this.end.send(message.subarray(0, head), message.subarray(head));
      this.#messageEnd.fill(this.sent + length, this.sent, this.sent + length);
      this.sent += length;
    }
  }

  #checkCut(datagram: Uint8Array): void {
    const length = datagram.length - HEADER_SIZE;
    if (length === 0 || datagram[13] !== 0) return;
    const first = (this.#options.initialSequence ?? 0) + 4;
    const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
    const start = distance(view.getUint32(4), first);
    const end = start + length;
    const whole = this.#messageEnd[start]!;
    const isSecondPart = this.#splits.has(start);
    const isFirstByte = start === 0 || this.#messageEnd[start - 1] === start;
    if (end > whole || !(isFirstByte || isSecondPart)) this.badCuts++;
    if (end === whole || this.#splits.has(end)) return;
    if (!this.out.edges.has((first + end) >>> 0)) this.badCuts++;
    this.#splits.add(end);
  }
}

/** Whether everything of both has arrived and is acknowledged. */
export function bothDone(left: Talker, right: Talker, there: number, back: number): boolean {
  return right.received >= there && left.received >= back &&
    left.end.stats.flight === 0 && right.end.stats.flight === 0;
}

/** Connects both and lets them talk until all is done. */
export function talk(
  left: Talker,
  right: Talker,
  there: number,
  back: number,
  limit: number,
  start = 0,
): number {
  left.end.connect(start);
  right.end.connect(start);
  return passTime(
    [left, right],
    () =>
      bothDone(left, right, there, back) ||
      left.end.state === "failed" || right.end.state === "failed",
    limit,
    start,
  );
}
