/** Writes datagrams and stream segments to a capture file, for tshark. */

export interface CapturedPacket {
  /** UDP by default; a TCP packet stands alone, with this as the sequence number. */
  readonly tcpSequence?: number;
  readonly from: number;
  readonly to: number;
  readonly bytes: Uint8Array;
}

/** Link type 228: packets begin with their IPv4 header. */
const RAW_IPV4 = 228;

/** A capture of packets between 127.0.0.1 and itself; `from` and `to` are ports. */
export function pcap(packets: readonly CapturedPacket[]): Uint8Array<ArrayBuffer> {
  const parts = [header(24, [[0, 0xa1b2c3d4], [4, 0x00020004], [16, 65_535], [20, RAW_IPV4]])];
  packets.forEach((packet, at) => {
    const ip = ipPacket(packet);
    parts.push(header(16, [[0, 1_700_000_000 + at], [8, ip.length], [12, ip.length]]), ip);
  });
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

function ipPacket({ tcpSequence, from, to, bytes }: CapturedPacket): Uint8Array {
  const isTcp = tcpSequence !== undefined;
  const transport = isTcp
    ? header(20, [[0, from << 16 | to], [4, tcpSequence], [12, 0x5018ffff]])
    : header(8, [[0, from << 16 | to], [4, (8 + bytes.length) << 16]]);
  const length = 20 + transport.length + bytes.length;
  const ip = header(20, [
    [0, 0x45000000 | length],
    [8, 0x40000000 | (isTcp ? 6 : 17) << 16],
    [12, 0x7f000001],
    [16, 0x7f000001],
  ]);
  return new Uint8Array([...ip, ...transport, ...bytes]);
}

function header(size: number, words: readonly (readonly [number, number])[]): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  for (const [at, word] of words) view.setUint32(at, word >>> 0);
  return bytes;
}
