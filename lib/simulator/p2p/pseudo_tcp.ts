/**
 * The device's own PseudoTcp, as libjingle has it: without I/O, without a clock.
 *
 * Written after what libnice's PseudoTcp was seen to do with the conversation number `PTCP`. It is
 * the passive side: it waits for a connect message.
 *
 * @module
 */

import {
  CTL_CONNECT,
  distance,
  emptyHeader,
  FLAG_CTL,
  FLAG_RST,
  HEADER_SIZE,
  readHeader,
  type SegmentHeader,
  writeHeader,
} from "../../p2p/segment.ts";
import { Congestion } from "./congestion.ts";
import { connectMessage, scaleOf } from "./connect_message.ts";
import { noCounters, type PseudoTcpCounters, type PseudoTcpOptions } from "./pseudo_tcp_options.ts";
import { type Ack, Receiver } from "./receiver.ts";
import { type Segment, SendQueue } from "./send_queue.ts";

// Constants of libjingle; times in milliseconds, sizes in bytes.

/** Transmissions of one segment before the session is given up. */
const MOST_TRANSMISSIONS = 15;
/** The same before it is established. */
const MOST_TRANSMISSIONS_BEFORE = 30;
/** With the peer's window shut, silence that ends the session. */
const SHUT_SILENCE = 15_000;
/** Bytes of the largest segment with an MTU of 1408, as devices use it. */
const SEGMENT = 1292;
const RECEIVE_BUFFER = 60 * 1024;
const SEND_BUFFER = 90 * 1024;
const ACK_DELAY = 100;
/** Value of the timestamp at time 0; a device's clock is not 0 when somebody connects. */
const FIRST_TIMESTAMP = 60_000;
/** Interval of the repetitions of a connect message that was already acknowledged. */
const SYN_INTERVAL = 1000;

const NOTHING = new Uint8Array(0);
/** A body that some devices send with control byte 1; its meaning is not known. */
const ODD_BODY = Uint8Array.of(0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0);

/** Where its output goes. Both are called in the middle of other calls. */
export interface PseudoTcpOutput {
  /** Sends a datagram; the memory is used again after the call. */
  emit(datagram: Uint8Array): void;
  /** Takes bytes of the stream, in order; a view, valid during the call. Say `consume` when done. */
  deliver(bytes: Uint8Array): void;
}

/** Where a session stands. `established` comes with the first segment that is no connect message. */
export type PseudoTcpState = "listen" | "syn-received" | "established" | "closed";

/** One session. Every `now` is in milliseconds of one clock that never goes back. */
export class PseudoTcp {
  /** Counters. */
  readonly counters: PseudoTcpCounters = noCounters();
  readonly #output: PseudoTcpOutput;
  readonly #options: PseudoTcpOptions;
  readonly #queue: SendQueue;
  readonly #receiver: Receiver;
  readonly #header: SegmentHeader = emptyHeader();
  readonly #seen: SegmentHeader = emptyHeader();
  readonly #empty = new Uint8Array(HEADER_SIZE + ODD_BODY.length);
  readonly #mss: number;
  readonly #sendBuffer: number;
  readonly #ackDelay: number;
  /** A merging sender, too, lets small messages gather behind what is under way. */
  readonly #gathers: boolean;
  readonly #random: () => number;
  #state: PseudoTcpState = "listen";
  #reason = "";

  #acknowledged: number;
  #next: number;
  #peerWindow = 1;
  #peerScale = 0;
  readonly #congestion: Congestion;
  /** Begin of the retransmission timer; -1 when it does not run. */
  #rtoBase = -1;
  #lastSent = 0;
  #lastHeard = 0;
  #synsLeft: number;
  #synAt = Infinity;

  #timestampRecent = 0;
  #lastAcked: number;
  /** Time of the segment whose acknowledgement waits; -1 when none does. */
  #ackSince = -1;

