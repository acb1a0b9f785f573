/** RTP: packets, their order, and what they are put together to. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { nalUnits } from "../../lib/media/annexb.ts";
import { depacketizerOf } from "../../lib/media/rtsp/depacketizer.ts";
import { type OrderedPacket, parseRtp, ReorderBuffer } from "../../lib/media/rtsp/rtp.ts";
import type { RtpPacket } from "../../lib/media/rtsp/rtp.ts";
import type { RtpUnit } from "../../lib/media/rtsp/rtp_unit.ts";
import { parameterSetsOf, parseSdp, type SdpMedia } from "../../lib/media/rtsp/sdp.ts";
import { peerTest, run, temporaryFolder } from "../support/peers.ts";
import { between, scaled, seeded } from "../support/random.ts";

const HOST = "127.77.30.1";

function packet(sequence: number, more: Partial<RtpPacket> = {}): RtpPacket {
  const payload = Uint8Array.of(0x41, 1);
  return { payloadType: 96, marker: true, sequence, timestamp: 0, ssrc: 1, payload, ...more };
}

function media(encoding: string, parameters: Record<string, string> = {}): SdpMedia {
  return {
    kind: "video",
    payloadType: 96,
    encoding,
    clockRate: 90_000,
    channels: 1,
    parameters: new Map(Object.entries(parameters)),
    control: "",
  };
}

Deno.test("packets are read with sources, extension and padding", () => {
  const plain = Uint8Array.of(0x80, 0xe0, 1, 2, 0, 0, 0, 5, 0, 0, 0, 9, 7, 8);
  assert.deepEqual(parseRtp(plain), {
    payloadType: 96,
    marker: true,
    sequence: 258,
    timestamp: 5,
    ssrc: 9,
    payload: Uint8Array.of(7, 8),
  });
  const full = Uint8Array.of(
    ...[0xb1, 0x60, 0, 1, 0, 0, 0, 5, 0, 0, 0, 9, 1, 1, 1, 1],
    ...[0xbe, 0xde, 0, 1, 2, 2, 2, 2, 7, 0, 0, 3],
  );
  assert.deepEqual([...parseRtp(full)!.payload], [7]);
  for (const bad of [[], [0x80], [0x40, ...plain.subarray(1)], full.subarray(0, 18)]) {
    assert.equal(parseRtp(Uint8Array.from(bad)), undefined);
  }
});

Deno.test("packets come in order, and what is missing is counted", () => {
  const random = seeded(21);
  for (let round = 0; round < scaled(2000); round++) {
    const first = between(random, 0, 65535);
    const count = 200;
    const lostOnes = new Set<number>();
    const sent: number[] = [];
    for (let index = 0; index < count; index++) {
      if (index > 0 && index < count - 1 && random() < 0.05) lostOnes.add(index);
      else sent.push(index);
    }
    // Each packet moves by a few places; some come twice.
    const moved = sent.map((index) => ({ index, place: index + (index === 0 ? 0 : random() * 6) }))
      .sort((a, b) => a.place - b.place).map(({ index }) => index)
      .flatMap((index) => random() < 0.05 ? [index, index] : [index]);
    const buffer = new ReorderBuffer({ limit: 16, patience: 1000 });
    const got: OrderedPacket[] = [];
    for (const [now, index] of moved.entries()) {
      got.push(...buffer.push(packet((first + index) & 0xffff), now));
    }
    got.push(...buffer.push(packet((first + count) & 0xffff), 1e6));
    got.push(...buffer.push(packet((first + count + 1) & 0xffff), 2e6));
    const places = got.map(({ packet }) => (packet.sequence - first + 0x10000) & 0xffff);
    assert.deepEqual(places.slice(0, sent.length), sent, `round ${round}`);
    assert.equal(got.reduce((sum, { lost }) => sum + lost, 0), lostOnes.size, `round ${round}`);
  }
});

Deno.test("a source that starts anew is no loss", () => {
  const buffer = new ReorderBuffer();
  assert.equal([...buffer.push(packet(10), 0)].length, 1);
  assert.deepEqual([...buffer.push(packet(40_000), 0)].map(({ lost }) => lost), [0]);
  assert.deepEqual([...buffer.push(packet(5, { ssrc: 2 }), 0)].map(({ lost }) => lost), [0]);
});

Deno.test("a missing packet damages its picture and no other", () => {
  const depacketizer = depacketizerOf(media("H264"))!;
  const fu = (flags: number, byte: number) => Uint8Array.of(0x7c, flags | 5, byte);
  const feed = (payload: Uint8Array, timestamp: number, marker: boolean, lost = 0) =>
    depacketizer.push(packet(0, { payload, timestamp, marker }), lost);
  assert.deepEqual(feed(fu(0x80, 1), 1, false), []);
  assert.deepEqual(feed(fu(0, 2), 1, false), []);
  const [whole] = feed(fu(0x40, 3), 1, true);
  assert.deepEqual([...whole!.data], [0, 0, 0, 1, 0x65, 1, 2, 3]);
  assert.equal(whole!.damaged, false);
  feed(fu(0x80, 1), 2, false);
  const [holed] = feed(fu(0x40, 3), 2, true, 1);
  assert.equal(holed!.damaged, true);
  const [next] = feed(Uint8Array.of(0x41, 9), 3, true);
  assert.equal(next!.damaged, false);
});

Deno.test("parameter sets that are marked as pictures stay with the picture", () => {
  const depacketizer = depacketizerOf(media("H264"))!;
  const feed = (payload: number[]) =>
    depacketizer.push(packet(0, { payload: Uint8Array.from(payload), timestamp: 7 }), 0);
  assert.deepEqual(feed([0x67, 1]), []);
  assert.deepEqual(feed([0x68, 2]), []);
  const [unit] = feed([0x65, 3]);
  assert.deepEqual([...nalUnits(unit!.data)].map((nal) => nal[0]), [0x67, 0x68, 0x65]);
});

Deno.test("an AAC frame over several packets is put together", () => {
  const aac = depacketizerOf(media("MPEG4-GENERIC", { mode: "AAC-hbr" }))!;
  const piece = (...data: number[]) => Uint8Array.of(0, 16, 5 >> 5, 5 << 3, ...data);
  const feed = (payload: Uint8Array, marker: boolean) =>
    aac.push(packet(0, { payload, marker, timestamp: 1024 }), 0);
  assert.deepEqual(feed(piece(1, 2, 3), false), []);
  assert.deepEqual([...feed(piece(4, 5), true)[0]!.data], [1, 2, 3, 4, 5]);
});

Deno.test("descriptions of real devices are read", () => {
  const text = [
    "v=0",
    "o=- 2251938210 2251938210 IN IP4 0.0.0.0",
    "s=RTSP Session/2.0",
    "c=IN IP4 0.0.0.0",
    "t=0 0",
    "a=control:*",
    "a=range:npt=now-",
    "m=video 0 RTP/AVP 96",
    "a=control:trackID=0",
    "a=framerate:25.000000",
    "a=rtpmap:96 H264/90000",
    "a=fmtp:96 packetization-mode=1;profile-level-id=64001F;sprop-parameter-sets=Z2QAH6w=,aO4xsg==",
    "m=audio 0 RTP/AVP 8",
    "a=control:trackID=1",
    "m=application 0 RTP/AVP 107",
    "a=rtpmap:107 vnd.onvif.metadata/90000",
  ].join("\r\n");
  const { control, range, media } = parseSdp(text);
  assert.deepEqual([control, range, media.length], ["*", "npt=now-", 3]);
  const [video, audio] = media;
  assert.deepEqual([video!.encoding, video!.clockRate, video!.control], [
    "H264",
    90_000,
    "trackID=0",
  ]);
  assert.deepEqual(parameterSetsOf(video!).map((set) => set[0]), [0x67, 0x68]);
  assert.deepEqual([audio!.encoding, audio!.clockRate, audio!.channels], ["PCMA", 8_000, 1]);
  assert.deepEqual(parseSdp("garbage\n\n=x\na=control:\n").media, []);
});

Deno.test("200 000 mutated packets and descriptions give something or nothing", () => {
  const random = seeded(99);
  const encodings = ["H264", "H265", "MPEG4-GENERIC", "PCMA"];
  const depacketizers = encodings.map((encoding) => depacketizerOf(media(encoding))!);
  for (let index = 0; index < scaled(200_000); index++) {
    const bytes = Uint8Array.from(
      { length: between(random, 0, 40) },
      () => between(random, 0, 255),
    );
    if (random() < 0.9 && bytes.length > 0) bytes[0] = 0x80;
    const read = parseRtp(bytes);
    if (read !== undefined) {
      const depacketizer = depacketizers[between(random, 0, 3)]!;
      for (const { data } of depacketizer.push(read, between(random, 0, 1))) assert.ok(data);
    }
    if (index % 20 === 0) parseSdp(`m=video 0 RTP/AVP 96\n${String.fromCharCode(...bytes)}`);
  }
});

/** What ffmpeg sends: its description, and the units that we make of its packets. */
async function sentByFfmpeg(
  args: (folder: string) => string[],
  folder: string,
): Promise<{ media: SdpMedia; units: RtpUnit[] }> {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: HOST, port: 0 });
  const { port } = socket.addr as Deno.NetAddr;
  const sdp = join(folder, "x.sdp");
  const child = new Deno.Command("ffmpeg", {
    args: ["-loglevel", "error", "-re", ...args(folder), "-f", "rtp", "-sdp_file", sdp]
      .concat(`rtp://${HOST}:${port}?pkt_size=1200`),
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const packets: Uint8Array[] = [];
  const reading = (async () => {
    for (;;) {
      const [bytes] = await socket.receive(new Uint8Array(2048));
      packets.push(bytes);
    }
  })().catch(() => {});
  await child.status;
  // What is still in the socket's buffer was sent before ffmpeg ended.
  await new Promise((resolve) => setTimeout(resolve, 100));
  socket.close();
  await reading;
  const media = parseSdp(await Deno.readTextFile(sdp)).media[0]!;
  const depacketizer = depacketizerOf(media)!;
  const order = new ReorderBuffer();
  const units: RtpUnit[] = [];
  for (const bytes of packets) {
    const read = parseRtp(bytes);
    if (read?.payloadType !== media.payloadType) continue; // RTCP shares nothing but the host
    for (const { packet, lost } of order.push(read, 0)) {
      units.push(...depacketizer.push(packet, lost));
    }
  }
  units.push(...depacketizer.flush());
  return { media, units };
}

for (const [codec, encoder] of [["h264", "libx264"], ["h265", "libx265"]] as const) {
  peerTest(`${codec} that ffmpeg sends over RTP is what it encoded`, ["ffmpeg"], async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, `x.${codec}`);
    const source = ["-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25", "-frames:v", "40"];
    const quiet = ["-loglevel", "error"];
    const options = codec === "h265" ? ["-x265-params", "log-level=error"] : [];
    await run("ffmpeg", [...quiet, ...source, "-c:v", encoder, "-g", "10", ...options, file]);
    const { media, units } = await sentByFfmpeg(() => ["-i", file, "-c", "copy"], folder.path);
    const wanted = [...nalUnits(await Deno.readFile(file))];
    const got = units.flatMap(({ data }) => [...nalUnits(data)]);
    assert.equal(got.length, wanted.length);
    assert.ok(got.every((unit, index) => unit.every((byte, at) => byte === wanted[index]![at])));
    assert.equal(units.length, 40);
    assert.ok(units.every(({ damaged }) => !damaged));
    assert.equal(media.encoding, codec.toUpperCase());
  });
}

