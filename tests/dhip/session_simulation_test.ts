/** The session on virtual time, with seeds: what a device and a network can do to it. */

import assert from "node:assert/strict";
import { DhipError } from "../../lib/errors.ts";
import { RpcSession } from "../../lib/dhip/session.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { between, scaled, seeded } from "../support/random.ts";
import { ScriptedDevice, SESSION_UNKNOWN, withLogin } from "../support/scripted_device.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const credentials = { user: "admin", password: "x" };

async function eachSeed(full: number, run: (seed: number) => Promise<void>): Promise<void> {
  const only = Deno.env.get("DHIP_TEST_SEED");
  const seeds = only === undefined
    ? Array.from({ length: scaled(full) }, (_, i) => i + 1)
    : [Number(only)];
  for (const seed of seeds) {
    try {
      await run(seed);
    } catch (error) {
      throw new Error(`Failed with seed ${seed} (rerun with DHIP_TEST_SEED=${seed})`, {
        cause: error,
      });
    }
  }
}

Deno.test("64 calls in flight each get their own answer or their own error", () =>
  eachSeed(2_000, async (seed) => {
    const random = seeded(seed);
    const clock = new VirtualClock();
    const wait = (ms: number) => new Promise<void>((done) => void clock.timer(done, ms));
    const device = new ScriptedDevice(withLogin(async ({ id, params }, device) => {
      // Delays reorder the replies; every tenth comes after the time limit; pushes in between use
      // the ids of calls in flight, as event pushes do with the id of their attach.
      const late = (params!.n as number) % 10 === 3;
      await wait(late ? between(random, 2_000, 4_000) : between(random, 0, 900));
      if (random() < 0.4) {
        const push = { id, method: "client.notifyEventStream", params: { of: id } };
        await device.send(push, id);
      }
      if (random() < 0.1) await wait(between(random, 0, 50));
      return { result: true, params: { answerTo: params!.n } };
    }));
    const guard = new MemoryLoginGuard(clock);
    const session = await clock.settle(
      RpcSession.open(device.dialer, credentials, { clock, guard, timeout: 1_000 }),
    );
    const pushes = session.subscribe();
    let pushed = 0;
    const reader = (async () => {
      for await (const push of pushes) if (push.method !== "") pushed++;
    })();
    let n = 0;
    const outcomes = await clock.settle(Promise.all(
      Array.from({ length: 64 }, async () => {
        const results: [number, unknown][] = [];
        for (let round = 0; round < 3; round++) {
          const mine = n++;
          const answer = await session.call("test.echo", { n: mine })
            .catch((error) => error as DhipError);
          results.push([mine, answer]);
        }
        return results;
      }),
    ));
    for (const [mine, answer] of outcomes.flat()) {
      if (mine % 10 === 3) {
        assert.ok(answer instanceof DhipError && answer.code === "DHIP_TIMEOUT", `call ${mine}`);
      } else {
        assert.deepEqual(answer, { answerTo: mine });
      }
    }
    await clock.advance(5_000);
    assert.ok(pushed > 0);
    await clock.settle(session.close());
    await reader;
    assert.equal(clock.pending, 0);
  }));

Deno.test("whatever happens to the session, no call is left without an answer", () =>
  eachSeed(3_000, async (seed) => {
    const random = seeded(seed);
    const clock = new VirtualClock();
    let forgotten = -1;
    let refuseKeepAlive = 0;
    const wait = (ms: number) => new Promise<void>((done) => void clock.timer(done, ms));
    const device = new ScriptedDevice(withLogin(async ({ method, session }) => {
      if (session === forgotten) return SESSION_UNKNOWN;
      if (method === "global.keepAlive") {
        if (refuseKeepAlive === 0) return { result: true };
        refuseKeepAlive--;
        return random() < 0.5 ? { result: false } : SESSION_UNKNOWN;
      }
      await wait(between(random, 0, 3_000));
      return random() < 0.1 ? undefined : { result: true, params: { method } };
    }, between(random, 4, 60)));
    const guard = new MemoryLoginGuard(clock);
    const session = await clock.settle(
      RpcSession.open(device.dialer, credentials, { clock, guard, timeout: 5_000 }),
    );
    let open = 0;
    let answered = 0;
    const mishaps = [
      () => void (forgotten = session.id as number),
      () => void (refuseKeepAlive = between(random, 1, 4)),
      () => void (device.alive = false),
      () => device.stream!.close(),
      () => void session.close(),
      () => void device.sendBytes(new Uint8Array(between(random, 1, 64))),
    ];
    for (let step = 0; step < 40; step++) {
      for (let calls = between(random, 0, 4); calls > 0; calls--) {
        open++;
        session.call(`call.${step}`).then(
          (payload) => assert.deepEqual(payload, { method: `call.${step}` }),
          (error) => assert.ok(error instanceof DhipError, String(error)),
        ).then(() => {
          open--;
          answered++;
        });
      }
      if (random() < 0.06) mishaps[between(random, 0, mishaps.length - 1)]!();
      await clock.advance(between(random, 0, 4_000));
    }
    // The longest wait a call can have: its own limit, twice when its session was renewed, plus
    // the renewal's two replies.
    await clock.advance(4 * 5_000);
    assert.equal(open, 0, `${open} calls without an answer, ${answered} answered`);
    await clock.settle(session.close());
    await session.closed;
    await clock.advance(3_000); // the device's own slow answers
    assert.equal(clock.pending, 0, "timers left over");
    assert.ok(
      device.count("global.login") <= 2 * session.generation + 2,
      "more logins than needed",
    );
  }));
