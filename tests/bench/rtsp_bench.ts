/** From the bytes of an RTSP connection to access units. */

import { depacketizerOf } from "../../lib/media/rtsp/depacketizer.ts";
import { parseRtp, ReorderBuffer } from "../../lib/media/rtsp/rtp.ts";
import { RtspDecoder } from "../../lib/media/rtsp/rtsp_decoder.ts";
import { parseSdp } from "../../lib/media/rtsp/sdp.ts";
import { atLeast, fastestSeconds, type Row } from "./_harness.ts";

const SDP = "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\n";
const PAYLOAD = 1400;

/** Pictures of 30 fragments, as interleaved packets. */
function connection(pictures: number): Uint8Array {
  const size = 4 + 12 + PAYLOAD;
  const bytes = new Uint8Array(pictures * 30 * size);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < pictures * 30; index++) {
    const at = index * size;
    const place = index % 30;
    bytes.set([0x24, 0, (size - 4) >> 8, (size - 4) & 0xff, 0x80, place === 29 ? 0xe0 : 0x60], at);
    view.setUint16(at + 6, index & 0xffff);
    view.setUint32(at + 8, Math.floor(index / 30) * 3600);
    bytes[at + 16] = 0x7c;
    bytes[at + 17] = (place === 0 ? 0x80 : place === 29 ? 0x40 : 0) | 1;
    bytes.fill(0xa5, at + 18, at + size);
  }
  return bytes;
}

export async function run(): Promise<Row[]> {
  const bytes = connection(400);
  const play = () => {
    const decoder = new RtspDecoder();
    const order = new ReorderBuffer({ limit: 0 });
    const depacketizer = depacketizerOf(parseSdp(SDP).media[0]!)!;
    let units = 0;
    for (let at = 0; at < bytes.length; at += 65_536) {
      for (const event of decoder.push(bytes.subarray(at, at + 65_536))) {
        if (event.kind !== "packet") continue;
        const read = parseRtp(event.bytes);
        if (read === undefined) continue;
        for (const { packet, lost } of order.push(read, 0)) {
          units += depacketizer.push(packet, lost).length;
        }
      }
    }
    if (units !== 400) throw new Error(`${units} units`);
  };
  const [time] = await fastestSeconds(10, play);
  return [atLeast("RTSP to access units", bytes.length / time! / 1e6, 200, "MB/s")];
}
