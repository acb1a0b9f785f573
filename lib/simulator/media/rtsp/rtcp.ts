/**
 * Reports of the sender (RFC 3550 section 6).
 *
 * @module
 */

/** Seconds from 1900 to 1970. */
const NTP_EPOCH = 2_208_988_800;

/** What a report tells. */
export interface SenderFacts {
  /** Source. */
  readonly ssrc: number;
  /** Milliseconds since 1970 at which... */
  readonly time: number;
  /** ...the clock of the stream showed this. */
  readonly rtpTime: number;
  /** Packets sent. */
  readonly packets: number;
  /** Bytes of payload sent. */
  readonly bytes: number;
}

/** A report with the name of the source behind it; with `bye` the source ends. */
export function senderReport(facts: SenderFacts, bye = false): Uint8Array {
  const { ssrc, time, rtpTime, packets, bytes } = facts;
  const report = new Uint8Array(bye ? 52 : 44);
  const view = new DataView(report.buffer);
  view.setUint32(0, 0x80c80006); // SR, 6 words follow
  view.setUint32(4, ssrc);
  view.setUint32(8, Math.floor(time / 1000) + NTP_EPOCH);
  view.setUint32(12, Math.floor((time % 1000) / 1000 * 2 ** 32));
  view.setUint32(16, rtpTime);
  view.setUint32(20, packets);
  view.setUint32(24, bytes);
  view.setUint32(28, 0x81ca0003); // SDES with one chunk
  view.setUint32(32, ssrc);
  report.set([1, 6, ...new TextEncoder().encode("camera")], 36); // CNAME; zeros end it
  if (bye) {
    view.setUint32(44, 0x81cb0001);
    view.setUint32(48, ssrc);
  }
  return report;
}

/** Reports of receivers among the packets of one datagram. */
export function receiverReports(bytes: Uint8Array): number {
  let reports = 0;
  for (let at = 0; at + 4 <= bytes.length;) {
    if (bytes[at]! >> 6 !== 2) break;
    if (bytes[at + 1] === 201) reports++;
    at += 4 + 4 * (bytes[at + 2]! << 8 | bytes[at + 3]!);
  }
  return reports;
}
