/** The DHAV demuxer against the speed that recorders' disks and networks can never reach. */

import { DhavDecoder } from "../../lib/media/dhav.ts";
import { atLeast, fastestSeconds, type Row } from "./_harness.ts";

/** A key frame of 60 KB and 24 others of 8 KB, with sound in between, as a camera at 2 Mbit/s. */
function secondOfVideo(): Uint8Array {
  const frames: Uint8Array[] = [frameOf(0xfd, 60_000)];
  for (let count = 0; count < 24; count++) frames.push(frameOf(0xfc, 8_000), frameOf(0xf0, 320));
  const bytes = new Uint8Array(frames.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const frame of frames) {
    bytes.set(frame, at);
    at += frame.length;
  }
  return bytes;
}

function frameOf(type: number, payload: number): Uint8Array {
  const extension = type === 0xf0
    ? [0x83, 1, 0x0e, 2]
    : [0x81, 0, 2, 25, 0x82, 0, 0, 0, 0, 5, 208, 2];
  const frame = new Uint8Array(24 + extension.length + payload + 8);
  const view = new DataView(frame.buffer);
  frame.set([0x44, 0x48, 0x41, 0x56, type]);
  view.setUint32(12, frame.length, true);
  frame[22] = extension.length;
  frame[23] = frame.subarray(0, 23).reduce((sum, byte) => sum + byte, 0);
  frame.set(extension, 24);
  frame.fill(0x44, 24 + extension.length, frame.length - 8); // the worst filling: all look like D
  frame.set([0x64, 0x68, 0x61, 0x76], frame.length - 8);
  view.setUint32(frame.length - 4, frame.length, true);
  return frame;
}

export async function run(): Promise<Row[]> {
  const second = secondOfVideo();
  const stream = new Uint8Array(second.length * 200);
  for (let count = 0; count < 200; count++) stream.set(second, count * second.length);
  const decode = (chunk: number) => {
    const decoder = new DhavDecoder();
    let frames = 0;
    for (let at = 0; at < stream.length; at += chunk) {
      for (const frame of decoder.push(stream.subarray(at, at + chunk))) {
        frames += frame.payload.length > 0 ? 1 : 0;
      }
    }
    return frames;
  };
  const [large, small] = await fastestSeconds(
    10,
    () => decode(256 * 1024),
    () => decode(16 * 1024),
  );
  return [
    atLeast("demux DHAV in chunks of 256 KiB", stream.length / large! / 1e9, 1, "GB/s"),
    atLeast("demux DHAV in chunks of 16 KiB", stream.length / small! / 1e9, 1, "GB/s"),
  ];
}
