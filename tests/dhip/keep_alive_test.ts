import assert from "node:assert/strict";
import { KeepAlive, keepAlivePeriod } from "../../lib/dhip/keep_alive.ts";
import { between, scaled, seeded } from "../support/random.ts";

Deno.test("keep-alives leave a margin before the device's interval ends", () => {
  assert.equal(keepAlivePeriod(60_000), 55_000);
  assert.equal(keepAlivePeriod(20_000), 15_000);
  assert.equal(keepAlivePeriod(1_000), 750);
});

Deno.test({
  name: "a dead link is noticed within two intervals, a living one never, for many seeds",
  permissions: { env: ["DHIP_TEST_SCALE"] },
  fn() {
    for (let seed = 1; seed <= scaled(50_000); seed++) {
      const random = seeded(seed);
      const interval = between(random, 1, 120) * 1000;
      let now = between(random, 0, 10_000);
      const machine = new KeepAlive(interval, now);
      const diesAt = now + between(random, 0, 20 * interval);
      let heardAt = now;
      let lastSent = now;
      const roundTrip = between(random, 1, Math.floor(machine.patience) - 1);
      const replies: number[] = [];
      for (;;) {
        now = machine.deadline;
        for (const reply of replies) if (reply <= now) heardAt = Math.max(heardAt, reply);
        const action = machine.poll(now, heardAt);
        if (action === "dead") {
          assert.ok(now >= diesAt, `seed ${seed}: a living link was called dead`);
          assert.ok(now - diesAt <= 2 * interval, `seed ${seed}: noticed after ${now - diesAt} ms`);
          break;
        }
        if (action !== "send") continue;
        assert.ok(now - lastSent <= interval, `seed ${seed}: the device would end the session`);
        lastSent = now;
        if (now < diesAt) replies.push(now + roundTrip);
      }
    }
  },
});