peerTest("AAC that ffmpeg sends over RTP is what it encoded", ["ffmpeg"], async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "x.aac");
  const source = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=16000", "-t", "1.5"];
  await run("ffmpeg", ["-loglevel", "error", ...source, "-c:a", "aac", file]);
  const mp4 = join(folder.path, "x.m4a"); // RTP wants the decoder's configuration aside
  await run("ffmpeg", ["-loglevel", "error", "-i", file, "-c", "copy", mp4]);
  const { media, units } = await sentByFfmpeg(() => ["-i", mp4, "-c", "copy"], folder.path);
  const { adtsFrames } = await import("../../lib/media/adts.ts");
  const wanted = [...adtsFrames(await Deno.readFile(file))].map(({ payload }) => [...payload]);
  assert.ok(wanted.length - units.length <= 1, "at most the last one stays in ffmpeg's muxer");
  assert.deepEqual(units.map(({ data }) => [...data]), wanted.slice(0, units.length));
  assert.deepEqual([media.encoding, media.clockRate], ["MPEG4-GENERIC", 16_000]);
  const steps = new Set(units.slice(1).map((unit, i) => unit.timestamp - units[i]!.timestamp));
  assert.deepEqual([...steps], [1024]);
});

Deno.test("a small picture does not hold the memory of a large one", () => {
  const pictures = depacketizerOf(media("H264"))!;
  const sized = (length: number) => new Uint8Array(length).fill(0x41);
  const units = [400_000, 5_000, 6_000, 300_000, 5_000].flatMap((length, index) =>
    pictures.push(packet(index, { timestamp: index, payload: sized(length) }), 0)
  );
  assert.deepEqual(units.map(({ data }) => data.length - 4), [
    400_000,
    5_000,
    6_000,
    300_000,
    5_000,
  ]);
  for (const { data } of units) {
    assert.ok(data.every((byte, at) => byte === (at < 3 ? 0 : at === 3 ? 1 : 0x41)));
    assert.ok(data.buffer.byteLength <= 2 * data.length + 100, `${data.buffer.byteLength}`);
  }
});
