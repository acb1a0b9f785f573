import assert from "node:assert/strict";
import { rounds } from "../../../lib/cli/snapshot/rounds.ts";
import { sleep } from "../../../lib/net/deadline.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

const MINUTE = 60_000;
/** Not a multiple of anything. */
const START = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

interface Run {
  readonly due: number[];
  readonly began: number[];
  readonly skipped: number[];
}

/** Runs rounds whose work takes so long, each in its turn. */
function start(
  options: { every: number; count?: number },
  work: (round: number) => number = () => 0,
) {
  const clock = new VirtualClock();
  const stop = new AbortController();
  let offset = START;
  const now = () => offset + clock.now();
  const run: Run = { due: [], began: [], skipped: [] };
  const done = (async () => {
    for await (
      const due of rounds({
        ...options,
        clock,
        now,
        signal: stop.signal,
        onSkipped: (missed) => run.skipped.push(missed),
      })
    ) {
      run.due.push(due);
      run.began.push(now());
      await sleep(work(run.due.length), undefined, clock);
    }
  })();
  return { clock, run, done, stop, setClock: (by: number) => void (offset += by) };
}

const at = (minute: number) => Date.UTC(2026, 0, 2, 3, minute);

Deno.test("rounds are at whole multiples of the interval", async () => {
  const { clock, run, done } = start({ every: 5 * MINUTE, count: 3 });
  await clock.settle(done);
  assert.deepEqual(run.due, [at(5), at(10), at(15)]);
  assert.deepEqual(run.began, run.due);
});

Deno.test("work of any length does not make them drift", async () => {
  const { clock, run, done } = start({ every: MINUTE, count: 100 }, (round) => round * 500);
  await clock.settle(done, 200 * MINUTE);
  assert.deepEqual(run.due, Array.from({ length: 100 }, (_, index) => at(5) + index * MINUTE));
  assert.deepEqual(run.began, run.due);
  assert.deepEqual(run.skipped, []);
});

Deno.test("a slow round skips the ones that it misses, and they are told and not made up for", async () => {
  const { clock, run, done } = start(
    { every: MINUTE, count: 3 },
    (round) => round === 1 ? 3.5 * MINUTE : 0,
  );
  await clock.settle(done);
  assert.deepEqual(run.due, [at(5), at(9), at(10)]);
  assert.deepEqual(run.skipped, [3]);
});

Deno.test("work that ends at the moment of the next round misses nothing", async () => {
  const { clock, run, done } = start({ every: MINUTE, count: 3 }, () => MINUTE);
  await clock.settle(done);
  assert.deepEqual(run.due, [at(5), at(6), at(7)]);
  assert.deepEqual(run.skipped, []);
});

Deno.test("a clock that is set back a little repeats no round", async () => {
  const { clock, run, done, setClock } = start({ every: MINUTE, count: 2 }, () => {
    setClock(-2_000);
    return 0;
  });
  await clock.settle(done);
  assert.deepEqual(run.due, [at(5), at(6)]);
});

Deno.test("a clock that is set while we wait is followed", async () => {
  const back = start({ every: 10 * MINUTE, count: 1 });
  await back.clock.advance(MINUTE);
  back.setClock(-60 * MINUTE);
  await back.clock.settle(back.done);
  assert.deepEqual(back.run.due, [Date.UTC(2026, 0, 2, 2, 10)]);
  const forward = start({ every: 10 * MINUTE, count: 1 });
  await forward.clock.advance(MINUTE);
  forward.setClock(60 * MINUTE);
  await forward.clock.settle(forward.done);
  assert.deepEqual(forward.run.due, [Date.UTC(2026, 0, 2, 4, 10)]);
  assert.deepEqual(forward.run.skipped, [6]);
});

Deno.test("an interrupt ends the wait without an error, and leaves no timer", async () => {
  const { clock, run, done, stop } = start({ every: MINUTE });
  await clock.advance(MINUTE);
  stop.abort();
  await clock.settle(done);
  assert.equal(run.due.length, 1);
  assert.equal(clock.pending, 0);
});
