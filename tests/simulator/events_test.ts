import assert from "node:assert/strict";
import { LogBook } from "../../lib/simulator/log_book.ts";
import { Simulator } from "../../lib/simulator/mod.ts";
import { authorised, RawHttp } from "./_http.ts";
import { bench, RawClient, type Received, settle } from "./_support.ts";

Deno.test("an event reaches who attached, with the id of the attach", async () => {
  await using it = bench();
  const client = await it.open();
  const attach = await client.call("eventManager.attach", { codes: ["All"] });
  const { SID } = attach.json.params as { SID: number };
  assert(Number.isInteger(SID));
  const data = { Id: [0], RegionName: ["Вход; зона {1}"] };
  assert.equal(it.device.event({ code: "VideoMotion", action: "Start", channel: 2, data }), 1);
  const push = (await client.next())!;
  assert.equal(push.requestId, attach.requestId);
  assert.equal(push.session, client.session);
  assert.deepEqual(push.json, {
    id: attach.requestId,
    method: "client.notifyEventStream",
    params: {
      SID,
      eventList: [{ Action: "Start", Code: "VideoMotion", Data: data, Index: 1 }],
    },
    session: client.session,
  });
});

Deno.test("only the codes asked for are pushed", async () => {
  await using it = bench();
  const client = await it.open();
  await client.ask("eventManager.attach", { codes: ["AlarmLocal", "Reboot"] });
  assert.equal(it.device.event({ code: "VideoMotion" }), 0);
  assert.equal(it.device.event({ code: "AlarmLocal" }), 1);
  const push = (await client.next())!;
  const [event] = (push.json.params as { eventList: Record<string, unknown>[] }).eventList;
  assert.deepEqual(event, {
    Action: "Pulse",
    Code: "AlarmLocal",
    Data: { LocaleTime: "2026-01-02 01:00:00", UTC: Date.UTC(2026, 0, 2) / 1000 },
    Index: 0,
  });
});

Deno.test("each attach has its own SID; a callback number is repeated in pushes", async () => {
  await using it = bench();
  const client = await it.open();
  const object = (await client.call("eventManager.factory.instance")).json.result;
  const attach = { codes: ["All"], proc: 4711 };
  const first = await client.ask("eventManager.attach", attach, { object });
  const second = await client.ask("eventManager.attach", { codes: ["All"] });
  assert.notEqual(first.SID, second.SID);
  assert.equal(it.device.event({ code: "X" }), 2);
  const pushes = [(await client.next())!, (await client.next())!];
  assert.deepEqual(pushes.map((push) => push.json.callback), [4711, undefined]);
});

Deno.test("detach ends the pushes, by SID or by callback number", async () => {
  await using it = bench();
  const client = await it.open();
  const { SID } = await client.ask("eventManager.attach", { codes: ["All"], proc: 1 });
  assert.equal(await client.refusal("eventManager.detach", { id: 3 }), 268894211);
  assert.equal(await client.refusal("eventManager.detach", { SID: 1 }), 268959743);
  assert.equal((await client.call("eventManager.detach", { SID })).json.result, true);
  assert.equal(it.device.event({ code: "X" }), 0);
  await client.ask("eventManager.attach", { codes: ["All"], proc: 2 });
  assert.equal((await client.call("eventManager.detach", { proc: 2 })).json.result, true);
  assert.equal(it.device.event({ code: "X" }), 0);
});

Deno.test("subscriptions end with their connection, their session and a restart", async () => {
  await using it = bench();
  const attach = { codes: ["All"] };
  const gone = await it.open();
  await gone.ask("eventManager.attach", attach);
  gone.close();
  await settle();
  assert.equal(it.device.event({ code: "X" }), 0);
  const silent = await it.open();
  await silent.ask("eventManager.attach", attach);
  await it.clock.advance(70_001); // no keep-alive: the device drops it
  assert.equal(it.device.event({ code: "X" }), 0);
  const left = await it.open();
  await left.ask("eventManager.attach", attach);
  await left.call("global.logout");
  assert.equal(it.device.event({ code: "X" }), 0);
  const rebooted = await it.open();
  await rebooted.ask("eventManager.attach", { codes: ["X"] });
  await it.device.restart();
  assert.equal(it.device.event({ code: "X" }), 0);
  assert.equal(await rebooted.next(), null);
});

Deno.test("what is under way can be asked for", async () => {
  await using it = bench({ channels: 4 });
  const client = await it.open();
  const indexes = async () =>
    (await client.ask("eventManager.getEventIndexes", { code: "VideoMotion" })).indexes;
  it.device.event({ code: "VideoMotion", action: "Start", channel: 3 });
  it.device.event({ code: "VideoMotion", action: "Start", channel: 1 });
  it.device.event({ code: "VideoMotion", action: "Pulse", channel: 2 });
  assert.deepEqual(await indexes(), [0, 2]);
  it.device.event({ code: "VideoMotion", action: "Stop", channel: 1 });
  assert.deepEqual(await indexes(), [2]);
});

