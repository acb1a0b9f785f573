/** /SubscribeNotify.cgi: pushes beside RPC2. */

import assert from "node:assert/strict";
import { RawHttp, RawRpc2 } from "./_http.ts";
import { type Bench, bench, settle } from "./_support.ts";

const EVENT = { code: "VideoMotion", action: "Start", data: { Id: [0] } } as const;

async function loggedIn(it: Bench): Promise<RawRpc2> {
  const rpc = new RawRpc2(RawHttp.open(it));
  assert.equal((await rpc.login()).json.result, true);
  return rpc;
}

/** Opens the stream of a session; head and beginning of the page are read. */
async function subscribe(it: Bench, rpc: RawRpc2, method = "GET"): Promise<RawHttp> {
  const http = RawHttp.open(it);
  const path = `/SubscribeNotify.cgi?sessionId=${rpc.session}&type=1`;
  await http.send(`${method} ${path} HTTP/1.1\r\nCookie: ${rpc.fields.Cookie}\r\n\r\n`);
  assert.match((await http.line())!, / 200 OK$/);
  const fields: string[] = [];
  for (let line; (line = await http.line());) fields.push(line.toLowerCase());
  assert(fields.includes("content-type: text/html; charset=utf-8"));
  assert.equal(await http.line(), "<html><body>");
  return http;
}

/** The JSON of the next push. */
async function push(http: RawHttp): Promise<Record<string, unknown>> {
  const line = (await http.line())!;
  const match = /^<script>var json=(\{.*\});receiveMessage\(json\);<\/script>$/.exec(line);
  assert(match, line);
  return JSON.parse(match[1]!);
}

Deno.test("pushes of all attachments arrive, calls with the same cookie go on", async () => {
  await using it = bench();
  const rpc = await loggedIn(it);
  const http = await subscribe(it, rpc);
  const object = (await rpc.call("eventManager.factory.instance")).result;
  assert(typeof object === "number");
  const reply = await rpc.post("/RPC2", {
    method: "eventManager.attach",
    params: { codes: ["VideoMotion"], proc: 4711 },
    object,
    id: 77,
    session: rpc.session,
  }, rpc.fields);
  const { SID } = reply.json.params as { SID: number };
  const second = (await rpc.call("eventManager.attach", { codes: ["All"] })).params;
  assert.equal(it.device.event(EVENT), 2);
  const eventList = [{ Action: "Start", Code: "VideoMotion", Data: { Id: [0] }, Index: 0 }];
  assert.deepEqual(await push(http), {
    callback: 4711,
    id: 77,
    method: "client.notifyEventStream",
    params: { SID, eventList },
    session: rpc.session,
  });
  assert.deepEqual((await push(http)).params, { ...second as object, eventList });
  const { indexes } = (await rpc.call("eventManager.getEventIndexes", { code: "VideoMotion" }))
    .params as { indexes: number[] };
  assert.deepEqual(indexes, [0]);
  assert.equal((await rpc.call("eventManager.detach", { proc: 4711 })).result, true);
  assert.equal((await rpc.call("eventManager.detach", { SID, codes: ["All"] })).result, false);
  assert.equal(it.device.event({ code: "X" }), 1);
  assert.equal(it.device.stats().pushes, 3);
});

Deno.test("POST opens a stream too; a new stream ends the one before", async () => {
  await using it = bench();
  const rpc = await loggedIn(it);
  await rpc.call("eventManager.attach", { codes: ["All"] });
  const first = await subscribe(it, rpc);
  const second = await subscribe(it, rpc, "POST");
  assert.equal(await first.line(), null);
  assert.equal(it.device.event(EVENT), 1);
  assert.equal((await push(second)).method, "client.notifyEventStream");
  second.close();
  await settle();
  assert.equal(it.device.event(EVENT), 0); // nobody listens any more, and nothing is kept
  const third = await subscribe(it, rpc);
  it.device.event({ code: "Last" });
  assert.match(JSON.stringify(await push(third)), /"Last"/);
});

