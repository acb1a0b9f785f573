import assert from "node:assert/strict";
import { DhipError, type ErrorCode } from "../../lib/errors.ts";
import { sleep } from "../../lib/net/deadline.ts";
import { retryWithin } from "../../lib/net/retry.ts";
import { seeded } from "../support/random.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const failure = (code: ErrorCode) => new DhipError(code, code);

function setUp(
  work: (attempt: number, signal: AbortSignal, clock: VirtualClock) => Promise<string>,
  timeout = 30_000,
) {
  const clock = new VirtualClock();
  const attempts: number[] = [];
  const stop = new AbortController();
  const result = retryWithin((signal) => {
    attempts.push(clock.now());
    return work(attempts.length, signal, clock);
  }, {
    what: "test",
    timeout,
    clock,
    signal: stop.signal,
    waits: { random: seeded(1) },
  });
  result.catch(() => {});
  return { clock, attempts, stop, result };
}

Deno.test("what is retryable is tried again, ever later, until it works", async () => {
  const { clock, attempts, result } = setUp((attempt) =>
    attempt < 5 ? Promise.reject(failure("DHIP_DEVICE_BUSY")) : Promise.resolve("done")
  );
  assert.equal(await clock.settle(result), "done");
  const gaps = attempts.slice(1).map((at, index) => at - attempts[index]!);
  assert.equal(gaps.length, 4);
  gaps.forEach((gap, index) => {
    const full = Math.min(5_000, 500 * 2 ** index);
    assert.ok(gap >= full / 2 && gap <= full, `${gap} of ${full}`);
  });
});

Deno.test("what is not retryable ends it at once", async () => {
  const { clock, attempts, result } = setUp(() => Promise.reject(failure("DHIP_AUTH_REFUSED")));
  await assert.rejects(clock.settle(result), { code: "DHIP_AUTH_REFUSED" });
  assert.equal(attempts.length, 1);
});

Deno.test("at the deadline the last failure counts, and no wait goes past it", async () => {
  const { clock, result } = setUp(() => Promise.reject(failure("DHIP_UNREACHABLE")), 10_000);
  await assert.rejects(clock.settle(result), { code: "DHIP_UNREACHABLE" });
  assert.ok(clock.now() <= 10_000);
});

Deno.test("an attempt that hangs at the deadline leaves the failure before it", async () => {
  const { clock, result } = setUp((attempt, signal, clock) =>
    attempt === 1
      ? Promise.reject(failure("DHIP_DEVICE_BUSY"))
      : sleep(1e9, signal, clock).then(() => "never")
  );
  await assert.rejects(clock.settle(result), { code: "DHIP_DEVICE_BUSY" });
});

Deno.test("one attempt that hangs is a timeout", async () => {
  const { clock, result } = setUp((_, signal, clock) =>
    sleep(1e9, signal, clock).then(() => "never")
  );
  await assert.rejects(clock.settle(result), { code: "DHIP_TIMEOUT" });
  assert.equal(clock.now(), 30_000);
});

Deno.test("a wait between attempts can be interrupted", async () => {
  const { clock, stop, result } = setUp(() => Promise.reject(failure("DHIP_DEVICE_BUSY")));
  await clock.advance(100);
  stop.abort();
  await assert.rejects(clock.settle(result), { code: "DHIP_INTERRUPTED" });
  assert.equal(clock.pending, 0);
});
