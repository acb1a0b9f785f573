/**
 * The sending half of a PseudoTcp: what is on the way, and when it is sent again.
 *
 * A segment is one message and stays so: it is split only when the peer's window leaves no other
 * way, and sent again in the same cut. There is no selective acknowledgement in this protocol, so
 * losses show in four ways: three duplicate acknowledgements; one that comes a round trip after the
 * last retransmission; a silence of two round trips (a probe, after RFC 8985 section 7); and the
 * retransmission timeout.
 *
 * @module
 */

import { Congestion, SEGMENT_SIZE } from "./_congestion.ts";
import { RoundTrip } from "./_round_trip.ts";
import { WindowWait } from "./_window_wait.ts";
import { distance, HEADER_SIZE } from "./segment.ts";

/** Duplicate acknowledgements that mean a loss: RFC 5681, libjingle. */
const DUPLICATES = 3;
/** A peer delays its acknowledgement of a single segment by so much: libjingle, in milliseconds. */
const PEER_DELAY = 100;
/** Shortest time before a probe, in milliseconds: the grain of timers. */
const SHORTEST_PROBE = 10;
/** Probes of one silence before only the retransmission timeout counts. */
const PROBES = 4;
/** Bytes that may wait to be sent: enough to fill a window's gap, few enough to stay fair. */
const BACKLOG = 16 * SEGMENT_SIZE;

/** A segment that waits to be sent or to be acknowledged. */
export interface OutSegment {
  /** Header space and body. */
  readonly datagram: Uint8Array<ArrayBuffer>;
  readonly sequence: number;
  readonly length: number;
  readonly flags: number;
  /** When it was last sent. */
  sentAt: number;
  transmissions: number;
}

/** Queue, retransmission and congestion control. */
export class Sender {
  readonly roundTrip: RoundTrip = new RoundTrip();
  readonly congestion: Congestion = new Congestion();
  /** Transmissions beyond the first of their segment. */
  retransmissions = 0;
  /** When the peer last acknowledged something new while anything was on the way. */
  progressAt = 0;
  /** Waiting for room in the peer's window. */
  readonly windowWait: WindowWait = new WindowWait(this.roundTrip);

  /** Acknowledged ones are cut off now and then, not one by one. */
  #queue: OutSegment[] = [];
  #first = 0;
  /** Index of the first one that was never sent. */
  #unsent = 0;
  #pool: ArrayBuffer[] = [];
  #acked: number;
  #sent: number;
  #end: number;
  #edge: number;
  #largestWindow = 0;
  #edgeTimestamp = 0;
  #duplicates = 0;
  #recovery: "none" | "fast" | "timeout" = "none";
  #recover: number;
  /** Index of the next segment to be sent again. */
  #again = -1;
  #timeoutAt = Infinity;
  #probeAt = Infinity;
  #probes = 0;

  constructor(initialSequence: number) {
    this.#acked =
      this.#sent =
      this.#end =
      this.#edge =
      this.#recover =
        initialSequence >>> 0;
  }

  /** First byte that is not acknowledged. */
  get acknowledged(): number {
    return this.#acked;
  }

  /** Next byte to be sent for the first time. */
  get next(): number {
    return this.#sent;
  }

