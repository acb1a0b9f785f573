/**
 * What a PseudoTcp is told, and what it tells.
 *
 * @module
 */

/** Where a session is. */
export type PseudoTcpState = "closed" | "connecting" | "established" | "failed";

/**
 * Why a session failed: the peer reset it, began anew, never answered, stopped acknowledging, or
 * fell silent while its window was closed.
 */
export type PseudoTcpFailure = "reset" | "restarted" | "no-answer" | "no-progress" | "silent";

/** Options of a `PseudoTcp`. */
export interface PseudoTcpOptions {
  /**
   * Takes bytes in their order, once each, from within `input`. The view is valid during the call
   * and ends where a segment ends.
   */
  readonly deliver: (bytes: Uint8Array) => void;
  /** Offset of the first byte, 0 to 2^32 - 1. Real peers begin at 0, the default. */
  readonly initialSequence?: number | undefined;
  /** Bytes that may wait to be consumed, and the largest window told. Default 65 535. */
  readonly receiveBuffer?: number | undefined;
  /**
   * Shift of the windows that are told, 0 to 14. Default 0. A larger one allows a `receiveBuffer`
   * of more than 65 535; no device was seen that takes it.
   */
  readonly windowScale?: number | undefined;
  /** Time without anything acknowledged after which the session has failed. Default 30 000. */
  readonly progressTimeout?: number | undefined;
}

/** Figures of a session. */
export interface PseudoTcpStats {
  /** Smoothed round-trip time in milliseconds; null before there is one. */
  readonly roundTrip: number | null;
  /** Retransmission timeout in milliseconds. */
  readonly timeout: number;
  /** Congestion window in bytes. */
  readonly congestionWindow: number;
  /** The peer's window in bytes. */
  readonly peerWindow: number;
  /** Bytes on the way. */
  readonly flight: number;
  /** Segments with a body that were sent, retransmissions included. */
  readonly segmentsSent: number;
  /** Of them those that were sent before. */
  readonly retransmissions: number;
  /** Segments without a body that were sent. */
  readonly acknowledgementsSent: number;
  /** Segments with a body that arrived. */
  readonly segmentsReceived: number;
  /** Of them those that brought nothing new. */
  readonly duplicatesReceived: number;
  /** Of them those that came before one that was sent earlier. */
  readonly aheadReceived: number;
}
