import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { systemClock } from "../../lib/net/clock.ts";
import { sleep, withDeadline } from "../../lib/net/deadline.ts";

const pure = { permissions: "none" } as const;

Deno.test("a limit beyond what setTimeout knows does not pass at once", pure, async () => {
  for (const limit of [2 ** 31 - 1, 2 ** 31, 2 ** 32 + 1, Number.MAX_VALUE, Infinity]) {
    let fired = false;
    const timer = systemClock.timer(() => fired = true, limit);
    const work = withDeadline(() => pause(10, "done"), { what: "wait", timeout: limit });
    const controller = new AbortController();
    const nap = sleep(limit, controller.signal);
    assert.equal(await work, "done", String(limit));
    controller.abort();
    await assert.rejects(nap, { code: "DHIP_INTERRUPTED" });
    assert.equal(fired, false);
    timer.cancel();
    timer.cancel();
  }
});

Deno.test("a long time is waited in pieces, and can be taken back in each of them", pure, () => {
  const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  const delays: number[] = [];
  const cancelled: number[] = [];
  let next = () => {};
  globalThis.setTimeout = ((callback: () => void, delay: number) => {
    next = callback;
    return delays.push(delay);
  }) as never;
  globalThis.clearTimeout = ((id: number) => void cancelled.push(id)) as never;
  try {
    let fired = 0;
    const timer = systemClock.timer(() => fired++, 2 ** 32);
    next();
    next();
    assert.deepEqual(delays, [2 ** 31 - 1, 2 ** 31 - 1, 2]);
    assert.equal(fired, 0);
    timer.cancel();
    assert.deepEqual(cancelled, [3]);
    next();
    assert.equal(fired, 1);
  } finally {
    Object.assign(globalThis, real);
  }
});
