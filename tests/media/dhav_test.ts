import assert from "node:assert/strict";
import { dhavDate, DhavDecoder, type DhavFrame, extensionsOf } from "../../lib/media/dhav.ts";
import vectors from "../vectors/dhav_frames.json" with { type: "json" };
import { between, scaled, seeded } from "../support/random.ts";

interface Expected {
  frames: Record<string, unknown>[];
  skippedBytes: number;
  endState: string;
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A frame as the vectors write it. */
function described(frame: DhavFrame): Record<string, unknown> {
  const { kind, payload, trailerOk } = frame;
  const head = {
    offset: frame.offset,
    type: frame.type,
    kind,
    subtype: frame.subtype,
    channel: frame.channel,
    subFrame: frame.subFrame,
    frameNumber: frame.frameNumber,
    frameLength: frame.length,
    date: dhavDate(frame.date)?.toString().replace("T", " "),
  };
  const tail = { payload_hex: toHex(payload), trailerOk };
  if (kind === "aux") return { ...head, ...tail };
  const known = new Set([0x80, 0x81, 0x82, 0x83, 0x88, 0x8c, 0x94, 0xb3, 0xb4]);
  return {
    ...head,
    timestampMs: frame.timestamp,
    extLength: frame.extension.length,
    checksumOk: frame.checksumOk,
    ext: [...extensionsOf(frame.extension)].map(({ tag, bytes }) => ({
      tag,
      raw_hex: toHex(bytes),
      ...(known.has(tag) ? {} : { unknown: true }),
    })),
    ...(frame.video === undefined ? {} : { video: frame.video }),
    ...(frame.audio === undefined ? {} : { audio: frame.audio }),
    ...tail,
  };
}

function decode(chunks: Iterable<Uint8Array>) {
  const decoder = new DhavDecoder();
  const frames: DhavFrame[] = [];
  for (const chunk of chunks) frames.push(...decoder.push(chunk));
  const ending = decoder.end();
  for (;;) {
    const { done, value } = ending.next();
    if (done) return { frames, end: value };
    frames.push(value);
  }
}

function* cut(bytes: Uint8Array, size: () => number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const length = size();
    // A copy, and destroyed afterwards would be wrong: chunks stay as they are.
    yield bytes.slice(at, at + length);
    at += length;
  }
}

function check(expected: Expected, chunks: Iterable<Uint8Array>, how: string): void {
  const { frames, end } = decode(chunks);
  const wanted = expected.frames.map(({ note: _note, checksum: _sum, ...frame }) => frame);
  assert.deepEqual(frames.map(described), wanted, how);
  assert.equal(end.state, expected.endState, how);
  assert.equal(end.skipped, expected.skippedBytes, how);
}

for (const vector of vectors) {
  Deno.test(`DHAV vector: ${vector.name}`, () => {
    const bytes = fromHex(vector.input_hex);
    const expected = vector.expected as Expected;
    check(expected, [bytes], "whole");
    check(expected, cut(bytes, () => 1), "byte by byte");
    const random = seeded(5);
    for (let run = 0; run < scaled(1000); run++) {
      check(expected, cut(bytes, () => between(random, 1, 60)), `random cuts, run ${run}`);
    }
    if ("remaining" in vector) assert.equal(decode([bytes]).end.remaining, vector.remaining);
  });
}

const frame = fromHex(vectors[0]!.input_hex);

function joined(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

Deno.test("a frame that was cut short costs only itself", () => {
  const { frames, end } = decode([joined(frame, frame.subarray(0, 70), frame, frame)]);
  assert.deepEqual(frames.map(({ offset }) => offset), [0, 172, 274]);
  assert.equal(frames[1]!.skipped, 70);
  assert.deepEqual(end, { state: "complete", remaining: 0, skipped: 70 });
});

Deno.test("a frame without a trailer is one when another follows it", () => {
  const bare = frame.slice();
  bare.fill(0, bare.length - 8);
  const { frames } = decode(cut(joined(bare, frame, bare), () => 7));
  assert.deepEqual(frames.map(({ trailerOk }) => trailerOk), [false, true, false]);
});

Deno.test("what a damaged length swallowed is found at the end", () => {
  const damaged = frame.slice();
  new DataView(damaged.buffer).setUint32(12, 5000, true);
  const { frames, end } = decode([joined(frame, damaged, frame, frame)]);
  assert.deepEqual(frames.map(({ offset }) => offset), [0, 204, 306]);
  assert.equal(end.state, "complete");
});

Deno.test("later bytes do not change frames that were given before", () => {
  const stream = joined(...Array.from({ length: 50 }, () => frame));
  const { frames } = decode(cut(stream, () => 33));
  const wanted = toHex(frame.subarray(36, -8));
  assert.ok(frames.length === 50 && frames.every(({ payload }) => toHex(payload) === wanted));
});

Deno.test("headers that announce a lot cost neither memory nor time", () => {
  const liar = frame.slice(0, 24);
  new DataView(liar.buffer).setUint32(12, 16 * 1024 * 1024, true);
  liar[23] = liar.subarray(0, 23).reduce((sum, byte) => sum + byte, 0) & 0xff;
  const decoder = new DhavDecoder({ maxFrame: 16 * 1024 * 1024 });
  const chunk = joined(...Array.from({ length: 1000 }, () => liar));
  let frames = 0;
  // 24 MB, each 24 of them a header whose frame would take 16 MB.
  for (let count = 0; count < scaled(1000); count++) {
    for (const _ of decoder.push(chunk)) frames++;
  }
  assert.equal(frames, 0);
});

Deno.test("200 000 mutated streams give frames or nothing, never an error", () => {
  const random = seeded(11);
  const inputs = vectors.map(({ input_hex }) => fromHex(input_hex));
  let frames = 0;
  for (let run = 0; run < scaled(200_000); run++) {
    const bytes = inputs[between(random, 0, inputs.length - 1)]!.slice();
    for (let damage = between(random, 1, 6); damage > 0; damage--) {
      bytes[between(random, 0, Math.min(bytes.length - 1, 40))] = between(random, 0, 255);
    }
    const at = between(random, 0, bytes.length);
    const whole = decode([bytes]);
    const halves = decode([bytes.slice(0, at), bytes.slice(at)]);
    assert.deepEqual(
      halves.frames.map(({ offset, length }) => [offset, length]),
      whole.frames.map(({ offset, length }) => [offset, length]),
    );
    assert.deepEqual(halves.end, whole.end);
    const used = whole.frames.reduce((sum, { length }) => sum + length, 0);
    const prefix = bytes.length > 5 && String.fromCharCode(...bytes.subarray(0, 5)) === "DAHUA";
    const total = used + whole.end.skipped + whole.end.remaining;
    assert.equal(total, bytes.length - (prefix ? Math.min(0x400, bytes.length) : 0));
    frames += whole.frames.length;
  }
  assert.ok(frames > 0);
});

Deno.test("a date that is none is undefined", () => {
  assert.equal(dhavDate(0), undefined);
  assert.equal(dhavDate(0xffffffff), undefined);
});

Deno.test("the longest frame must be possible", () => {
  assert.throws(() => new DhavDecoder({ maxFrame: 10 }), RangeError);
});