  /** Makes a session that waits for a connect message. */
  constructor(output: PseudoTcpOutput, options: PseudoTcpOptions = {}) {
    this.#output = output;
    this.#options = options;
    this.#mss = options.segmentSize ?? SEGMENT;
    this.#sendBuffer = options.sendBuffer ?? SEND_BUFFER;
    this.#gathers = options.nagle === true || (options.merge ?? 0) > 0;
    this.#ackDelay = options.ackDelay ?? ACK_DELAY;
    this.#random = options.random ?? (() => 1);
    const capacity = options.receiveBuffer ?? RECEIVE_BUFFER;
    const first = (options.initialSequence ?? 0) >>> 0;
    this.#congestion = new Congestion(this.#mss, capacity, first);
    this.#acknowledged = this.#next = first;
    const expected = (options.peerInitialSequence ?? 0) >>> 0;
    const deliver = (bytes: Uint8Array) => output.deliver(bytes);
    this.#receiver = new Receiver(capacity, this.#mss, expected, this.counters, deliver);
    this.#lastAcked = expected;
    this.#queue = new SendQueue(this.#mss, first);
    this.#synsLeft = options.repeatSyn ?? 0;
  }

  /** Where the session stands. */
  get state(): PseudoTcpState {
    return this.#state;
  }

  /** Why it is closed; empty when it is not. */
  get reason(): string {
    return this.#reason;
  }

  /** Bytes that {@linkcode PseudoTcp.send} takes now. */
  get room(): number {
    return this.#state === "closed" ? 0 : Math.max(0, this.#sendBuffer - this.#queue.bytes);
  }

