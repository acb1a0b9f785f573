/** Elementary streams: what lies inside the payloads. */

import assert from "node:assert/strict";
import { adtsFrames, audioSpecificConfig, readAdtsHeader } from "../../lib/media/adts.ts";
import { inspectAccessUnit, nalKind, nalUnits } from "../../lib/media/annexb.ts";
import { decodeG711 } from "../../lib/media/g711.ts";
import { readSps } from "../../lib/media/sps.ts";
import { between, scaled, seeded } from "../support/random.ts";

function bytes(...parts: (number | number[] | Uint8Array)[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => typeof part === "number" ? [part] : [...part]));
}

const CODE = [0, 0, 0, 1];

Deno.test("NAL units come without start codes and filling zeros", () => {
  const stream = bytes(9, 9, 0, 0, 1, [0x67, 1], 0, 0, 0, CODE, [0x68, 2], 0, 0, 1, [0x65, 0, 3]);
  assert.deepEqual([...nalUnits(stream)].map((unit) => [...unit]), [
    [0x67, 1],
    [0x68, 2],
    [0x65, 0, 3],
  ]);
  assert.deepEqual([...nalUnits(bytes(1, 2, 3))], []);
  assert.deepEqual([...nalUnits(bytes(CODE))], []);
  assert.deepEqual([...nalUnits(bytes(CODE, 5, CODE))].map((unit) => [...unit]), [[5]]);
  assert.deepEqual([...nalUnits(new Uint8Array(0))], []);
});

Deno.test("NAL units of random streams are what was put together", () => {
  const random = seeded(3);
  for (let run = 0; run < scaled(5000); run++) {
    const units = Array.from({ length: between(random, 1, 6) }, () => {
      const unit = Array.from({ length: between(random, 1, 12) }, () => between(random, 0, 4));
      // As an encoder does: no three zeros or start codes inside, and no zero at the end.
      const safe = unit.join().replaceAll(/0,0,(?=[0-3])/g, "0,0,3,").split(",").map(Number);
      return [...safe, 4];
    });
    const stream = bytes(...units.flatMap((unit) => [
      ...(random() < 0.5 ? [0] : []),
      0,
      0,
      1,
      unit,
    ]));
    assert.deepEqual([...nalUnits(stream)].map((unit) => [...unit]), units, `run ${run}`);
  }
});

Deno.test("an access unit tells its parameter sets and whether decoding can begin there", () => {
  const h264 = bytes(CODE, 9, 0x10, CODE, 0x67, 1, CODE, 0x68, 2, CODE, 0x65, 3, CODE, 0x65, 4);
  const info = inspectAccessUnit("h264", h264);
  assert.deepEqual([info.key, info.picture, info.sps.length, info.pps.length], [true, true, 1, 1]);
  assert.equal(inspectAccessUnit("h264", bytes(CODE, 0x41, 1)).key, false);
  assert.equal(inspectAccessUnit("h264", bytes(CODE, 0x67, 1)).picture, false);
  const h265 = bytes(CODE, 0x40, 1, CODE, 0x42, 1, CODE, 0x44, 1, CODE, 0x26, 1, 9);
  const other = inspectAccessUnit("h265", h265);
  assert.deepEqual([other.key, other.vps.length, other.sps.length, other.pps.length], [
    true,
    1,
    1,
    1,
  ]);
  assert.equal(nalKind("h265", bytes(0x02, 1)), "inter");
});

Deno.test("damaged parameter sets are undefined or something, never an error", () => {
  const random = seeded(8);
  const sps = bytes(0x67, 0x42, 0xc0, 0x0a, 0xda, 0x11, 0xec, 0x04, 0x40, 0, 0, 3, 0, 4, 0, 0, 3);
  assert.equal(readSps("h264", sps)?.width, 64);
  const h265 = bytes(0x42, 1, 1, 1, 0x60, 0, 0, 3, 0, 0x90, 0, 0, 3, 0, 0, 3, 0, 0x5d, 0xa0);
  for (let run = 0; run < scaled(200_000); run++) {
    const codec = random() < 0.5 ? "h264" : "h265";
    const unit = (codec === "h264" ? sps : h265).slice(0, between(random, 0, 19));
    for (let damage = between(random, 0, 6); damage > 0 && unit.length > 1; damage--) {
      unit[between(random, 1, unit.length - 1)] = between(random, 0, 255);
    }
    const info = readSps(codec, unit);
    if (info === undefined) continue;
    for (const side of [info.width, info.height]) assert.ok(side > 0 && side < 65_536, `${side}`);
  }
});

Deno.test("G.711 decodes to the values of the recommendation's tables", () => {
  const ends = (law: "alaw" | "mulaw", ...codes: number[]) => [...decodeG711(law, bytes(codes))];
  assert.deepEqual(ends("alaw", 0xd5, 0x55, 0xaa, 0x2a, 0x80, 0x00), [
    8,
    -8,
    32256,
    -32256,
    5504,
    -5504,
  ]);
  assert.deepEqual(ends("mulaw", 0xff, 0x7f, 0x80, 0x00, 0xf0, 0x70), [
    0,
    0,
    32124,
    -32124,
    120,
    -120,
  ]);
});

Deno.test("ADTS frames are taken apart", () => {
  const frame = bytes([0xff, 0xf1, 0x60, 0x80, 0x01, 0x3f, 0xfc], [1, 2]);
  const header = readAdtsHeader(frame);
  assert.deepEqual(header, {
    headerLength: 7,
    frameLength: 9,
    objectType: 2,
    sampleRate: 16000,
    channels: 2,
  });
  const frames = [...adtsFrames(bytes(frame, frame, frame.subarray(0, 8)))];
  assert.deepEqual(frames.map(({ payload }) => [...payload]), [[1, 2], [1, 2]]);
  assert.deepEqual([...audioSpecificConfig(header!)], [0x14, 0x10]);
  assert.equal(readAdtsHeader(bytes(0xff, 0xe1, 0, 0, 0, 0, 0)), undefined);
  assert.deepEqual([...adtsFrames(bytes(1, 2, 3))], []);
});
