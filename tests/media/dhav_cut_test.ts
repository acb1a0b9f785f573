import assert from "node:assert/strict";
import { DhavCut } from "../../lib/media/dhav_cut.ts";
import { concat } from "../../lib/net/bytes.ts";
import { cut } from "../http/_replay.ts";
import { dhavFile, dhavFrame } from "../support/dhav_file.ts";
import { between, scaled, seeded } from "../support/random.ts";

const RUNS = scaled(5_000);
const pure = { permissions: "none" } as const;

/** All that was passed on. */
function passed(pieces: Iterable<Uint8Array>, wanted = Infinity): Uint8Array {
  const one = new DhavCut();
  let frames = 0;
  return concat([
    new Uint8Array(0),
    ...[...pieces].map((piece) => one.push(piece, () => ++frames <= wanted)),
  ]);
}

Deno.test("a stream ends with a whole frame, wherever it stops and however it is cut", pure, () => {
  const random = seeded(7);
  const length = dhavFrame().length;
  const file = dhavFile(40);
  for (let run = 0; run < RUNS; run++) {
    const end = between(random, 1, file.length);
    const got = passed(cut(file.subarray(0, end), random, between(random, 1, 300)));
    // The trailer proves the last frame; without it the next one must be seen.
    assert.ok(got.length % length === 0 && end - got.length <= length, `${end} ${got.length}`);
    assert.deepEqual(got, file.subarray(0, got.length));
  }
});

Deno.test("garbage between frames is passed on with the frame behind it", pure, () => {
  const random = seeded(8);
  const garbage = Uint8Array.from({ length: 500 }, () => between(random, 0, 255));
  const file = concat([dhavFile(3), garbage, dhavFile(3), garbage]);
  assert.deepEqual(
    passed(cut(file, random, 100)),
    file.subarray(0, file.length - garbage.length),
  );
});

Deno.test("a frame that is not wanted ends the stream before it", pure, () => {
  const file = dhavFile(10);
  assert.deepEqual(passed([file], 4), file.subarray(0, 4 * dhavFrame().length));
});
