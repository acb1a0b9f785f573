/**
 * PTCP: libjingle's PseudoTcp as a state machine without I/O.
 *
 * Datagrams and the time go in; datagrams, bytes in their order and the next deadline come out. All
 * times are milliseconds of one monotonic clock with an arbitrary start. Facts are those of WebRTC's
 * `p2p/base/pseudo_tcp.cc` and libnice's `pseudotcp.c`, against which this is tested.
 *
 * @module
 */

import { SEGMENT_SIZE } from "./_congestion.ts";
import { connectMessage, scaleOf, stamp } from "./_connect.ts";
import { Receiver } from "./_receiver.ts";
import { type OutSegment, Sender } from "./_sender.ts";
import type {
  PseudoTcpFailure,
  PseudoTcpOptions,
  PseudoTcpState,
  PseudoTcpStats,
} from "./pseudo_tcp_types.ts";
import {
  CTL_CONNECT,
  distance,
  emptyHeader,
  FLAG_CTL,
  FLAG_RST,
  HEADER_SIZE,
  readHeader,
  writeHeader,
} from "./segment.ts";

export { SEGMENT_SIZE };

/** A single segment is acknowledged after this time, in milliseconds (libjingle: 100). */
const ACKNOWLEDGEMENT_DELAY = 25;
/** Segments that are acknowledged together: RFC 5681 section 4.2. */
const ACKNOWLEDGE_EVERY = 2;
/** Empty segments from the past are answered at most this often, in milliseconds. */
const PROBE_ANSWER_INTERVAL = 100;
/** A SYN that nobody answers is sent again every second, as libjingle's peers do. */
const SYN_INTERVAL = 1_000;
/** Transmissions of a SYN: libjingle. */
const SYN_TRANSMISSIONS = 30;
/** A datagram that is on its way for longer, in milliseconds, is none: RFC 9293 says minutes. */
const LONGEST_DELAY = 60_000;
/** A peer with a closed window that says nothing for so long is gone: libjingle. */
const CLOSED_WINDOW_SILENCE = 15_000;
/** Longest message that is sent as one segment of its own. */
const LONGEST_MESSAGE = 4_096 + 12;
/** Acknowledgements for a gap that are owed at most. */
const MOST_DUPLICATES = 64;

/**
 * One session. Call `poll` until it returns null after each other call and when `deadline` has
 * passed; send every datagram that it returns.
 */
export class PseudoTcp {
  readonly #sender: Sender;
  readonly #receiver: Receiver;
  readonly #scale: number;
  readonly #progressTimeout: number;
  readonly #in = emptyHeader();
  readonly #out = emptyHeader();
  readonly #empty = new Uint8Array(HEADER_SIZE);
  #state: PseudoTcpState = "closed";
  #failure: PseudoTcpFailure | undefined;
  #syn: OutSegment | undefined;
  #synAt = Infinity;
  #peerScale = 0;
  /** Timestamps of the peer: of its SYN, and the newest of a segment that proved it established. */
  #peerSynTimestamp = 0;
  #peerSequence = 0;
  #peerTimestamp: number | undefined;
  /** What the next segments echo. */
  #recent = 0;
  #lastAcknowledged = 0;
  #heardAt = 0;
  #unacknowledged = 0;
  #acknowledgeAt = Infinity;
  #duplicatesOwed = 0;
  #answeredProbeAt = -Infinity;
  #segmentsSent = 0;
  #acknowledgementsSent = 0;
  #segmentsReceived = 0;
  #duplicatesReceived = 0;
  #aheadReceived = 0;

  /** @throws {RangeError} when an option is out of its range */
  constructor(options: PseudoTcpOptions) {
    const { deliver, initialSequence = 0, windowScale = 0, progressTimeout = 30_000 } = options;
    const { receiveBuffer = 65_535 } = options;
    if (!Number.isInteger(windowScale) || windowScale < 0 || windowScale > 14) {
      throw new RangeError("windowScale must be 0 to 14");
    }
    if (!(receiveBuffer >= 1 && receiveBuffer <= 65_535 * 2 ** windowScale)) {
      throw new RangeError("receiveBuffer must be 1 to 65535, times 2 to the windowScale");
    }
    this.#scale = windowScale;
    this.#progressTimeout = progressTimeout;
    this.#sender = new Sender(initialSequence);
    this.#receiver = new Receiver(receiveBuffer, deliver);
  }

