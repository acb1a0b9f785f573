/**
 * What has happened on the way to one device by its serial number.
 *
 * @module
 */

import type { DeviceTunnel } from "./device_tunnel.ts";

/** Counters of one device, or the sums of several. */
export interface P2pStats {
  /** Clients that asked for a direct tunnel and were let in. */
  readonly channels: number;
  /** Requests that the device refused: salt, nonce, digest. */
  readonly refusedChannels: number;
  /** Hole punching that succeeded. */
  readonly punched: number;
  /** Relays that the device has joined. */
  readonly joinedRelays: number;
  /** Tunnels so far. */
  readonly tunnels: number;
  /** Tunnels now. */
  readonly openTunnels: number;
  /** Connections inside tunnels now. */
  readonly openConnections: number;
  /** BINDs that came in. */
  readonly binds: number;
  /** Those that were refused. */
  readonly refusedBinds: number;
  /** BINDs whose target was not the device itself. */
  readonly foreignTargets: number;
  /** DATA of connections that did not exist. */
  readonly strayData: number;
  /** Messages inside that were none. */
  readonly unknownMessages: number;
  /** Heartbeats of clients. */
  readonly heartbeats: number;
  /** Bytes of connections that came in. */
  readonly bytesReceived: number;
  /** Bytes of connections sent. */
  readonly bytesSent: number;
  /** Segments that came in. */
  readonly segmentsReceived: number;
  /** Empty ones among them: acknowledgements and probes. */
  readonly emptyReceived: number;
  /** Segments that came more than once. */
  readonly duplicates: number;
  /** Segments beyond every window that was told: the client overran it. */
  readonly overruns: number;
  /** Segments sent. */
  readonly segmentsSent: number;
  /** Empty ones among them. */
  readonly emptySent: number;
  /** Segments sent again. */
  readonly retransmissions: number;
  /** Probes of a shut window. */
  readonly probes: number;
}

/** Nothing has happened yet. */
export function noP2pStats(): { -readonly [K in keyof P2pStats]: number } {
  return {
    channels: 0,
    refusedChannels: 0,
    punched: 0,
    joinedRelays: 0,
    tunnels: 0,
    openTunnels: 0,
    openConnections: 0,
    binds: 0,
    refusedBinds: 0,
    foreignTargets: 0,
    strayData: 0,
    unknownMessages: 0,
    heartbeats: 0,
    bytesReceived: 0,
    bytesSent: 0,
    segmentsReceived: 0,
    emptyReceived: 0,
    duplicates: 0,
    overruns: 0,
    segmentsSent: 0,
    emptySent: 0,
    retransmissions: 0,
    probes: 0,
  };
}

/** The counters of several. */
export function sumP2pStats(all: readonly P2pStats[]): P2pStats {
  const sum = noP2pStats();
  for (const stats of all) {
    for (const key of Object.keys(sum) as (keyof P2pStats)[]) sum[key] += stats[key];
  }
  return sum;
}

/** The counters of one tunnel; those of devices are 0. */
export function tunnelStats({ counters, tcp, realms, over }: DeviceTunnel): P2pStats {
  return {
    ...noP2pStats(),
    openTunnels: over ? 0 : 1,
    openConnections: realms,
    binds: counters.binds,
    refusedBinds: counters.refusedBinds,
    foreignTargets: counters.foreignTargets,
    strayData: counters.strayData,
    unknownMessages: counters.unknown,
    heartbeats: counters.heartbeats,
    bytesReceived: counters.dataReceived,
    bytesSent: counters.dataSent,
    segmentsReceived: tcp.counters.received,
    emptyReceived: tcp.counters.emptyReceived,
    duplicates: tcp.counters.duplicates,
    overruns: tcp.counters.overruns,
    segmentsSent: tcp.counters.sent,
    emptySent: tcp.counters.emptySent,
    retransmissions: tcp.counters.retransmissions,
    probes: tcp.counters.probes,
  };
}