Deno.test("an attach needs codes and a limited number", async () => {
  await using it = bench();
  const client = await it.open();
  for (const params of [null, {}, { codes: [] }, { codes: "All" }, { codes: [1] }]) {
    assert.equal(await client.refusal("eventManager.attach", params), 268894211);
  }
  for (let i = 0; i < 64; i++) await client.ask("eventManager.attach", { codes: ["All"] });
  assert.equal(await client.refusal("eventManager.attach", { codes: ["All"] }), 268959743);
});

Deno.test("an impossible event is the caller's mistake", async () => {
  await using it = bench();
  assert.throws(() => it.device.event({ code: "" }), TypeError);
  assert.throws(() => it.device.event({ code: "X", channel: 0 }), /channel must be .* 1\.\.2/);
  assert.throws(() => it.device.event({ code: "X", channel: 3 }), RangeError);
  assert.throws(() => it.device.event({ code: "X", action: "Begin" as "Start" }), RangeError);
});

Deno.test("every event stands in the log, attached clients or not; a full log forgets the oldest", async () => {
  await using it = bench();
  it.device.event({ code: "VideoMotion", action: "Start", channel: 2, data: { Id: [0] } });
  await it.device.restart();
  assert.deepEqual(
    it.device.log.entries().filter(({ type }) => type.startsWith("Event."))
      .map(({ type, channel, time, user }) => ({ type, channel, time, user })),
    [
      { type: "Event.VideoMotion.Start", channel: 1, time: Date.UTC(2026, 0, 2), user: "System" },
      { type: "Event.Reboot.Pulse", channel: 0, time: Date.UTC(2026, 0, 2), user: "System" },
    ],
  );
  const book = new LogBook(2);
  for (const type of ["a", "b", "c"]) book.add({ time: 0, type });
  assert.deepEqual(book.entries().map(({ number, type }) => [number, type]), [[2, "b"], [3, "c"]]);
});

/** The event in a push. */
function eventOf(message: Received | null): Record<string, unknown> {
  return (message!.json.params as { eventList: Record<string, unknown>[] }).eventList[0]!;
}

Deno.test("a restart and a shutdown announce themselves before the connections die", async () => {
  for (const [method, code] of [["reboot", "Reboot"], ["shutdown", "ShutDown"]]) {
    await using simulator = await Simulator.start({ bootTime: 0 });
    const client = await RawClient.connect(simulator.dhipPort);
    await client.login();
    await client.ask("eventManager.attach", { codes: [code] });
    assert.equal((await client.call(`magicBox.${method}`)).json.result, true);
    assert.equal(eventOf(await client.next()).Code, code);
    assert.equal(await client.next(), null);
    client.close();
  }
});

Deno.test("setting the clock is an event with both times", async () => {
  await using it = bench();
  const client = await it.open();
  await client.ask("eventManager.attach", { codes: ["TimeChange"] });
  await client.send("global.setCurrentTime", { time: "2027-01-01 00:00:00" });
  assert.deepEqual(eventOf(await client.next()), {
    Action: "Pulse",
    Code: "TimeChange",
    Data: { BeforeModifyTime: "2026-01-02 01:00:00", ModifiedTime: "2027-01-01 00:00:00" },
    Index: 0,
  });
  await client.send("global.setCurrentTime", { time: "2027-02-30 00:00:00" });
  assert.equal((await client.next())!.json.result, true); // of the first
  assert.equal((await client.next())!.json.result, false); // no event
});

Deno.test("a refused login is an event where the configuration wants that", async () => {
  await using it = bench();
  const client = await it.open();
  await client.ask("eventManager.attach", { codes: ["LoginFailure"] });
  assert.notEqual((await it.connect().login("admin", "wrong")).result, true);
  const table = { Enable: true, EventHandler: {} };
  await client.call("configManager.setConfig", { name: "LoginFailureAlarm", table }); // no event yet
  assert.notEqual((await it.connect().login("admin", "wrong")).result, true);
  const { Code, Data } = eventOf(await client.next());
  assert.deepEqual([Code, Data], ["LoginFailure", {
    Address: "127.0.0.1",
    Name: "admin",
    Type: "Web",
  }]);
  await authorised(RawHttp.open(it), "/cgi-bin/magicBox.cgi?action=getVendor", { password: "no" });
  assert.equal((eventOf(await client.next()).Data as { Address: string }).Address, "127.0.0.7");
});

Deno.test("events may happen by themselves, the same ones for a seed, while the device is on", async () => {
  const run = async (seed: number) => {
    await using it = bench({ eventsEvery: 1000, seed, channels: 3 });
    await it.clock.advance(30_000);
    const restarted = it.device.restart({ downtime: 10_000 });
    await it.clock.advance(10_000);
    await restarted;
    await it.clock.advance(5000);
    const log = it.device.log.entries().filter(({ type }) => type.startsWith("Event."))
      .map(({ type, channel }) => `${type} ${channel}`);
    assert.equal(log.length, 30 + 1 + 5);
    const under = new Set<string>();
    for (const line of log) { // edges are truthful: what stops had started
      const [, code, action] = line.split(/[. ]/);
      const key = `${code} ${line.split(" ")[1]}`;
      if (action === "Start") assert(!under.has(key) && under.add(key));
      else if (action === "Stop") assert(under.delete(key));
      else under.clear(); // Reboot
    }
    return log;
  };
  assert.deepEqual(await run(5), await run(5));
  assert.notDeepEqual(await run(5), await run(6));
});
