/**
 * What a session with realms is told, and why it ends.
 *
 * @module
 */

import type { PseudoTcpFailure } from "./pseudo_tcp_types.ts";

/** Why a session is over: its transport failed, heartbeats had no answer, or the socket broke. */
export type MuxFailure = PseudoTcpFailure | "heartbeat" | "socket";

/** Options of a `Mux`; every time is in milliseconds. */
export interface MuxOptions {
  /** Randomness for the numbers of realms, 0 <= x < 1. */
  readonly random: () => number;
  /** Between two heartbeats. Default 5 000, as all known clients. */
  readonly heartbeatInterval?: number | undefined;
  /** Longest wait for the device's word about a BIND. Default 10 000. */
  readonly bindTimeout?: number | undefined;
  /** Unread bytes of a realm that is alone before the device has to wait. Default 256 KiB. */
  readonly aloneLimit?: number | undefined;
  /** Unread bytes of all realms before the device has to wait. Default 16 MiB. */
  readonly sharedLimit?: number | undefined;
  /**
   * Shift of our window, 0 to 8: the device may have 64 KiB times 2 to this on the way, which lifts
   * the limit of 64 KiB a round trip of slow relays. Default 0: PseudoTcp knows it, but no device was
   * seen with another.
   */
  readonly windowScale?: number | undefined;
  /** Offset of the first byte; for tests. */
  readonly initialSequence?: number | undefined;
  /** Hears of what the device sent and nobody knows; at most once per type. */
  readonly onUnknown?: ((type: number, bytes: number) => void) | undefined;
}