  /** Bytes sent that the peer has not acknowledged. */
  get inFlight(): number {
    return distance(this.#next, this.#acknowledged);
  }

  /** Round-trip time, smoothed, in milliseconds; 0 before the first measurement. */
  get roundTrip(): number {
    return this.#congestion.smoothed;
  }

  /** Window that the peer told last, in bytes. */
  get peerWindow(): number {
    return this.#peerWindow;
  }

  /** When {@linkcode PseudoTcp.tick} wants to be called; Infinity when nothing is pending. */
  get deadline(): number {
    if (this.#state === "closed") return Infinity;
    let at = this.#synAt;
    if (this.#rtoBase >= 0) at = Math.min(at, this.#rtoBase + this.#congestion.rto);
    if (this.#peerWindow === 0) at = Math.min(at, this.#lastSent + this.#congestion.rto);
    if (this.#ackSince >= 0) at = Math.min(at, this.#ackSince + this.#ackDelay);
    return at;
  }

  /**
   * Puts a message into the stream; it is sent as soon as the windows allow.
   *
   * @param whole true: it must not be cut or merged, because its length is that of its segment
   */
  send(head: Uint8Array, payload: Uint8Array, now: number, whole = false): void {
    if (this.#state === "closed") return;
    const { merge = 0, split = 0 } = this.#options;
    const total = head.length + payload.length;
    const merged = !whole && merge > 0 && this.#random() < merge;
    const cut = !whole && split > 0 && total > 1 && this.#random() < split
      ? 1 + Math.floor(this.#random() * (Math.min(total, this.#mss) - 1))
      : 0;
    this.#queue.push(head, payload, merged, cut);
    if (this.#state !== "listen") this.#attempt("none", now);
  }

  /** The application has taken this many delivered bytes: they are free again. */
  consume(bytes: number, now: number): void {
    const reopened = this.#receiver.consume(bytes);
    if (reopened && this.#state !== "closed") this.#attempt("immediate", now);
  }

  /** Ends the session with a reset. */
  reset(now: number): void {
    if (this.#state === "closed" || this.#state === "listen") return;
    this.#emitEmpty(this.#next, FLAG_RST, now);
    this.#end("reset by the device");
  }

  /** Ends the session without a word, as a device does whose power is gone. */
  vanish(): void {
    this.#end("power lost");
  }

  /** Does what time asks for. Harmless when nothing is due. */
  tick(now: number): void {
    if (this.#state === "closed") return;
    if (this.#rtoBase >= 0 && now >= this.#rtoBase + this.#congestion.rto) {
      const first = this.#queue.first;
      if (first === undefined) this.#rtoBase = -1;
      else {
        if (!this.#transmit(first, now)) return;
        this.#congestion.timeout(this.inFlight, this.#state === "established");
        this.#rtoBase = now;
      }
    }
    if (this.#peerWindow === 0 && now >= this.#lastSent + this.#congestion.rto) {
      if (now - this.#lastHeard >= SHUT_SILENCE) {
        return this.#end("silence while the window is shut");
      }
      this.counters.probes++;
      this.#emitEmpty((this.#next - 1) >>> 0, 0, now);
      this.#lastSent = now;
      this.#congestion.backOff();
    }
    if (now >= this.#synAt) this.#repeatSyn(now);
    if (this.#ackSince >= 0 && now >= this.#ackSince + this.#ackDelay) {
      this.#emitEmpty(this.#next, 0, now);
    }
  }

  /** Takes a datagram; what is no segment of this conversation is ignored. */
  input(datagram: Uint8Array, now: number): void {
    const seen = this.#seen;
    if (this.#state === "closed" || !readHeader(datagram, seen)) return;
    this.counters.received++;
    this.#lastHeard = now;
    if ((seen.flags & FLAG_RST) !== 0) return this.#end("reset by the client");
    const control = (seen.flags & FLAG_CTL) !== 0;
    const body = datagram.subarray(HEADER_SIZE);
    if (control) {
      if (body[0] !== CTL_CONNECT) return;
      if (this.#state === "listen") this.#greet(body, now);
    } else if (this.#state === "listen") return;
    else if (this.#state === "syn-received") this.#state = "established";
    if (body.length === 0) this.counters.emptyReceived++;

    // The timestamp of the segment that covers the last acknowledgement is echoed.
    const lag = distance(this.#lastAcked, seen.sequence);
    if (lag >= 0 && lag < body.length) this.#timestampRecent = seen.timestamp;
    // A late SYN acknowledges 0, which says nothing about a stream that began elsewhere.
    const { initialSequence = 0 } = this.#options;
    const isOfNothing = control && seen.acknowledgement === 0 && initialSequence !== 0;
    if (!isOfNothing) this.#acknowledge(seen, body.length, now);
    const before = this.#receiver.expected;
    let ack = control
      ? this.#receiver.control(seen.sequence, body.length)
      : this.#receiver.segment(seen.sequence, body);
    // An answer that went out in the meantime has carried the acknowledgement.
    const told = this.#lastAcked === this.#receiver.expected && this.#lastAcked !== before;
    if (told && ack === "delayed") ack = "none";
    this.#attempt(ack, now);
  }

  /** Answers a connect message with our own. */
  #greet(body: Uint8Array, now: number): void {
    this.#state = "syn-received";
    const scale = scaleOf(body);
    if (scale === undefined) this.#receiver.unscale();
    this.#peerScale = scale ?? 0;
    this.#peerWindow = 4;
    this.#queue.push(connectMessage(this.#receiver.scale), NOTHING, false, 0, true);
    if (this.#synsLeft > 0) this.#synAt = now + SYN_INTERVAL;
  }

  #repeatSyn(now: number): void {
    const header = this.#header;
    const syn = new Uint8Array(HEADER_SIZE + 4);
    syn.set(connectMessage(this.#receiver.scale), HEADER_SIZE);
    this.#fill(header, (this.#options.initialSequence ?? 0) >>> 0, FLAG_CTL, now);
    writeHeader(syn, header);
    this.counters.sent++;
    this.#output.emit(syn);
    this.#synAt = --this.#synsLeft > 0 ? now + SYN_INTERVAL : Infinity;
  }

  /** Reads what the peer has and takes. */
  #acknowledge(seen: SegmentHeader, length: number, now: number): void {
    const gained = distance(seen.acknowledgement, this.#acknowledged);
    if (gained > 0 && distance(seen.acknowledgement, this.#next) <= 0) {
      if (seen.timestampEcho !== 0) {
        this.#congestion.measure(distance(timestamp(now), seen.timestampEcho));
      }
      this.#peerWindow = seen.window << this.#peerScale;
      this.#acknowledged = seen.acknowledgement;
      this.#rtoBase = this.inFlight === 0 ? -1 : now;
      this.#queue.acknowledged(gained);
      if (this.#congestion.acknowledged(gained, this.#acknowledged, this.inFlight)) {
        this.#retransmit(now);
      }
    } else if (gained === 0) {
      this.#peerWindow = seen.window << this.#peerScale;
      if (length === 0 && this.#congestion.repeated(this.inFlight, this.#next)) {
        this.#retransmit(now);
      }
    }
  }

  #retransmit(now: number): void {
    const first = this.#queue.first;
    if (first !== undefined) this.#transmit(first, now);
  }

  /** Sends what the windows allow, and an acknowledgement when nothing of it carried one. */
  #attempt(ack: Ack, now: number): void {
    if (this.#ackDelay === 0 && ack === "delayed") ack = "immediate";
    // What was delivered may have led to an end.
    if (this.#state === "closed") return;
    if (now - this.#lastSent > this.#congestion.rto) this.#congestion.idle();
    for (;;) {
      const window = Math.min(this.#peerWindow, this.#congestion.allowed);
      const inFlight = this.inFlight;
      const usable = Math.max(0, window - inFlight);
      const segment = this.#queue.next;
      let length = segment?.length ?? 0;
      if (length > usable) {
        // A message is cut only when the window leaves no other way.
        length = inFlight === 0 ? usable : 0;
      }
      if (length > 0 && this.#gathers && inFlight > 0 && length < this.#mss) length = 0;
      if (segment === undefined || length === 0) {
        if (ack === "immediate" || (ack === "delayed" && this.#ackSince >= 0)) {
          this.#emitEmpty(this.#next, 0, now);
        } else if (ack === "delayed") this.#ackSince = now;
        return;
      }
      if (length < segment.length) this.#queue.split(segment, length);
      this.#odd(now);
      if (!this.#transmit(segment, now)) return;
      ack = "none";
    }
  }

  /** Sends a segment, again or for the first time; false when that ended the session. */
  #transmit(segment: Segment, now: number): boolean {
    const most = this.#state === "established" ? MOST_TRANSMISSIONS : MOST_TRANSMISSIONS_BEFORE;
    if (segment.transmissions >= most) {
      this.#end("a segment was never acknowledged");
      return false;
    }
    const datagram = segment.datagram;
    this.#fill(this.#header, segment.sequence, segment.control ? FLAG_CTL : 0, now);
    writeHeader(datagram, this.#header);
    if (this.#queue.transmitted(segment)) {
      this.#next = (this.#next + segment.length) >>> 0;
      this.counters.bytesSent += segment.length;
    } else this.counters.retransmissions++;
    if (this.#rtoBase < 0) this.#rtoBase = now;
    this.#lastSent = now;
    this.counters.sent++;
    this.#output.emit(datagram);
    return true;
  }

  #emitEmpty(sequence: number, flags: number, now: number): void {
    this.#fill(this.#header, sequence, flags, now);
    const datagram = this.#empty.subarray(0, HEADER_SIZE);
    writeHeader(datagram, this.#header);
    this.counters.sent++;
    this.counters.emptySent++;
    this.#output.emit(datagram);
  }

  /** Something that Dahua has added; it takes no place in the stream. */
  #odd(now: number): void {
    const { oddSegments = 0 } = this.#options;
    if (oddSegments === 0 || this.#random() >= oddSegments) return;
    this.#fill(this.#header, this.#next, 0, now);
    this.#header.control = 1;
    this.#empty.set(ODD_BODY, HEADER_SIZE);
    writeHeader(this.#empty, this.#header);
    this.#header.control = 0;
    this.#output.emit(this.#empty);
  }

  #fill(header: SegmentHeader, sequence: number, flags: number, now: number): void {
    header.sequence = sequence;
    header.acknowledgement = this.#receiver.expected;
    header.flags = flags;
    header.window = this.#receiver.tell();
    header.timestamp = timestamp(now);
    header.timestampEcho = this.#timestampRecent;
    this.#lastAcked = this.#receiver.expected;
    this.#ackSince = -1;
  }

  #end(reason: string): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#reason = reason;
  }
}

/** Milliseconds modulo 2^32; never 0, which means none. */
function timestamp(now: number): number {
  return (Math.floor(now) + FIRST_TIMESTAMP) >>> 0 || 1;
}
