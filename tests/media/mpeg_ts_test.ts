import assert from "node:assert/strict";
import { TS_PACKET, TsMuxer } from "../../lib/media/mpeg_ts.ts";
import { between, scaled, seeded } from "../support/random.ts";

/** What a reader of ISO/IEC 13818-1 makes of packets: written for this test, from the standard. */
function demux(bytes: Uint8Array) {
  const streams = new Map<number, { data: number[]; starts: number; clocks: number[] }>();
  const counters = new Map<number, number>();
  assert.equal(bytes.length % TS_PACKET, 0);
  for (let at = 0; at < bytes.length; at += TS_PACKET) {
    const packet = bytes.subarray(at, at + TS_PACKET);
    assert.equal(packet[0], 0x47);
    const pid = ((packet[1]! & 0x1f) << 8) | packet[2]!;
    const counter = packet[3]! & 0x0f;
    const before = counters.get(pid);
    if (before !== undefined) assert.equal(counter, (before + 1) & 0x0f, `counter of ${pid}`);
    counters.set(pid, counter);
    const stream = streams.get(pid) ?? { data: [], starts: 0, clocks: [] };
    streams.set(pid, stream);
    let start = 4;
    if (packet[3]! & 0x20) {
      const length = packet[4]!;
      assert.ok(length <= 183);
      if (length > 0 && packet[5]! & 0x10) {
        const base = packet[6]! * 2 ** 25 + packet[7]! * 2 ** 17 + packet[8]! * 2 ** 9 +
          packet[9]! * 2 + (packet[10]! >> 7);
        stream.clocks.push(base / 90_000);
      }
      start += 1 + length;
    }
    if (packet[1]! & 0x40) stream.starts++;
    stream.data.push(...packet.subarray(start));
  }
  return streams;
}

Deno.test("pictures of every length come out as they went in, in packets that count on", () => {
  const random = seeded(12);
  const muxer = new TsMuxer({ video: "h264", audio: true });
  for (let round = 0; round < scaled(3000); round++) {
    const picture = Uint8Array.from(
      { length: between(random, 1, 600) },
      () => between(random, 0, 255),
    );
    const sound = Uint8Array.from(
      { length: between(random, 1, 400) },
      () => between(random, 0, 255),
    );
    const key = random() < 0.2;
    const time = round / 25;
    const bytes = new Uint8Array([
      ...muxer.video([picture.subarray(0, 1), picture.subarray(1)], time, key),
      ...muxer.audio(sound, time),
    ]);
    const streams = demux(bytes);
    const video = streams.get(0x100)!;
    assert.equal(video.starts, 1);
    assert.deepEqual(video.data.slice(14 + 6), [...picture], `round ${round}`);
    const [clock] = video.clocks;
    const pts = ptsOf(video.data);
    assert.ok(Math.abs(pts - 1 - time) < 1e-4 && pts > clock!, `${pts} ${clock}`);
    const audio = streams.get(0x101)!;
    assert.equal((audio.data[4]! << 8) | audio.data[5]!, sound.length + 8);
    assert.deepEqual(audio.data.slice(14), [...sound]);
    if (key) assert.ok(streams.has(0) && streams.has(0x1000), "who joins here needs the tables");
  }
});

function ptsOf(pes: number[]): number {
  const [a, b, c, d, e] = pes.slice(9, 14) as [number, number, number, number, number];
  return (((a >> 1) & 7) * 2 ** 30 + ((b << 7) | (c >> 1)) * 2 ** 15 + ((d << 7) | (e >> 1))) /
    90_000;
}

Deno.test("times go on over the end of the 33 bits", () => {
  const muxer = new TsMuxer({ video: "h265", audio: false });
  const late = 2 ** 33 / 90_000 - 1 + 0.04;
  const streams = demux(muxer.video([Uint8Array.of(1)], late, true));
  assert.ok(Math.abs(ptsOf(streams.get(0x100)!.data) - 0.04) < 1e-3);
  assert.ok(ptsOf(demux(muxer.video([Uint8Array.of(1)], -3, true)).get(0x100)!.data) > 0);
});
