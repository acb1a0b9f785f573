/** Recordings of live streams, on virtual time. */

import assert from "node:assert/strict";
import type { LiveService, LiveStream } from "../../lib/camera/live/live.ts";
import { recordLive } from "../../lib/camera/live/record_live.ts";
import { DhipError } from "../../lib/errors.ts";
import { sleep } from "../../lib/net/deadline.ts";
import type { Recorder } from "../../lib/media/recorder/recorder.ts";
import type { MediaUnit } from "../../lib/media/unit.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

Deno.test("a device that stays away does not make a recording longer than it was meant to be", async () => {
  const clock = new VirtualClock();
  const picture = { track: { kind: "video" }, time: 0, data: new Uint8Array() };
  let opened = 0;
  const live: LiveService = {
    sources: ["rtsp"],
    open() {
      if (++opened > 1) return Promise.reject(new DhipError("DHIP_UNREACHABLE", "gone"));
      const stream = {
        source: "rtsp",
        passed: [],
        async *[Symbol.asyncIterator]() {
          yield picture as unknown as MediaUnit;
          throw new DhipError("DHIP_CONNECTION_LOST", "cut");
        },
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
      return Promise.resolve(stream as unknown as LiveStream);
    },
  };
  let told: DhipError | undefined;
  const recorder = {
    progress: { duration: 0, frames: 1, bytes: 0 },
    push: () => Promise.resolve(),
    finish: (error?: DhipError) => Promise.resolve(void (told = error)),
  } as unknown as Recorder;
  await clock.settle(recordLive(live, recorder, { duration: 60_000, clock }), 120_000);
  assert.equal(told?.code, "DHIP_UNREACHABLE");
  assert.ok(clock.now() >= 60_000 && clock.now() < 61_000, `${clock.now()} ms`);
});

interface Picture {
  readonly time: number;
  readonly key?: boolean;
  readonly data: number;
}

/**
 * Records streams one after the other. Each comes at once, as the pictures of a running group do, and
 * is cut `lasting` milliseconds later.
 */
async function recorded(streams: readonly (readonly Picture[])[], lasting: number) {
  const clock = new VirtualClock();
  const written: { time: number; data: number }[] = [];
  let opened = 0;
  const live: LiveService = {
    sources: ["rtsp"],
    open() {
      const pictures = streams[opened++];
      if (pictures === undefined) return Promise.reject(new DhipError("DHIP_CLOSED", "over"));
      const stream = {
        source: "rtsp",
        passed: [],
        async *[Symbol.asyncIterator]() {
          for (const { time, key = false, data } of pictures) {
            yield {
              track: { kind: "video" },
              time,
              key,
              damaged: false,
              data: Uint8Array.of(data),
            } as unknown as MediaUnit;
          }
          await sleep(lasting, undefined, clock);
          throw new DhipError("DHIP_CONNECTION_LOST", "cut");
        },
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
      return Promise.resolve(stream as unknown as LiveStream);
    },
  };
  const recorder = {
    progress: { duration: 0, frames: 1, bytes: 0 },
    push: ({ time, data }: MediaUnit) => {
      written.push({ time: Math.round(time * 1000), data: data[0]! });
      return Promise.resolve();
    },
    finish: () => Promise.resolve(),
  } as unknown as Recorder;
  await clock.settle(recordLive(live, recorder, { clock }).catch(() => {}), 60_000);
  return written;
}

Deno.test("pictures of the running group that a device sends again are recorded once", async () => {
  const written = await recorded([
    [{ time: 7, key: true, data: 1 }, { time: 7.04, data: 2 }],
    [{ time: 1, key: true, data: 1 }, { time: 1.04, data: 2 }, { time: 1.08, data: 3 }],
  ], 40);
  assert.deepEqual(written.map(({ data }) => data), [1, 2, 3]);
  const [first, second, third] = written;
  assert.deepEqual([second!.time - first!.time, third!.time - first!.time], [40, 80]);
});

Deno.test("a stream that comes back ahead of the clock follows what was recorded, at its own pace", async () => {
  const group = (first: number) =>
    Array.from({ length: 40 }, (_, index) => ({
      time: index * 0.05,
      key: index === 0,
      data: first + index,
    }));
  // Each group takes 2 s and comes at once; the link lives for 10 ms.
  const written = await recorded([group(1), group(51), group(101)], 10);
  assert.equal(written.length, 120);
  const steps = written.slice(1).map(({ time }, index) => time - written[index]!.time);
  for (const [index, step] of steps.entries()) {
    if (index % 40 === 39) assert.ok(step >= 50, `${step} ms between two streams`);
    else assert.equal(step, 50);
  }
});