  /** Where the session is. */
  get state(): PseudoTcpState {
    return this.#state;
  }

  /** Why it failed; undefined unless it did. */
  get failure(): PseudoTcpFailure | undefined {
    return this.#failure;
  }

  /** When the peer was last heard of. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Whether another message may be sent now. What is sent regardless waits in memory. */
  get writable(): boolean {
    return this.#state === "established" && this.#sender.writable;
  }

  /** When `poll` has to be called at the latest; `Infinity` when nothing is due. */
  get deadline(): number {
    if (this.#state !== "established") return this.#synAt;
    const sender = this.#sender;
    const stuckSince = sender.windowWait.since;
    const verdict = stuckSince !== undefined
      ? Math.max(this.#heardAt, stuckSince) + CLOSED_WINDOW_SILENCE
      : sender.flight > 0
      ? sender.progressAt + this.#progressTimeout
      : Infinity;
    return Math.min(this.#synAt, this.#acknowledgeAt, sender.deadline, verdict);
  }

  /** Figures so far. */
  get stats(): PseudoTcpStats {
    const sender = this.#sender;
    return {
      roundTrip: sender.roundTrip.smoothed ?? null,
      timeout: sender.roundTrip.timeout,
      congestionWindow: sender.congestion.window,
      peerWindow: sender.peerWindow,
      flight: sender.flight,
      segmentsSent: this.#segmentsSent,
      retransmissions: sender.retransmissions,
      acknowledgementsSent: this.#acknowledgementsSent,
      segmentsReceived: this.#segmentsReceived,
      duplicatesReceived: this.#duplicatesReceived,
      aheadReceived: this.#aheadReceived,
    };
  }

  /** Begins the session: a SYN is due. */
  connect(now: number): void {
    if (this.#state !== "closed") throw new TypeError("A session connects once");
    this.#state = "connecting";
    this.#heardAt = now;
    this.#syn = this.#sender.open(connectMessage(this.#scale), FLAG_CTL, now);
    this.#synAt = now;
  }

  /**
   * Sends one message as one segment; both parts are copied.
   *
   * @throws {RangeError} when it is empty or longer than 4 108 bytes
   */
  send(head: Uint8Array, payload?: Uint8Array): void {
    const length = head.length + (payload?.length ?? 0);
    if (length === 0 || length > LONGEST_MESSAGE) {
      throw new RangeError(`A message is 1 to ${LONGEST_MESSAGE} bytes long`);
    }
    if (this.#state === "established" || this.#state === "connecting") {
      this.#sender.queue(head, payload);
    }
  }

  /** The application took `bytes` of what was delivered: the window opens again. */
  consume(bytes: number): void {
    this.#receiver.consume(bytes);
    if (this.#state === "established" && this.#receiver.hasOpened) this.#acknowledgeAt = -Infinity;
  }

  /** Asks for a sign of life: an empty segment out of place, which every PseudoTcp answers. */
  ask(now: number): void {
    this.#sender.windowWait.ask(now);
  }

  /** Ends the session on this side; nothing is sent. */
  close(): void {
    if (this.#state !== "failed") this.#state = "closed";
    this.#forget();
  }

  /** Takes a datagram. What is not a segment of this session is dropped. */
  input(datagram: Uint8Array, now: number): void {
    const header = this.#in;
    if (this.#state !== "connecting" && this.#state !== "established") return;
    if (!readHeader(datagram, header)) return;
    this.#heardAt = now;
    if ((header.flags & FLAG_RST) !== 0) return this.#fail("reset");
    const length = datagram.length - HEADER_SIZE;
    if ((header.flags & FLAG_CTL) !== 0) {
      if (length === 0) return;
      if (datagram[HEADER_SIZE] === CTL_CONNECT) return this.#onConnect(datagram, now);
    } else if (this.#state === "established") {
      const known = this.#peerTimestamp;
      const { timestamp } = header;
      if (known === undefined || (timestamp - known) << 1 > 0) this.#peerTimestamp = timestamp;
    }
    if (this.#state === "connecting") return; // the peer's first byte is not known yet
    this.#takeAcknowledgement(length === 0, now);
    // An extension of some devices, with a body that is not of the stream.
    if (header.control !== 0) return;
    if (length === 0) return this.#onEmpty(now);
    this.#segmentsReceived++;
    this.#noteTimestamp(length);
    if ((header.flags & FLAG_CTL) !== 0) {
      this.#receiver.skip(header.sequence, length);
      this.#acknowledgeAt = -Infinity;
      return;
    }
    switch (this.#receiver.accept(header.sequence, datagram.subarray(HEADER_SIZE))) {
      case "next":
        if (++this.#unacknowledged >= ACKNOWLEDGE_EVERY) this.#acknowledgeAt = -Infinity;
        else this.#acknowledgeAt = Math.min(this.#acknowledgeAt, now + ACKNOWLEDGEMENT_DELAY);
        break;
      case "filled":
        this.#acknowledgeAt = -Infinity;
        break;
      case "ahead":
        this.#aheadReceived++;
        this.#oweDuplicate();
        break;
      case "stale":
        this.#duplicatesReceived++;
        this.#oweDuplicate();
    }
  }

  /** The next datagram to send, valid until the next call; null when there is none now. */
  poll(now: number): Uint8Array | null {
    if (this.#state === "connecting") return this.#pollSyn(now);
    if (this.#state !== "established") return null;
    if (now >= this.deadline) this.#expire(now);
    if (this.#failure !== undefined) return null;
    // Only empty segments count as duplicates: they can't ride on data.
    if (this.#duplicatesOwed > 0) {
      this.#duplicatesOwed--;
      return this.#acknowledgement(now);
    }
    const segment = this.#sender.take(now);
    if (segment !== null) return this.#data(segment, now);
    if (this.#sender.windowWait.takeQuestion()) {
      // Out of place on purpose: what is in place is not answered.
      return this.#write(this.#empty, this.#sender.next - 1, 0, now);
    }
    return now >= this.#acknowledgeAt ? this.#acknowledgement(now) : null;
  }

  #pollSyn(now: number): Uint8Array | null {
    if (now < this.#synAt) return null;
    const syn = this.#syn!;
    if (syn.transmissions >= SYN_TRANSMISSIONS) {
      this.#fail("no-answer");
      return null;
    }
    syn.transmissions++;
    syn.sentAt = now;
    this.#synAt = now + SYN_INTERVAL;
    return this.#data(syn, now);
  }

  #expire(now: number): void {
    const { flight, progressAt, windowWait } = this.#sender;
    const stuckSince = windowWait.since;
    if (stuckSince !== undefined) {
      if (now >= Math.max(this.#heardAt, stuckSince) + CLOSED_WINDOW_SILENCE) {
        return this.#fail("silent");
      }
    } else if (flight > 0 && now >= progressAt + this.#progressTimeout) {
      return this.#fail("no-progress");
    }
    this.#sender.expire(now);
  }

  #onConnect(datagram: Uint8Array, now: number): void {
    const { sequence, timestamp } = this.#in;
    const length = datagram.length - HEADER_SIZE;
    if (this.#state === "established") {
      if (sequence === this.#peerSequence && this.#isFresh()) return this.#fail("restarted");
      // A late SYN of before it had heard of us acknowledges 0: no place in a stream that wraps.
      if (this.#in.acknowledgement !== 0) this.#takeAcknowledgement(false, now);
      this.#receiver.skip(sequence, length); // the rest of one that was cut on the way
      return this.#acknowledgeNow(); // it missed our acknowledgement
    }
    this.#state = "established";
    this.#synAt = Infinity;
    this.#peerScale = scaleOf(datagram.subarray(HEADER_SIZE));
    this.#peerSequence = sequence;
    this.#peerSynTimestamp = timestamp;
    this.#recent = timestamp;
    this.#receiver.begin(sequence, length);
    this.#lastAcknowledged = this.#receiver.next;
    this.#sender.progressAt = now; // a peer that opened at the same time has not heard of us yet
    this.#takeAcknowledgement(false, now);
    // A passive peer is established by our first segment that is not a SYN.
    this.#acknowledgeNow();
  }

  /**
   * Whether a SYN is of a new session of the peer. One that missed our acknowledgement repeats its
   * SYN with what it knows of us; a late copy is older than what has proved it established.
   */
  #isFresh(): boolean {
    const { acknowledgement, timestamp } = this.#in;
    const { acknowledged, next } = this.#sender;
    const knowsUs = distance(acknowledgement, acknowledged) >= 0 &&
      distance(acknowledgement, next) <= 0;
    if (knowsUs || this.#peerTimestamp === undefined) return false;
    const isNewer = (timestamp - this.#peerTimestamp) << 1 > 0;
    const earlier = (this.#peerSynTimestamp - timestamp) << 1 >> 1;
    return isNewer || earlier > LONGEST_DELAY;
  }

  #takeAcknowledgement(isEmpty: boolean, now: number): void {
    const { acknowledgement, timestampEcho, timestamp } = this.#in;
    const sender = this.#sender;
    const window = this.#in.window << this.#peerScale;
    const opens = window > sender.peerWindow;
    const duplicate = isEmpty && acknowledgement === sender.acknowledged && !opens;
    if (distance(acknowledgement, sender.next) > 0) return; // of bytes that were never sent
    const echo = timestampEcho === 0 ? undefined : (stamp(now) - timestampEcho) & 0x7fffffff;
    const isSane = echo !== undefined && echo < 60_000;
    sender.acknowledge(acknowledgement, now, isSane ? echo : undefined);
    sender.setWindow(acknowledgement, window, timestamp);
    if (duplicate) sender.duplicate(now);
  }

  /** An empty segment is answered only when it comes from the past: it asks for our window. */
  #onEmpty(now: number): void {
    if (distance(this.#in.sequence, this.#receiver.next) >= 0) return;
    if (now - this.#answeredProbeAt < PROBE_ANSWER_INTERVAL) return;
    this.#answeredProbeAt = now;
    this.#acknowledgeNow();
  }

  /** libjingle's rule, close to RFC 7323: the timestamp of what covers the last acknowledgement. */
  #noteTimestamp(length: number): void {
    const { sequence, timestamp } = this.#in;
    const behind = distance(this.#lastAcknowledged, sequence);
    if (behind >= 0 && behind < length) this.#recent = timestamp;
  }

  #acknowledgeNow(): void {
    this.#acknowledgeAt = -Infinity;
  }

  #oweDuplicate(): void {
    if (this.#duplicatesOwed < MOST_DUPLICATES) this.#duplicatesOwed++;
  }

  #data({ datagram, sequence, flags }: OutSegment, now: number): Uint8Array {
    this.#segmentsSent++;
    return this.#write(datagram, sequence, flags, now);
  }

  #acknowledgement(now: number): Uint8Array {
    this.#acknowledgementsSent++;
    return this.#write(this.#empty, this.#sender.next, 0, now);
  }

  #write(datagram: Uint8Array, sequence: number, flags: number, now: number): Uint8Array {
    const header = this.#out;
    header.sequence = sequence >>> 0;
    header.flags = flags;
    header.window = Math.min(0xffff, this.#receiver.window >>> this.#scale);
    header.acknowledgement = this.#lastAcknowledged = this.#receiver.next;
    header.timestampEcho = this.#recent;
    this.#unacknowledged = 0;
    this.#acknowledgeAt = Infinity;
    header.timestamp = stamp(now);
    writeHeader(datagram, header);
    return datagram;
  }

  #fail(failure: PseudoTcpFailure): void {
    this.#state = "failed";
    this.#failure = failure;
    this.#forget();
  }

  #forget(): void {
    this.#sender.clear();
    this.#receiver.clear();
    this.#acknowledgeAt = this.#synAt = Infinity;
    this.#duplicatesOwed = 0;
  }
}
