/**
 * RTCP (RFC 3550 section 6): what senders tell about their clocks, and what we tell about loss.
 *
 * @module
 */

/** A sender's clock: an RTP timestamp and the wall clock of the same moment. */
export interface SenderReport {
  /** Source. */
  readonly ssrc: number;
  /** Seconds since 1900 by the sender's clock. */
  readonly ntp: number;
  /** RTP timestamp of that moment. */
  readonly timestamp: number;
  /** The middle 32 bits of the NTP time, which a receiver report repeats. */
  readonly last: number;
}

/** What a compound packet says that matters here. */
export interface RtcpInfo {
  /** Sender reports. */
  readonly reports: readonly SenderReport[];
  /** Sources that say goodbye: the stream is over. */
  readonly byes: readonly number[];
}

/** Reads a compound packet; what is malformed ends it. */
export function parseRtcp(bytes: Uint8Array): RtcpInfo {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const reports: SenderReport[] = [];
  const byes: number[] = [];
  for (let at = 0; at + 8 <= bytes.length && bytes[at]! >> 6 === 2;) {
    const length = 4 * (view.getUint16(at + 2) + 1);
    if (at + length > bytes.length) break;
    const type = bytes[at + 1]!;
    if (type === 200 && length >= 28) {
      reports.push({
        ssrc: view.getUint32(at + 4),
        ntp: view.getUint32(at + 8) + view.getUint32(at + 12) / 2 ** 32,
        last: ((view.getUint32(at + 8) << 16) | (view.getUint32(at + 12) >>> 16)) >>> 0,
        timestamp: view.getUint32(at + 16),
      });
    } else if (type === 203) {
      const count = bytes[at]! & 0x1f;
      for (let index = 0; index < count && 8 + 4 * index <= length; index++) {
        byes.push(view.getUint32(at + 4 + 4 * index));
      }
    }
    at += length;
  }
  return { reports, byes };
}

/** What a receiver report says about one source. */
export interface Reception {
  /** Our own source number. */
  readonly own: number;
  /** The sender's. */
  readonly ssrc: number;
  /** Share of packets lost since the last report, 0 to 1. */
  readonly fractionLost: number;
  /** Packets lost in all. */
  readonly lost: number;
  /** Highest sequence number, with its wraps in the upper 16 bits. */
  readonly highest: number;
  /** See {@linkcode SenderReport.last}; 0 when there was none. */
  readonly last: number;
  /** Seconds since that report. */
  readonly delay: number;
}

/** A receiver report with the mandatory name of its sender. */
export function encodeReceiverReport(reception: Reception): Uint8Array {
  const name = new TextEncoder().encode("dhip");
  const bytes = new Uint8Array(32 + 16);
  const view = new DataView(bytes.buffer);
  bytes.set([0x81, 201, 0, 7]);
  view.setUint32(4, reception.own);
  view.setUint32(8, reception.ssrc);
  view.setUint32(12, Math.min(Math.max(reception.lost, 0), 0x7fffff));
  bytes[12] = Math.min(255, Math.floor(reception.fractionLost * 256));
  view.setUint32(16, reception.highest >>> 0);
  view.setUint32(24, reception.last);
  view.setUint32(28, Math.min(0xffffffff, Math.round(reception.delay * 65_536)));
  bytes.set([0x81, 202, 0, 3], 32);
  view.setUint32(36, reception.own);
  bytes.set([1, name.length, ...name], 40);
  return bytes;
}
