import assert from "node:assert/strict";
import { ClipCutter } from "../../lib/camera/clip/_cutter.ts";
import { DhavDecoder } from "../../lib/media/dhav.ts";
import { concat } from "../../lib/net/bytes.ts";
import { dhavFrame } from "../support/dhav_file.ts";
import type { MediaUnit } from "../../lib/media/unit.ts";

const START = Temporal.PlainDateTime.from("2026-04-29T10:00:00");
/** Says H.264, 25 pictures a second. */
const CODEC = Uint8Array.of(0x81, 0, 2, 25);
const KEY = Uint8Array.of(0, 0, 0, 1, 0x67, 0x42, 0, 0x1e, 1, 0, 0, 0, 1, 0x65, 0x88, 1);
const INTER = Uint8Array.of(0, 0, 0, 1, 0x41, 0x9a, 1);

interface Encoder {
  /** Counter at second 0 of the day's start, in milliseconds. */
  readonly counter?: number;
  readonly number?: number;
}

/** Two pictures a second from `from` to `to` in seconds behind 10:00; every fourth is a key. */
function recording(from: number, to: number, { counter = 60_000, number = 0 }: Encoder = {}) {
  const frames: Uint8Array[] = [];
  for (let index = from * 2; index < to * 2; index++) {
    const isKey = (index - from * 2) % 4 === 0;
    frames.push(dhavFrame({
      type: isKey ? 0xfd : 0xfc,
      number: number + index,
      at: START.add({ seconds: Math.floor(index / 2) }).toString(),
      milliseconds: counter + index * 500,
      extension: CODEC,
      payload: concat([isKey ? KEY : INTER, Uint8Array.of(index & 0x7f, 1)]),
    }));
  }
  return concat(frames);
}

function cutOf(from: number, to: number, recordings: readonly Uint8Array[]) {
  const cutter = new ClipCutter(START.add({ seconds: from }), to - from);
  const units: MediaUnit[] = [];
  for (const bytes of recordings) {
    cutter.join();
    const decoder = new DhavDecoder();
    for (const frame of decoder.push(bytes)) units.push(...cutter.push(frame));
    const rest = decoder.end();
    for (let next = rest.next(); !next.done; next = rest.next()) {
      units.push(...cutter.push(next.value));
    }
  }
  return { times: units.map(({ time }) => time), units, cutter };
}

const steps = (from: number, to: number) =>
  Array.from({ length: (to - from) * 2 }, (_, index) => from + index / 2);

Deno.test("it begins with the last key picture before the start and ends before the end", () => {
  const { times, units, cutter } = cutOf(5, 9, [recording(0, 20)]);
  assert.deepEqual(times, steps(-1, 4));
  assert.equal(units[0]!.key, true);
  assert.equal(cutter.isOver, true);
});

Deno.test("a border and an overlap give each picture once", () => {
  const { times, cutter } = cutOf(2, 28, [recording(0, 10), recording(10, 20), recording(16, 30)]);
  assert.deepEqual(times, steps(0, 26));
  assert.equal(cutter.duplicates, 8);
});

Deno.test("a counter that wraps within the overlap disturbs nothing", () => {
  for (const counter of [65_536 - 8_000, 65_536 - 8_250, 65_536 * 3 - 9_000]) {
    const encoder = { counter };
    const { times } = cutOf(0, 20, [recording(0, 10, encoder), recording(6, 20, encoder)]);
    assert.deepEqual(times, steps(0, 20));
  }
});

Deno.test("an encoder that began anew is joined by its clock", () => {
  const { times, cutter } = cutOf(0, 20, [
    recording(0, 10),
    recording(12, 20, { counter: 7_777, number: -24 }),
  ]);
  assert.equal(cutter.duplicates, 0);
  // Frames tell whole seconds only: behind the break all may be up to one off.
  assert.ok(times.length >= 35 && times.length <= 36);
  assert.ok(Math.abs(times[20]! - 12) <= 1, `${times[20]}`);
});

Deno.test("a recording that begins behind the start begins with its first key picture", () => {
  const { times } = cutOf(0, 10, [recording(4, 20)]);
  assert.deepEqual(times, steps(4, 10));
});

Deno.test("a recording behind the end gives nothing", () => {
  const { times, cutter } = cutOf(0, 3, [recording(4, 20)]);
  assert.deepEqual([times.length, cutter.isOver], [0, true]);
});