  /** Bytes on the way. */
  get flight(): number {
    return distance(this.#sent, this.#acked);
  }

  /** Bytes that were not sent yet. */
  get backlog(): number {
    return distance(this.#end, this.#sent);
  }

  /** Whether another message may be queued. */
  get writable(): boolean {
    return this.backlog < BACKLOG;
  }

  /** Bytes that the peer takes beyond what it has acknowledged. */
  get peerWindow(): number {
    return Math.max(0, distance(this.#edge, this.#acked));
  }

  /** When {@linkcode expire} has something to do. */
  get deadline(): number {
    return Math.min(this.#timeoutAt, this.#probeAt, this.windowWait.deadline);
  }

  /** Queues a message, copied. */
  queue(head: Uint8Array, payload: Uint8Array | undefined, flags = 0): void {
    const length = head.length + (payload?.length ?? 0);
    const datagram = this.#buffer(length);
    datagram.set(head, HEADER_SIZE);
    if (payload !== undefined) datagram.set(payload, HEADER_SIZE + head.length);
    this.#queue.push({
      datagram,
      sequence: this.#end,
      length,
      flags,
      sentAt: 0,
      transmissions: 0,
    });
    this.#end = (this.#end + length) >>> 0;
  }

  /** Sends the segment that opens the session: it needs no window. */
  open(body: Uint8Array, flags: number, now: number): OutSegment {
    this.queue(body, undefined, flags);
    this.#edge = this.#sent = this.#end;
    this.#timeoutAt = now + this.roundTrip.timeout;
    return this.#queue[this.#unsent++]!;
  }

  /** Takes the window that a segment tells, unless a newer one has told another. */
  setWindow(acknowledgement: number, window: number, timestamp: number): void {
    if (distance(acknowledgement, this.#acked) < 0) return;
    const newer = (timestamp - this.#edgeTimestamp) << 1; // clocks of 31 and of 32 bits
    const edge = (acknowledgement + window) >>> 0;
    if (newer < 0 && distance(edge, this.#edge) < 0) return;
    this.#edgeTimestamp = timestamp;
    if (window > this.#largestWindow) this.#largestWindow = window;
    if (distance(edge, this.#edge) > 0) this.windowWait.end();
    this.#edge = edge;
  }

  /**
   * Takes an acknowledgement of everything before `acknowledgement`.
   *
   * @param echo milliseconds since the transmission that the segment echoes; undefined if it has none
   */
  acknowledge(acknowledgement: number, now: number, echo: number | undefined): void {
    const bytes = distance(acknowledgement, this.#acked);
    if (bytes <= 0 || distance(acknowledgement, this.#sent) > 0) return;
    const flightBefore = this.flight;
    this.#measure(acknowledgement, now, echo);
    this.#acked = acknowledgement;
    if (distance(this.#edge, this.#acked) < 0) this.#edge = this.#acked;
    this.#drop();
    this.roundTrip.progress();
    this.progressAt = now;
    this.#duplicates = 0;
    this.windowWait.end();
    const full = distance(acknowledgement, this.#recover) >= 0;
    if (this.#recovery === "none") {
      if (this.#probes > 0 && !full) {
        // What the probe brought was missing, and so is what follows it.
        this.#recovery = "fast";
        this.congestion.enterRecovery(flightBefore);
        this.#again = this.#first;
      } else {
        const limited = flightBefore + 2 * SEGMENT_SIZE >= this.congestion.window;
        this.congestion.acknowledged(bytes, limited);
      }
    } else if (full) {
      if (this.#recovery === "fast") this.congestion.leaveRecovery();
      this.#recovery = "none";
      this.#again = -1;
    } else if (this.#recovery === "fast") {
      this.congestion.partial(bytes);
      this.#again = this.#first;
    } else {
      this.congestion.acknowledged(bytes, true);
    }
    this.#probes = 0;
    this.#arm(now);
  }

  /** Takes an empty segment that acknowledges nothing new while something is on the way. */
  duplicate(now: number): void {
    if (this.flight === 0) return;
    this.#duplicates++;
    const head = this.#queue[this.#first]!;
    const roundTrip = this.roundTrip.smoothed ?? Infinity;
    if (this.#recovery === "fast") this.congestion.inflate();
    // What was sent after the last retransmission has arrived, and that has not: it is lost too.
    const overdue = this.#again < 0 && now > head.sentAt + 1.25 * roundTrip + 2;
    if (this.#recovery === "none") {
      if (this.#duplicates < DUPLICATES || (head.transmissions > 1 && !overdue)) return;
      this.#recover = this.#sent;
      this.congestion.enterRecovery(this.flight);
    } else if (!overdue) return;
    this.#recovery = "fast";
    this.#again = this.#first;
  }

  /** Does what is due. */
  expire(now: number): void {
    if (now >= this.#timeoutAt) {
      this.roundTrip.backOff();
      if (this.#recovery !== "timeout") this.congestion.timeout(this.flight);
      this.#recovery = "timeout";
      this.#recover = this.#sent;
      this.#again = this.#first;
      this.#duplicates = 0;
      this.#probeAt = Infinity;
      this.#timeoutAt = now + this.roundTrip.timeout;
    } else if (now >= this.#probeAt) {
      this.#probes++;
      if (this.#recovery === "none") this.#recover = this.#sent;
      else this.#recovery = "fast"; // after a timeout everything was sent again, and this is lost
      this.#again = this.#first;
      this.#armProbe(now);
    }
    this.windowWait.expire(now, this.peerWindow);
  }

  /** The next segment to send, marked as sent; null when none may be sent now. */
  take(now: number): OutSegment | null {
    return this.#takeAgain(now) ?? this.#takeNew(now);
  }

  /** Forgets everything. */
  clear(): void {
    this.#queue = [];
    this.#pool = [];
    this.#first = this.#unsent = 0;
    this.#acked = this.#sent = this.#end;
    this.#again = -1;
    this.#timeoutAt = this.#probeAt = Infinity;
    this.windowWait.end();
  }

  #takeAgain(now: number): OutSegment | null {
    const at = this.#again;
    if (at < 0) return null;
    const segment = this.#queue[at];
    if (segment === undefined || at >= this.#unsent) return null;
    if (this.#recovery === "timeout") {
      // All that was on the way counts as lost, and is sent again as the window opens.
      const out = distance(segment.sequence, this.#acked);
      if (out > 0 && out + segment.length > this.congestion.window) return null;
      const next = this.#queue[at + 1];
      const more = next !== undefined && distance(next.sequence, this.#recover) < 0;
      this.#again = more ? at + 1 : -1;
    } else {
      this.#again = -1;
    }
    this.retransmissions++;
    return this.#mark(segment, now);
  }

  #takeNew(now: number): OutSegment | null {
    let segment = this.#queue[this.#unsent];
    if (segment === undefined) return null;
    const flight = this.flight;
    const window = this.peerWindow;
    // RFC 3042: the first two duplicates let one new segment out each.
    const limited = this.#recovery === "none" ? Math.min(this.#duplicates, 2) * SEGMENT_SIZE : 0;
    if (flight > 0 && flight + segment.length > this.congestion.window + limited) return null;
    if (flight + segment.length > window) {
      if (flight > 0) {
        // Acknowledgements will make room; that of a single segment would come late.
        if (this.#unsent - this.#first === 1) this.windowWait.hurry(now);
        return null;
      }
      if (window === 0 || (!this.windowWait.maySplit && 2 * window < this.#largestWindow)) {
        this.windowWait.begin(now, window);
        return null;
      }
      segment = this.#split(segment, window);
    }
    this.#unsent++;
    this.#sent = (this.#sent + segment.length) >>> 0;
    if (flight === 0) this.progressAt = now;
    this.windowWait.end();
    return this.#mark(segment, now);
  }

  #mark(segment: OutSegment, now: number): OutSegment {
    segment.sentAt = now;
    segment.transmissions++;
    if (this.#timeoutAt === Infinity || segment.transmissions > 1) {
      this.#timeoutAt = now + this.roundTrip.timeout;
    }
    if (segment.transmissions === 1 && this.#probes === 0) this.#armProbe(now);
    return segment;
  }

  #split(segment: OutSegment, length: number): OutSegment {
    const body = segment.datagram.subarray(HEADER_SIZE);
    const piece = (from: number, to: number): OutSegment => {
      const datagram = this.#buffer(to - from);
      datagram.set(body.subarray(from, to), HEADER_SIZE);
      const sequence = (segment.sequence + from) >>> 0;
      return { ...segment, datagram, sequence, length: to - from };
    };
    const first = piece(0, length);
    this.#queue.splice(this.#unsent, 1, first, piece(length, segment.length));
    return first;
  }

  #measure(acknowledgement: number, now: number, echo: number | undefined): void {
    // Karn: only what was sent once tells its time; an echo names its transmission.
    let newest: OutSegment | undefined;
    let once = true;
    for (let at = this.#first; at < this.#unsent; at++) {
      const segment = this.#queue[at]!;
      if (distance(acknowledgement, segment.sequence) < segment.length) break;
      newest = segment;
      once &&= segment.transmissions === 1;
    }
    if (newest !== undefined && once) this.roundTrip.measure(now - newest.sentAt);
    else if (echo !== undefined) this.roundTrip.measureAmbiguous(echo);
  }

  /** Drops what is acknowledged as a whole. */
  #drop(): void {
    const again = this.#again;
    while (this.#first < this.#unsent) {
      const segment = this.#queue[this.#first]!;
      if (distance(this.#acked, segment.sequence) < segment.length) break;
      const { buffer } = segment.datagram;
      if (this.#pool.length < 128 && segment.length <= SEGMENT_SIZE) this.#pool.push(buffer);
      this.#first++;
    }
    if (again >= 0 && again < this.#first) this.#again = this.#first;
    if (this.#first === this.#unsent && this.#again >= this.#first) this.#again = -1;
    if (this.#first < 256) return;
    this.#queue.splice(0, this.#first);
    this.#unsent -= this.#first;
    if (this.#again >= 0) this.#again -= this.#first;
    this.#first = 0;
  }

  #arm(now: number): void {
    if (this.flight === 0) {
      this.#timeoutAt = this.#probeAt = Infinity;
      return;
    }
    this.#timeoutAt = now + this.roundTrip.timeout;
    this.#armProbe(now);
  }

  #armProbe(now: number): void {
    const roundTrip = this.roundTrip.smoothed;
    const resending = this.#recovery === "timeout" && this.#again >= 0;
    if (roundTrip === undefined || this.#probes >= PROBES || resending) {
      this.#probeAt = Infinity;
      return;
    }
    const single = this.#unsent - this.#first <= 1 ? PEER_DELAY : 0;
    const wait = Math.max(SHORTEST_PROBE, 2 * roundTrip) * 2 ** this.#probes + single;
    this.#probeAt = now + wait;
  }

  /** A buffer for a segment with this body; of full size, so that it serves again. */
  #buffer(length: number): Uint8Array<ArrayBuffer> {
    const size = HEADER_SIZE + length;
    if (length > SEGMENT_SIZE) return new Uint8Array(size);
    const memory = this.#pool.pop() ?? new ArrayBuffer(HEADER_SIZE + SEGMENT_SIZE);
    return new Uint8Array(memory, 0, size);
  }
}
