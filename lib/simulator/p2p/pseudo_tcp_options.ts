/**
 * How one PseudoTcp differs from the next, and what it counts.
 *
 * @module
 */

/** How this PseudoTcp differs from the usual one. */
export interface PseudoTcpOptions {
  /** Bytes that it takes before the application has them. Default 61440; above 65535 its window is scaled. */
  readonly receiveBuffer?: number | undefined;
  /** Bytes that wait for an acknowledgement. Default 92160. */
  readonly sendBuffer?: number | undefined;
  /** Bytes of its largest segment, 64-65000. Default 1292. */
  readonly segmentSize?: number | undefined;
  /** Milliseconds that an acknowledgement waits for a second segment. Default 100. */
  readonly ackDelay?: number | undefined;
  /** True: a segment that is not full waits while others are under way. Default false. */
  readonly nagle?: boolean | undefined;
  /** Chance that a message shares the segment of the one before it that waits, 0-1. Default 0. */
  readonly merge?: number | undefined;
  /** Chance that a message is cut into two segments, 0-1. Default 0. */
  readonly split?: number | undefined;
  /** Chance that a segment with control byte 1 and ten bytes of no meaning goes before one, 0-1. */
  readonly oddSegments?: number | undefined;
  /** How often the connect message is sent again though it was acknowledged. Default 0. */
  readonly repeatSyn?: number | undefined;
  /** Offset of its first byte. Default 0, as all known peers have it. */
  readonly initialSequence?: number | undefined;
  /** Offset of the peer's first byte. Default 0. */
  readonly peerInitialSequence?: number | undefined;
  /** Numbers 0 <= x < 1; needed for chances only. */
  readonly random?: (() => number) | undefined;
}

/** What has happened on one session. */
export interface PseudoTcpCounters {
  /** Segments that came in. */
  received: number;
  /** Bytes of the stream that came in, each counted once. */
  bytesReceived: number;
  /** Empty segments that came in. */
  emptyReceived: number;
  /** Segments that lay beyond every window that was ever told: the peer overran it. */
  overruns: number;
  /** Segments that came more than once. */
  duplicates: number;
  /** Segments sent. */
  sent: number;
  /** Bytes of the stream sent, each counted once. */
  bytesSent: number;
  /** Segments sent again. */
  retransmissions: number;
  /** Empty segments sent: acknowledgements, window updates and probes. */
  emptySent: number;
  /** Probes of a shut window among them. */
  probes: number;
}

/** Counters at their beginning. */
export function noCounters(): PseudoTcpCounters {
  return {
    received: 0,
    bytesReceived: 0,
    emptyReceived: 0,
    overruns: 0,
    duplicates: 0,
    sent: 0,
    bytesSent: 0,
    retransmissions: 0,
    emptySent: 0,
    probes: 0,
  };
}
