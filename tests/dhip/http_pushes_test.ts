/** Pushes over HTTP: a request that is open while somebody listens. */

import assert from "node:assert/strict";
import { openHttpSession } from "../../lib/dhip/http_session.ts";
import type { RpcSession } from "../../lib/dhip/session.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { EventDevice } from "../support/event_device.ts";
import { seeded } from "../support/random.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

async function opened(): Promise<{
  clock: VirtualClock;
  device: EventDevice;
  session: RpcSession;
  attach(): Promise<unknown>;
}> {
  const clock = new VirtualClock();
  const device = new EventDevice(clock, seeded(1));
  const session = await clock.settle(openHttpSession(
    device.dialer,
    { user: "admin", password: "x" },
    { clock, guard: new MemoryLoginGuard(clock) },
  ));
  const attach = () => clock.settle(session.call("eventManager.attach", { codes: ["All"] }));
  return { clock, device, session, attach };
}

Deno.test("the request for pushes comes with the first subscriber and goes with the last", async () => {
  const { clock, device, session, attach } = await opened();
  assert.equal(session.transport, "http");
  await attach();
  assert.equal(device.listeners, 0);
  const first = session.subscribe();
  const second = session.subscribe();
  await clock.settle(session.listening);
  assert.equal(device.listeners, 1);
  device.emit();
  await clock.advance(1_000);
  for (const stream of [first, second]) {
    const { value } = await stream.next();
    assert.equal(value?.method, "client.notifyEventStream");
  }
  await first.return();
  await clock.advance(1_000);
  assert.equal(device.listeners, 1);
  await second.return();
  await clock.advance(1_000);
  assert.equal(device.listeners, 0);
  await clock.settle(session.close());
  assert.equal(clock.pending, 0);
});

Deno.test("keep-alives go on beside the pushes", async () => {
  const { clock, device, session, attach } = await opened();
  await attach();
  const pushes = session.subscribe();
  await clock.advance(20 * device.keepAliveInterval * 1000);
  assert.equal(session.ended, undefined);
  assert.equal(device.listeners, 1);
  assert.equal(device.logins, 1);
  await clock.settle(session.close());
  assert.deepEqual(await pushes.next(), { done: true, value: undefined });
});

Deno.test("pushes that break end the subscriptions and not the session", async () => {
  const { clock, device, session, attach } = await opened();
  await attach();
  const pushes = session.subscribe();
  await clock.settle(session.listening);
  device.cut();
  await assert.rejects(clock.settle(pushes.next()), { code: "DHIP_CONNECTION_LOST" });
  assert.ok(await clock.settle(session.call("magicBox.getSerialNo")));
  const again = session.subscribe();
  await clock.settle(session.listening);
  device.emit();
  await clock.advance(1_000);
  assert.equal((await again.next()).value?.method, "client.notifyEventStream");
  await clock.settle(session.close());
});

Deno.test("a firmware without them says so", async () => {
  const { clock, device, session } = await opened();
  device.noPushes = true;
  const pushes = session.subscribe();
  await assert.rejects(clock.settle(session.listening), { code: "DHIP_NOT_SUPPORTED" });
  await assert.rejects(pushes.next(), { code: "DHIP_NOT_SUPPORTED" });
  assert.equal(session.ended, undefined);
  await clock.settle(session.close());
});

Deno.test("the session stays out of traces and errors", async () => {
  const clock = new VirtualClock();
  const device = new EventDevice(clock, seeded(1));
  const lines: string[] = [];
  const session = await clock.settle(openHttpSession(
    device.dialer,
    { user: "admin", password: "x" },
    { clock, guard: new MemoryLoginGuard(clock), onTrace: (line) => lines.push(line) },
  ));
  const pushes = session.subscribe();
  await clock.settle(session.listening);
  device.cut();
  const error = await pushes.next().catch((error) => error);
  assert.ok(lines.some((line) => line.includes("GET /SubscribeNotify.cgi -> 200")));
  for (const text of [...lines, String(error.stack), JSON.stringify(error)]) {
    assert.ok(!text.includes("sessionId") && !text.includes(`=${session.id}`), text);
  }
  await clock.settle(session.close());
});
