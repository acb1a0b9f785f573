import assert from "node:assert/strict";
import { closeLatch, LATCH_TIME, latchHolds, MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { MemoryPinStore } from "../../lib/net/pin_store.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const identity = { host: "gate", user: "admin", password: "old" };

Deno.test("a latch holds against its own password only, and not for ever", () => {
  const latch = closeLatch("old", 1000);
  assert.ok(latchHolds(latch, "old", 1000 + LATCH_TIME - 1));
  assert.ok(!latchHolds(latch, "new", 1001));
  assert.ok(!latchHolds(latch, "old", 1000 + LATCH_TIME));
  assert.equal(closeLatch("old", 0, 280).until, 280_000);
  assert.ok(!Deno.inspect(closeLatch("canary", 0)).includes("canary"));
});

Deno.test("a password that has become the right one is no longer held back", async () => {
  const guard = new MemoryLoginGuard(new VirtualClock());
  await (await guard.enter(identity)).refused();
  await guard.forget({ ...identity, password: "new" }); // says nothing about the old one
  await assert.rejects(guard.enter(identity), { code: "DHIP_AUTH_GUARDED" });
  await guard.forget({ ...identity, user: "eve" });
  await assert.rejects(guard.enter(identity), { code: "DHIP_AUTH_GUARDED" });
  await guard.forget(identity);
  await (await guard.enter(identity)).accepted();
});

Deno.test("twenty parallel logins with an old password cost one attempt", async () => {
  const guard = new MemoryLoginGuard(new VirtualClock());
  let tried = 0;
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, async () => {
    const attempt = await guard.enter(identity);
    tried++;
    await Promise.resolve();
    await attempt.refused();
  }));
  assert.equal(tried, 1);
  const refused = outcomes.filter((outcome) =>
    outcome.status === "rejected" && outcome.reason.code === "DHIP_AUTH_GUARDED"
  );
  assert.equal(refused.length, 19);
  await (await guard.enter({ ...identity, password: "new" })).accepted();
});

Deno.test("a password that worked before and was changed since costs one attempt too", async () => {
  const guard = new MemoryLoginGuard(new VirtualClock());
  await (await guard.enter(identity)).accepted();
  let tried = 0;
  await Promise.allSettled(Array.from({ length: 20 }, async () => {
    const attempt = await guard.enter(identity);
    tried++;
    await Promise.resolve();
    await attempt.refused();
  }));
  assert.equal(tried, 1);
});

Deno.test("one attempt at a time; who gives up waiting does not hold up the others", async () => {
  const guard = new MemoryLoginGuard(new VirtualClock());
  const first = await guard.enter(identity);
  const controller = new AbortController();
  const second = guard.enter(identity, controller.signal);
  let entered = false;
  const third = guard.enter(identity).then(async (attempt) => {
    entered = true;
    await attempt.undecided();
  });
  controller.abort();
  await assert.rejects(second, { code: "DHIP_INTERRUPTED" });
  await Promise.resolve();
  assert.ok(!entered);
  await first.undecided();
  await third;
  assert.ok(entered);
});

Deno.test("the latch opens when the told lock time has passed", async () => {
  const clock = new VirtualClock();
  const guard = new MemoryLoginGuard(clock);
  await (await guard.enter(identity)).refused({ lockSeconds: 60 });
  await assert.rejects(guard.enter(identity), { code: "DHIP_AUTH_GUARDED", message: /60 s more/ });
  await clock.advance(60_000);
  await (await guard.enter(identity)).undecided();
});

Deno.test("pins are kept per endpoint and can be forgotten", async () => {
  const store = new MemoryPinStore();
  const pin = { sha256: "ab", since: "2026-01-01T00:00:00Z" };
  assert.equal(await store.get("gate:443"), undefined);
  await store.set("gate:443", pin);
  assert.deepEqual(await store.get("gate:443"), pin);
  await store.delete("gate:443");
  assert.equal(await store.get("gate:443"), undefined);
});
