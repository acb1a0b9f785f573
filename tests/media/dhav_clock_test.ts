import assert from "node:assert/strict";
import { DhavClock, type DhavStamp } from "../../lib/media/dhav_clock.ts";
import { between, scaled, seeded } from "../support/random.ts";

/** A device with a clock that can be set and a counter that cannot. */
class Device {
  /** True milliseconds. */
  now = 0;
  /** Milliseconds by which its clock is off. */
  offset = Date.UTC(2026, 5, 1, 12, 0, 0) + 345;
  readonly #numbers = { video: 0, audio: 0 };

  constructor(public counter: number, readonly turn = 65_536) {}

  stamp(stream: "video" | "audio", at = this.now): DhavStamp {
    return {
      stream,
      counter: Math.floor(this.counter + at) % this.turn,
      wall: Math.floor((this.offset + at) / 1000),
      frameNumber: this.#numbers[stream]++,
      interval: stream === "video" ? 40 : undefined,
    };
  }

  /** Time passes, and its frames are lost. */
  lose(time: number): void {
    this.now += time;
    this.#numbers.video += Math.floor(time / 40);
    this.#numbers.audio += Math.floor(time / 40);
  }
}

Deno.test("pictures and sound keep their true times over wraps, jitter and clock jumps", () => {
  for (let seed = 0; seed < scaled(1000); seed++) {
    const random = seeded(seed);
    const device = new Device(between(random, 0, 65_535));
    const clock = new DhavClock();
    let jumps = 0;
    let told = 0;
    let start: number | undefined;
    for (let frame = 0; frame < 6000; frame++) {
      device.now += between(random, 20, 70);
      if (random() < 0.002) {
        // NTP, a user, summer time: seconds to days, forwards and backwards.
        const by = between(random, 2, 200_000) * 1000 * (random() < 0.5 ? 1 : -1);
        device.offset += by;
        jumps++;
      }
      // Sound arrives up to half a second late.
      const stream = random() < 0.5 ? "video" : "audio";
      const at = stream === "video" ? device.now : device.now - between(random, 0, 15);
      const { time, event, repeated } = clock.place(device.stamp(stream, at));
      start ??= at;
      if (event !== undefined) told++;
      assert.equal(repeated, false);
      assert.ok(Math.abs(time - (at - start)) <= 15, `seed ${seed}, frame ${frame}: ${time}`);
    }
    assert.ok(told >= Math.min(jumps, 1) && told <= 2 * jumps, `${told} of ${jumps}`);
  }
});

Deno.test("a counter that wraps at 65 535 is a millisecond off in a turn, alike for both", () => {
  const device = new Device(0, 65_535);
  const clock = new DhavClock();
  for (device.now = 0; device.now < 65_535 * 3; device.now += 40) {
    const picture = clock.place(device.stamp("video")).time;
    const sound = clock.place(device.stamp("audio")).time;
    assert.equal(picture, sound);
    assert.ok(Math.abs(picture - device.now) <= 3);
  }
});

Deno.test("a gap of any length is as long as it was", () => {
  for (const gap of [1_000, 30_000, 65_536, 66_000, 100_000, 3_600_000, 86_400_000 * 3]) {
    const device = new Device(64_000);
    const clock = new DhavClock();
    for (let frame = 0; frame < 10; frame++, device.now += 40) clock.place(device.stamp("video"));
    device.lose(gap);
    const { time, event } = clock.place(device.stamp("video"));
    assert.deepEqual([time, event], [device.now, undefined], `${gap} ms`);
    assert.equal(clock.place(device.stamp("audio")).time, device.now);
  }
});

Deno.test("a restart is known to the second, and pictures and sound stay together", () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = seeded(seed);
    const device = new Device(between(random, 0, 65_535));
    const clock = new DhavClock();
    for (let frame = 0; frame < 20; frame++, device.now += 40) {
      clock.place(device.stamp("video"));
      clock.place(device.stamp("audio"));
    }
    device.lose(60_000);
    device.counter += between(random, 15_000, 55_000); // it begins anew somewhere
    const picture = clock.place(device.stamp("video"));
    device.now += 20;
    const sound = clock.place(device.stamp("audio"));
    assert.equal(picture.event?.kind, "restart");
    assert.equal(sound.event, undefined);
    assert.ok(Math.abs(picture.time - (device.now - 20)) <= 1000);
    assert.equal(sound.time - picture.time, 20);
  }
});

Deno.test("time never goes back within a stream, and late frames do not push it on", () => {
  const device = new Device(100);
  const clock = new DhavClock();
  const times = [0, 40, 20, 60, 80].map((at) => clock.place(device.stamp("video", at)).time);
  assert.deepEqual(times, [0, 40, 40, 60, 80]);
});

Deno.test("a frame that comes twice is told", () => {
  const device = new Device(100);
  const clock = new DhavClock();
  const stamp = device.stamp("video");
  clock.place(stamp);
  assert.deepEqual(clock.place(stamp), { time: 0, repeated: true, event: undefined });
});

Deno.test("a counter that stands still leaves the numbers of the frames", () => {
  const clock = new DhavClock();
  const wall = 1_700_000_000;
  const times = Array.from({ length: 100 }, (_, frameNumber) =>
    clock.place({
      stream: "video",
      counter: 0,
      wall: wall + Math.floor(frameNumber / 25),
      frameNumber,
      interval: 40,
    }).time);
  assert.deepEqual(times, Array.from({ length: 100 }, (_, frame) => frame * 40));
});

Deno.test("without a date the counter alone tells", () => {
  const clock = new DhavClock();
  const at = (counter: number, frameNumber: number) =>
    clock.place({ stream: "video", counter, wall: undefined, frameNumber }).time;
  assert.deepEqual([at(65_500, 1), at(4, 2), at(44, 3)], [0, 40, 80]);
});
