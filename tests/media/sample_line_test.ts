import assert from "node:assert/strict";
import { SampleLine } from "../../lib/media/recorder/_sample_line.ts";
import { between, scaled, seeded } from "../support/random.ts";

const RATE = 8000;

Deno.test("jitter changes nothing, a drifting clock is followed within 40 ms", () => {
  for (let seed = 0; seed < scaled(500); seed++) {
    const random = seeded(seed);
    // The device samples faster or slower than it says, by up to 0.5 %.
    const drift = 1 + (random() - 0.5) / 100;
    const line = new SampleLine(RATE, 1);
    for (let block = 0; block < 20_000; block++) {
      const true_ = block * 0.04 * drift;
      const jitter = (random() - 0.5) * 0.02;
      line.push(new Int16Array(320), true_ + jitter);
      const end = true_ + 0.04 * drift;
      assert.ok(
        Math.abs(line.end! - end) < 0.04,
        `seed ${seed}, block ${block}: ${line.end! - end}`,
      );
    }
  }
});

Deno.test("steady sound keeps every sample", () => {
  const line = new SampleLine(RATE, 1);
  const random = seeded(3);
  let at = 0;
  for (let block = 0; block < 1000; block++) {
    const samples = Int16Array.from({ length: 320 }, () => between(random, -32_768, 32_767));
    const { samples: out, restart } = line.push(samples, at + (random() - 0.5) * 0.03);
    assert.deepEqual(out, samples);
    assert.equal(restart !== undefined, block === 0);
    if (block === 0) at = line.end! - 0.04;
    at += 0.04;
  }
});

Deno.test("a short hole is silence, a long one stays a hole, repeated sound is left out", () => {
  const line = new SampleLine(RATE, 2);
  const block = new Int16Array(640).fill(7);
  assert.deepEqual(line.push(block, 5), { samples: block, restart: 5 });
  const short = line.push(block, 5.54);
  assert.equal(short.restart, undefined);
  assert.equal(short.samples.length, 640 + 8000); // half a second of two channels
  assert.ok(short.samples.subarray(0, 8000).every((sample) => sample === 0));
  assert.equal(line.push(block, 5.04).samples.length, 0);
  assert.deepEqual(line.push(block, 60), { samples: block, restart: 60 });
  assert.equal(line.end, 60.04);
});
