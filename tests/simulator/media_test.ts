import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { dhavSize, writeDhav } from "../../lib/simulator/media/dhav.ts";
import { fileBytes, type FileFacts, naturalLength } from "../../lib/simulator/media/file.ts";
import { loadProgram, packetsBetween, type SoundCodec } from "../../lib/simulator/media/program.ts";
import { clipInfo, CLIPS, loadClip, type VideoCodec } from "../../lib/simulator/media/source.ts";
import { encodeALaw, encodeMuLaw, secondOfSound } from "../../lib/simulator/media/sound.ts";
import { STRAIGHT } from "../../lib/simulator/media/warp.ts";
import { peerTest, run, temporaryFolder } from "../support/peers.ts";
import { between, seeded } from "../support/random.ts";
import { clicksOf, picturesOf } from "../support/test_picture.ts";
import { readDhav } from "./_dhav.ts";

const START = Date.UTC(2026, 0, 1, 23, 59, 57);

function facts(seconds: number, codec: VideoCodec, sound?: SoundCodec, length?: number): FileFacts {
  const program = { video: clipInfo(codec, "main"), sound };
  const parts = [{ from: START, to: START + seconds * 1000, program }];
  return { channel: 3, parts, length: length ?? naturalLength(parts) };
}

function bytesOf(file: FileFacts, from = 0, to = file.length): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const piece of fileBytes(file, from, to, STRAIGHT)) parts.push(piece.slice());
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

Deno.test("G.711 of all samples is what its inverse says, within its steps", () => {
  const samples = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768);
  // The inverse functions, as G.711 tabulates them.
  const fromALaw = (code: number) => {
    const bits = code ^ 0x55;
    const exponent = bits >> 4 & 7;
    const mantissa = bits & 15;
    const size = exponent === 0 ? (mantissa << 4) + 8 : (mantissa << 4) + 0x108 << exponent - 1;
    return (bits & 0x80) !== 0 ? size : -size;
  };
  const fromMuLaw = (code: number) => {
    const bits = ~code & 0xff;
    const size = ((bits & 15) << 3) + 0x84 << (bits >> 4 & 7);
    return (bits & 0x80) !== 0 ? 0x84 - size : size - 0x84;
  };
  for (
    const [encode, inverse] of [[encodeALaw, fromALaw], [encodeMuLaw, fromMuLaw]] as const
  ) {
    const codes = encode(samples);
    for (let i = 0; i < samples.length; i++) {
      const [wanted, got] = [samples[i]!, inverse(codes[i]!)];
      assert(
        Math.abs(wanted - got) <= Math.max(16, Math.abs(wanted) / 16),
        `${encode.name}: ${wanted} came back as ${got}`,
      );
    }
    // Every value that the inverse knows is a fixed point.
    for (let code = 0; code < 256; code++) {
      const value = Int16Array.of(inverse(code));
      assert.equal(inverse(encode(value)[0]!), value[0]);
    }
  }
});

Deno.test("a second of sound begins with its click and nothing else is as loud", () => {
  const samples = secondOfSound();
  assert(Math.abs(samples[0]!) > 20_000);
  assert(Math.max(...samples.subarray(80).map(Math.abs)) < 2000);
});

Deno.test("streams have a key frame each second with its parameter sets in front", () => {
  for (const info of CLIPS) {
    const { frames, codec } = loadClip(info);
    assert.equal(frames.length, 250);
    for (const [index, { key, units, bytes }] of frames.entries()) {
      const types = units.map(([first = 0]) => codec === "H.264" ? first & 31 : first >> 1 & 63);
      const sets = codec === "H.264" ? [7, 8] : [32, 33, 34];
      assert.equal(key, index % 25 === 0);
      assert.equal(sets.every((type) => types.includes(type)), key, `${info.name} ${index}`);
      assert(bytes.length >= units.reduce((sum, unit) => sum + unit.length + 3, 0));
    }
  }
});

Deno.test("a recording is DHAV of its seconds, with dates, counters and numbers", () => {
  const frames = readDhav(bytesOf(facts(6, "H.264", "G.711A")));
  const of = (...kinds: string[]) => frames.filter(({ kind }) => kinds.includes(kind));
  assert.equal(of("key").length, 6);
  assert.equal(of("key", "inter").length, 150);
  assert.equal(of("audio").length, 150);
  assert(of("aux").length >= 2); // one from time to time, one at the end
  assert(frames.every(({ channel }) => channel === 3));
  assert.equal(frames[0]!.date, "2026-01-01 23:59:57");
  assert.equal(of("key")[3]!.date, "2026-01-02 00:00:00");
  for (const kinds of [["key", "inter"], ["audio"]]) {
    const stream = of(...kinds);
    for (let i = 1; i < stream.length; i++) {
      assert.equal(stream[i]!.number, stream[i - 1]!.number + 1);
      assert.equal((stream[i]!.counter - stream[i - 1]!.counter + 65_536) % 65_536, 40);
    }
  }
  assert.equal(of("audio")[0]!.extension.toHex(), "83010e02");
  assert.equal(of("key")[0]!.extension.toHex().slice(0, 24), "81000819820000004001b400");
});

