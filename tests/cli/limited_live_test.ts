/** A live stream for a time, on virtual time. */

import assert from "node:assert/strict";
import { LimitedLive, type LimitedLiveOptions } from "../../lib/cli/stream/limited_live.ts";
import { DhipError } from "../../lib/errors.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

/** A device that sends a piece after each of these times in milliseconds, and then nothing. */
function sender(clock: VirtualClock, waits: readonly number[], end?: DhipError | "ended") {
  return {
    open: ({ signal }: { signal?: AbortSignal | undefined } = {}) => {
      const pass = (time: number) =>
        new Promise<void>((resolve, reject) => {
          const timer = clock.timer(resolve, time);
          signal?.addEventListener("abort", () => {
            timer.cancel();
            reject(signal.reason);
          }, { once: true });
        });
      async function* bytes(): AsyncGenerator<Uint8Array, void, void> {
        for (const wait of waits) {
          await pass(wait);
          yield new Uint8Array(1);
        }
        if (end instanceof DhipError) throw end;
        if (end === undefined) await pass(Infinity);
      }
      return Promise.resolve({
        bytes: bytes(),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      });
    },
  };
}

/** Plays it; a reader takes `busy` ms for each piece. */
async function play(
  waits: readonly number[],
  { end, busy = 0, ...options }: Partial<LimitedLiveOptions> & {
    end?: DhipError | "ended";
    busy?: number;
  },
) {
  const clock = new VirtualClock();
  const service = sender(clock, waits, end);
  const signal = options.signal ?? new AbortController().signal;
  const live = new LimitedLive(service, { ...options, signal, clock });
  let pieces = 0;
  const read = async () => {
    for await (const _ of live.bytes()) {
      pieces++;
      if (busy > 0) await new Promise<void>((resolve) => clock.timer(resolve, busy));
    }
  };
  await clock.settle(read());
  return { pieces, end: live.end, code: live.error?.code, took: clock.now() };
}

Deno.test("a stream ends when its time is over, counted from its first byte", async () => {
  assert.deepEqual(await play(Array(20).fill(500), { limit: 2_100 }), {
    pieces: 5,
    end: "limit",
    code: undefined,
    took: 2_600,
  });
});

Deno.test("a slow reader gets as much of the stream as a quick one", async () => {
  // What its reader took a while for waits at the device and comes at once afterwards.
  const { pieces, end } = await play([0, ...Array(40).fill(100)], { limit: 2_000, busy: 1_000 });
  assert.deepEqual([pieces, end], [20, "limit"]);
});

Deno.test("a device that falls silent ends the stream at its time, and that is told", async () => {
  const { pieces, end, took } = await play([0, 500], { limit: 60_000 });
  assert.deepEqual([pieces, end, took], [2, "silent", 60_000]);
});

Deno.test("without a limit the device ends it, or breaks it", async () => {
  assert.equal((await play([0, 500], { end: "ended" })).end, "ended");
  const lost = new DhipError("DHIP_CONNECTION_LOST", "gone");
  const silent = new DhipError("DHIP_TIMEOUT", "silent");
  assert.deepEqual(await play([0, 500], { end: lost }), {
    pieces: 2,
    end: "lost",
    code: "DHIP_CONNECTION_LOST",
    took: 500,
  });
  assert.equal((await play([0, 500], { end: silent })).end, "silent");
});

Deno.test("a stream of which nothing comes is an error", async () => {
  await assert.rejects(
    play([30_000], {}),
    (error: DhipError) =>
      error.code === "DHIP_TIMEOUT" && /nothing within 10000/.test(error.message),
  );
});
