/** A look at live streams, on virtual time. */

import assert from "node:assert/strict";
import type { LiveService, LiveStream } from "../../lib/camera/live/live.ts";
import { probeLive } from "../../lib/camera/live/probe_live.ts";
import { DhipError } from "../../lib/errors.ts";
import type { MediaTrack, MediaUnit } from "../../lib/media/unit.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const TRACK: MediaTrack = {
  index: 0,
  kind: "video",
  codec: "mjpeg",
  clockRate: 90_000,
  channels: 0,
  parameterSets: [],
  config: undefined,
};

/** A picture 25 times a second from 100 s on, a key picture every 10; then what `end` does. */
function streaming(
  clock: VirtualClock,
  { pictures, damaged = () => false, end }: {
    readonly pictures: number;
    readonly damaged?: (index: number) => boolean;
    readonly end?: () => void;
  },
): LiveService & { readonly closed: () => boolean } {
  const over = Promise.withResolvers<void>();
  let closed = false;
  const close = () => {
    closed = true;
    over.resolve();
    return Promise.resolve();
  };
  const stream: LiveStream = {
    tracks: [TRACK],
    source: "rtsp",
    passed: [],
    lostPackets: 3,
    close,
    [Symbol.asyncDispose]: close,
    async *[Symbol.asyncIterator](): AsyncGenerator<MediaUnit, void, void> {
      for (let index = 0; index < pictures && !closed; index++) {
        await new Promise<void>((resolve) => clock.timer(resolve, 40));
        yield {
          track: TRACK,
          time: 100 + index / 25,
          data: new Uint8Array(100),
          key: index % 10 === 0,
          damaged: damaged(index),
        };
      }
      if (end !== undefined) return end();
      await over.promise;
    },
  };
  return { sources: ["rtsp"], open: () => Promise.resolve(stream), closed: () => closed };
}

async function probed(options: Omit<Parameters<typeof streaming>[1], never>, duration = 2000) {
  const clock = new VirtualClock();
  const live = streaming(clock, options);
  const result = probeLive(live, { clock, duration });
  await clock.settle(result, 60_000);
  assert.ok(live.closed());
  return await result;
}

Deno.test("a stream is played for the asked time, from its first picture on", async () => {
  const { video: [video], duration, bytes, lostPackets, ended } = await probed({ pictures: 1000 });
  assert.ok(video!.frames >= 50 && video!.frames <= 51, `${video!.frames}`);
  assert.equal(video!.start, 0);
  assert.deepEqual([video!.gop, Math.round(video!.fps!)], [{ shortest: 10, longest: 10 }, 25]);
  assert.ok(Math.abs(duration - video!.frames / 25) < 0.001);
  assert.deepEqual([bytes, lostPackets, ended], [video!.frames * 100, 3, null]);
});

Deno.test("a stream that falls silent is over after the asked time, too", async () => {
  const { video: [video], ended } = await probed({ pictures: 7 });
  assert.deepEqual([video!.frames, ended], [7, null]);
});

Deno.test("damaged pictures count as such, and their key picture tells no number", async () => {
  const result = await probed({ pictures: 1000, damaged: (index) => index === 5 || index === 25 });
  assert.equal(result.damaged, 2);
  assert.deepEqual(result.video[0]!.gop, { shortest: 10, longest: 10 });
  const none = await probed({ pictures: 1000, damaged: () => true });
  assert.deepEqual([none.video, none.duration], [[], 0]);
  assert.ok(none.damaged > 40);
});

Deno.test("what ended it is told with what came before", async () => {
  const cut = await probed({
    pictures: 20,
    end: () => {
      throw new DhipError("DHIP_CONNECTION_LOST", "gone");
    },
  });
  assert.deepEqual([cut.video[0]!.frames, cut.ended], [20, "gone"]);
  const ended = await probed({ pictures: 20, end: () => {} });
  assert.equal(ended.ended, "The device ended the stream");
});

Deno.test("an error of our own is no end of the stream", async () => {
  const broken = probed({
    pictures: 1,
    end: () => {
      throw new TypeError("a mistake");
    },
  });
  await assert.rejects(broken, TypeError);
});