Deno.test("a file is the same from any offset, whatever its size", () => {
  const random = seeded(1);
  const natural = naturalLength(facts(12, "H.265", "AAC").parts);
  const sizes = [undefined, natural + 3, natural + 5000, natural + 3_000_001, natural - 999, 40, 0];
  for (const size of sizes) {
    const file = facts(12, "H.265", "AAC", size);
    const whole = bytesOf(file);
    assert.equal(whole.length, file.length);
    readDhav(whole, (size ?? natural) >= natural);
    for (let i = 0; i < 12; i++) {
      const from = between(random, 0, file.length);
      const to = between(random, from, file.length);
      assert(Buffer.from(bytesOf(file, from, to)).equals(whole.subarray(from, to)));
    }
  }
});

Deno.test("a file may change codec and size in its middle", () => {
  const at = (second: number) => START + second * 1000;
  const sound = "PCM";
  const parts = [
    { from: at(0), to: at(2), program: { video: clipInfo("H.264", "main"), sound } },
    { from: at(2), to: at(3), program: { video: clipInfo("H.264", "sub"), sound } },
    { from: at(3), to: at(5), program: { video: clipInfo("H.265", "main"), sound } },
  ] as const;
  const file = { channel: 0, parts, length: naturalLength(parts) };
  const whole = bytesOf(file);
  const keys = readDhav(whole).filter(({ kind }) => kind === "key");
  assert.deepEqual(keys.map(({ extension }) => [extension[2], extension[8]]), [
    [0x08, 0x40],
    [0x08, 0x40],
    [0x08, 0xa0],
    [0x0c, 0x40],
    [0x0c, 0x40],
  ]);
  for (const from of [0, 1024, 30_000, file.length - 5000]) {
    assert(Buffer.from(bytesOf(file, from)).equals(whole.subarray(from)));
  }
});

Deno.test("the largest numbers have their place in a frame", () => {
  const program = loadProgram({ video: clipInfo("H.264", "main"), sound: "G.711A" });
  const [packet] = packetsBetween(program, START, START + 1000);
  const size = dhavSize("video", true, "G.711A", packet!.bytes.length);
  const bytes = new Uint8Array(size);
  const track = { channel: 63, video: program.video, sound: "G.711A" as const };
  const date = Date.UTC(2063, 11, 31, 23, 59, 59);
  writeDhav(bytes, 0, { ...packet!, number: 2 ** 32 - 1 }, track, { date, counter: 65_535 });
  const [frame] = readDhav(bytes);
  assert.deepEqual(
    [frame!.number, frame!.counter, frame!.date, frame!.channel],
    [2 ** 32 - 1, 65_535, "2063-12-31 23:59:59", 63],
  );
});

const KINDS = [["H.264", "G.711A"], ["H.265", "G.711Mu"], ["H.264", "AAC"], [
  "H.265",
  "PCM",
]] as const;

for (const [video, sound] of KINDS) {
  peerTest(`ffmpeg reads recordings with ${video} and ${sound} without a word`, [
    "ffmpeg",
    "ffprobe",
  ], async () => {
    await using folder = await temporaryFolder();
    // Across the loop of the pictures, with and without filler data.
    for (const extra of [0, 1_000_000]) {
      const natural = facts(13, video, sound);
      const path = `${folder.path}/${extra}.dav`;
      await Deno.writeFile(path, bytesOf({ ...natural, length: natural.length + extra }));
      const input = ["-f", "dhav", "-i", path];
      const pictures = await picturesOf(input);
      const first = START / 40;
      assert.deepEqual(
        pictures.map(({ number }) => number),
        Array.from({ length: 13 * 25 }, (_, index) => (first + index) % 250),
      );
      assert(pictures.every(({ number, flash }) => flash === number % 25 < 3));
      const clicks = await clicksOf(input);
      assert.equal(clicks.length, 13);
      // What a packet of AAC holds does not begin on a second.
      const begin = sound === "AAC" ? Math.ceil(START / 128) * 128 - START : 0;
      for (const [second, click] of clicks.entries()) {
        const wanted = second * 1000 - begin + (begin > 0 ? 1000 : 0);
        assert(Math.abs(click - wanted) < 40, `click ${second} at ${click}, not at ${wanted}`);
      }
      const packets = await run("ffprobe", [
        ...["-v", "error", "-f", "dhav", "-count_packets", "-i", path],
        ...["-show_entries", "stream=nb_read_packets,width,height", "-of", "csv=p=0"],
      ]);
      assert.match(packets, /^320,180,325$/m);
    }
  });
}
