import assert from "node:assert/strict";
import { encodeMessage } from "../../lib/dhip/frame.ts";
import { bench, errorOf } from "./_support.ts";

Deno.test("every call but login needs a session", async () => {
  await using it = bench();
  const client = it.connect();
  for (const method of ["global.keepAlive", "magicBox.getSerialNo", "no.such"]) {
    assert.equal(await client.refusal(method), 287637505);
  }
  client.session = 12345;
  assert.equal(await client.refusal("magicBox.getSerialNo"), 287637505);
});

Deno.test("a session may be named by number or digits, and the header must not contradict", async () => {
  await using it = bench();
  const client = await it.open();
  const { session } = client;
  const send = async (header: number, json: object) => {
    await client.stream.write(encodeMessage({ session: header, requestId: 9, json }));
    return (await client.next())!.json;
  };
  const call = { id: 9, method: "magicBox.getDeviceType", params: null };
  assert.equal((await send(session, call)).result, true);
  assert.equal((await send(0, { ...call, session })).result, true);
  assert.equal((await send(session, { ...call, session: String(session) })).result, true);
  assert.equal(errorOf(await send(session ^ 1, { ...call, session })).code, 287637505);
  assert.equal(errorOf(await send(session, { ...call, session: "deadbeef" })).code, 287637505);
  assert.equal(errorOf(await send(session, { ...call, session: {} })).code, 287637505);
});

Deno.test("a session lives on keep-alives and dies of silence", async () => {
  await using it = bench({ keepAliveInterval: 20, keepAliveGrace: 5 });
  const client = await it.open();
  for (let i = 0; i < 10; i++) {
    await it.clock.advance(25_000);
    const params = await client.ask("global.keepAlive", { timeout: 300, active: true });
    assert.deepEqual(params, { timeout: 20 });
  }
  assert.equal(it.device.stats().keepAlives, 10);
  await it.clock.advance(25_001);
  assert.equal(it.device.stats().sessionsOpen, 0);
  assert.equal(await client.refusal("global.keepAlive", { timeout: 20, active: true }), 287637505);
  assert.equal((await client.login()).result, true); // on the same connection
});

Deno.test("any request keeps a session alive", async () => {
  await using it = bench();
  const client = await it.open();
  for (let i = 0; i < 5; i++) {
    await it.clock.advance(69_000);
    await client.ask("magicBox.getDeviceType");
  }
});

Deno.test("logout ends the session at once", async () => {
  await using it = bench();
  const client = await it.open();
  assert.equal((await client.call("global.logout")).json.result, true);
  assert.equal(await client.refusal("magicBox.getSerialNo"), 287637505);
  const { logouts, sessionsOpen } = it.device.stats();
  assert.deepEqual({ logouts, sessionsOpen }, { logouts: 1, sessionsOpen: 0 });
});

Deno.test("a session outlives its connection and works on another", async () => {
  await using it = bench();
  const first = await it.open();
  first.close();
  const second = it.connect();
  second.session = first.session;
  assert.match(String((await second.ask("magicBox.getSerialNo")).sn), /^SIM/);
});

Deno.test("a full session table refuses the right password until a session ends", async () => {
  await using it = bench({ sessionSlots: 2 });
  const first = await it.open();
  await it.open();
  const client = it.connect();
  const refused = await client.login();
  assert.equal(errorOf(refused).code, 268632074);
  assert.deepEqual(refused.params, { error: "HasBeedUsed" });
  await first.call("global.logout");
  assert.equal((await client.login()).result, true);
  await it.clock.advance(71_000);
  assert.equal((await it.connect().login()).result, true); // expired ones do not count
});

Deno.test("session numbers follow from the seed and use all 32 bits", async () => {
  const numbers = async (seed: number) => {
    await using it = bench({ seed, sessionSlots: 100 });
    const sessions = [];
    for (let i = 0; i < 40; i++) sessions.push((await it.open()).session);
    return sessions;
  };
  const [a, again, b] = [await numbers(1), await numbers(1), await numbers(2)];
  assert.deepEqual(a, again);
  assert.notDeepEqual(a, b);
  assert.equal(new Set(a).size, 40);
  assert(a.some((number) => number >= 2 ** 31) && a.some((number) => number < 2 ** 31));
});

Deno.test("active users are listed without secrets", async () => {
  await using it = bench();
  const client = await it.open();
  const { users } = await client.ask("userManager.getActiveUserInfoAll") as {
    users: Record<string, unknown>[];
  };
  assert.deepEqual(users, [{
    ClientAddress: "127.0.0.1",
    ClientType: "Web3.0",
    Group: "admin",
    Id: 1,
    LoginTime: "2026-01-02 01:00:00",
    Name: "admin",
  }]);
});
