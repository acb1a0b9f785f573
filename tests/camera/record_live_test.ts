/** Recordings of live streams, on virtual time. */

import assert from "node:assert/strict";
import type { LiveService, LiveStream } from "../../lib/camera/live/live.ts";
import { recordLive } from "../../lib/camera/live/record_live.ts";
import { DhipError } from "../../lib/errors.ts";
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