Deno.test("what comes before the first stream is kept within bounds, or lost", async () => {
  for (const [notifyBacklog, expected] of [[2, ["B", "C", "D"]], [0, ["D"]]] as const) {
    await using it = bench({ notifyBacklog });
    const rpc = await loggedIn(it);
    await rpc.call("eventManager.attach", { codes: ["All"] });
    for (const code of ["A", "B", "C"]) {
      assert.equal(it.device.event({ code }), notifyBacklog === 0 ? 0 : 1);
    }
    const http = await subscribe(it, rpc);
    it.device.event({ code: "D" });
    for (const code of expected) assert.match(JSON.stringify(await push(http)), new RegExp(code));
  }
});

Deno.test("sessions do not hear of each other's attachments", async () => {
  await using it = bench();
  const one = await loggedIn(it);
  const two = await loggedIn(it);
  const { SID } = (await one.call("eventManager.attach", { codes: ["All"] })).params as {
    SID: number;
  };
  await two.call("eventManager.attach", { codes: ["Other"] });
  assert.equal((await two.call("eventManager.detach", { SID })).result, false);
  const [first, second] = [await subscribe(it, one), await subscribe(it, two)];
  it.device.event(EVENT);
  it.device.event({ code: "Other" });
  assert.equal((await push(first)).session, one.session);
  assert.match(JSON.stringify(await push(second)), /"Other"/);
});

Deno.test("a wrong session or a missing cookie is refused", async () => {
  await using it = bench();
  const rpc = await loggedIn(it);
  const dhip = await it.open();
  const cookie = rpc.fields.Cookie!;
  const cases: [string, string][] = [
    [`?sessionId=${rpc.session}`, "x=1"],
    [`?sessionId=${Number(rpc.session) ^ 1}`, cookie],
    [`?sessionId=${dhip.session}`, `DhWebClientSessionID=${dhip.session}`],
    ["?sessionId=nonsense", cookie],
    ["?sessionId=", cookie],
    ["", cookie],
  ];
  for (const [query, Cookie] of cases) {
    const reply = await RawHttp.open(it).get(`/SubscribeNotify.cgi${query}`, { Cookie });
    assert.equal(reply.status, 403, query);
  }
  assert.equal((await RawHttp.open(it).request("PUT", "/SubscribeNotify.cgi")).status, 405);
  it.device.fault("html-instead", { method: "SubscribeNotify", times: 1 });
  assert.match((await RawHttp.open(it).get("/SubscribeNotify.cgi")).text, /^<!DOCTYPE html>/);
  it.device.fault("rpc2-disabled");
  assert.equal((await RawHttp.open(it).get("/SubscribeNotify.cgi")).status, 301);
});

Deno.test("the newest web servers need no header here, which a frame could not send", async () => {
  await using it = bench({ webGeneration: "WebClientHttpSessionID", httpSession: "hex" });
  const rpc = await loggedIn(it);
  await rpc.call("eventManager.attach", { codes: ["All"] });
  const http = await subscribe(it, rpc);
  it.device.event(EVENT);
  assert.equal((await push(http)).session, rpc.session);
});

Deno.test("a stream ends with its session: expiry, logout, restart", async () => {
  await using it = bench();
  const silent = await loggedIn(it);
  const http = await subscribe(it, silent);
  await it.clock.advance(60_000);
  await silent.call("global.keepAlive", { timeout: 60, active: true });
  let ended = false;
  const end = http.line().then((line) => {
    assert.equal(line, null);
    ended = true;
  });
  await it.clock.advance(70_000);
  assert.equal(ended, false); // keep-alives count, the open stream does not
  await it.clock.advance(1);
  await end;
  const left = await loggedIn(it);
  const stream = await subscribe(it, left);
  await left.call("global.logout");
  assert.equal(await stream.line(), null);
  const last = await subscribe(it, await loggedIn(it));
  await it.device.restart();
  assert.equal(await last.line(), null);
});

Deno.test("silence and half-open strike here too", async () => {
  await using it = bench();
  const rpc = await loggedIn(it);
  const http = await subscribe(it, rpc);
  await rpc.call("eventManager.attach", { codes: ["All"] });
  it.device.fault("silent-stream", { times: 1 });
  assert.equal(it.device.event({ code: "A" }), 1);
  it.device.event({ code: "B" });
  assert.match(JSON.stringify(await push(http)), /"B"/);
  it.device.fault("half-open", { scope: "present" });
  it.device.event({ code: "C" });
  let said = false;
  http.line().then(() => said = true);
  await it.clock.advance(60_000);
  assert.equal(said, false);
});
