/** Transfers between ours and libnice's PseudoTcp over real UDP. */

import assert from "node:assert/strict";
import { type NiceOptions, type NiceReport, startNicePeer } from "../support/nice_peer.ts";
import { UdpEnd, type UdpEndOptions } from "./_udp_end.ts";

/** What both saw of a transfer. */
export interface Outcome {
  readonly nice: NiceReport;
  readonly ours: UdpEnd;
}

/** Moves bytes both ways, or one, and holds both ends to what is true of every transfer. */
export async function transfer(
  { send = 0, receive = 0, ...nice }: NiceOptions & {
    /** Bytes from us to libnice. */
    readonly send?: number;
    /** Bytes from libnice to us. */
    readonly receive?: number;
  },
  ourOptions: UdpEndOptions = {},
  check: (outcome: Outcome) => void = () => {},
): Promise<void> {
  await using ours = await UdpEnd.open({ ...ourOptions, send });
  await using peer = await startNicePeer({ ...nice, receive: send, send: receive });
  ours.connect(peer.port);
  await ours.settled(receive);
  await peer.done;
  const report = await peer.end();
  assert.equal(report.received, send);
  assert.equal(ours.received, receive);
  assert.equal(report.receivedSha256, ours.sentSha256(), "what libnice received");
  assert.equal(report.sentSha256, ours.receivedSha256(), "what libnice sent");
  assert.equal(report.overrun, 0, "bytes beyond libnice's window");
  assert.equal(report.badEchoes, 0, "echoes of timestamps from the future");
  assert.equal(report.zeroTimestamps, 0);
  assert.ok(report.largest <= 1_316, `a datagram of ${report.largest} bytes`);
  assert.equal(report.closed, false);
  // One for each segment that came, and now and then a question for its window.
  const came = report.out.segments - report.out.empty;
  const went = report.in.segments - report.in.empty;
  assert.ok(
    report.in.empty <= 1.2 * came + 0.1 * went + 20,
    `${report.in.empty} empty segments for ${came} that came and ${went} that went`,
  );
  check({ nice: report, ours });
}
