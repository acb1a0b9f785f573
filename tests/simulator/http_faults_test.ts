/** The faults of the web server, and those of DHIP that strike it too. */

import assert from "node:assert/strict";
import { HTTP_FAULTS } from "../../lib/simulator/web/faults.ts";
import { authorised, digest, RawHttp, RawRpc2 } from "./_http.ts";
import { type Bench, bench, errorOf, settle } from "./_support.ts";

type Proof = (it: Bench, rpc: RawRpc2) => Promise<void>;

const CALL = "magicBox.getSerialNo";
const SCRIPT = "/cgi-bin/magicBox.cgi?action=getSerialNo";

/** Sends the call without waiting for its answer. */
function send(rpc: RawRpc2): Promise<void> {
  const json = JSON.stringify({ method: CALL, id: 1, session: rpc.session });
  return rpc.http.send(
    `POST /RPC2 HTTP/1.1\r\nCookie: ${rpc.fields.Cookie}\r\nContent-Length: ${json.length}\r\n\r\n` +
      json,
  );
}

/** A stream of all events; its head has been read. */
async function openStream(it: Bench): Promise<RawHttp> {
  const http = RawHttp.open(it);
  const target = "/cgi-bin/eventManager.cgi?action=attach&codes=[All]";
  const challenge = (await http.get(target)).field("www-authenticate")!;
  await http.send(
    `GET ${target} HTTP/1.1\r\nAuthorization: ${digest({ challenge, target })}\r\n\r\n`,
  );
  while (await http.line() !== "");
  return http;
}

const PROOFS: Record<string, Proof> = {
  // What a client sees of it is in https_test.ts.
  "new-certificate"(it) {
    it.device.fault("new-certificate");
    assert.equal(it.device.stats().faults["new-certificate"], 1);
    assert.equal(it.device.clearFault("new-certificate"), true);
    return Promise.resolve();
  },

  // What a client sees of it is in https_test.ts.
  "tls-too-old"(it) {
    it.device.fault("tls-too-old");
    assert.equal(it.device.stats().faults["tls-too-old"], 1);
    assert.equal(it.device.clearFault("tls-too-old"), true);
    return Promise.resolve();
  },

  async "basic-only"(it) {
    it.device.fault("basic-only");
    const http = RawHttp.open(it);
    const [challenge, ...others] = (await http.get(SCRIPT)).all("www-authenticate");
    assert.match(challenge!, /^Basic realm="/);
    assert.deepEqual(others, []);
    const right = { Authorization: `Basic ${btoa("admin:admin54321")}` };
    assert.equal((await http.get(SCRIPT, right)).status, 200);
    it.device.clearFault("basic-only");
    assert.equal((await http.get(SCRIPT, right)).status, 401);
  },

  async "rpc2-disabled"(it, rpc) {
    it.device.fault("rpc2-disabled", { times: 1 });
    const reply = await rpc.post("/RPC2", { method: CALL, id: 1, session: rpc.session });
    assert.equal(reply.status, 301);
    assert.equal(reply.field("location"), "/");
    it.device.fault("rpc2-disabled");
    assert.equal((await rpc.login()).json.result, true);
    it.device.clearFault("rpc2-disabled");
    assert.equal((await rpc.call(CALL)).result, true);
  },

  async "html-instead"(it, rpc) {
    it.device.fault("html-instead", { method: CALL });
    const reply = await rpc.post("/RPC2", { method: CALL, id: 1, session: rpc.session });
    assert.equal(reply.status, 200);
    assert.match(reply.field("content-type")!, /html/);
    assert.equal((await rpc.call("magicBox.getVendor")).result, true);
    assert.equal(it.device.stats().calls[CALL], undefined); // not carried out
    it.device.fault("html-instead", { method: "magicBox.getSerialNo" });
    const cgi = await authorised(RawHttp.open(it), SCRIPT);
    assert.equal(cgi.status, 200);
    assert.match(cgi.text, /^<!DOCTYPE html>/);
  },

  async "http-close"(it, rpc) {
    it.device.fault("http-close");
    const fresh = RawHttp.open(it);
    assert.equal((await fresh.get("/")).status, 200); // the first request of a connection is safe
    await send(rpc);
    assert.equal(await rpc.http.next(), null);
    assert.equal((await fresh.get("/")).status, 200); // once only
    assert.equal(it.device.stats().calls[CALL], undefined);
  },

  async "slow-body"(it, rpc) {
    it.device.fault("slow-body", { size: 16, pause: 1000, method: CALL });
    await send(rpc);
    assert.match((await rpc.http.line())!, / 200 /);
    while (await rpc.http.line() !== "");
    let done = false;
    const body = rpc.http.take(60).then(() => done = true);
    await it.clock.advance(3999);
    assert.equal(done, false);
    await it.clock.advance(1);
    await body;
    await it.clock.advance(10_000);
  },

  async "truncated-body"(it, rpc) {
    it.device.fault("truncated-body");
    await send(rpc);
    await assert.rejects(rpc.http.next(), /ended after \d+ of \d+/);
    rpc = new RawRpc2(RawHttp.open(it));
    await rpc.login();
    assert.equal((await rpc.call(CALL)).result, true);
  },

  async "huge-body"(it, rpc) {
    for (const chunked of [false, true]) {
      it.device.fault("huge-body", { size: 300_000, chunked });
      const { body, json, field } = await rpc.post("/RPC2", {
        method: CALL,
        id: 5,
        session: rpc.session,
      }, rpc.fields);
      assert.equal(body.length, 300_000);
      assert.equal(json.id, 5);
      assert.equal(field("transfer-encoding"), chunked ? "chunked" : undefined);
    }
    it.device.fault("huge-body"); // more than a client wants, and it does not wait for all
    await send(rpc);
    await rpc.http.take(1_000_000);
    rpc.http.close();
  },

  async chunked(it, rpc) {
    it.device.fault("chunked");
    assert.equal((await rpc.call(CALL)).result, true);
    const reply = await authorised(rpc.http, SCRIPT);
    assert.equal(reply.field("content-length"), undefined);
    assert.equal(reply.text, `sn=${it.device.serial}\r\n`);
  },

  // Their forms are in event_stream_test.ts.
  async "silent-stream"(it) {
    const http = await openStream(it);
    it.device.fault("silent-stream", { times: 1 });
    assert.equal(it.device.event({ code: "A", data: {} }), 1); // the device believes it was told
    it.device.event({ code: "B", data: {} });
    while (!(await http.line())!.startsWith("Code=B;"));
    assert.equal(it.device.stats().faults["silent-stream"], 1);
  },

  async "odd-parts"(it) {
    const http = await openStream(it);
    it.device.fault("odd-parts");
    it.device.event({ code: "A", data: {} });
    assert.equal(await http.line(), "--myboundary");
    assert.equal(await http.line(), "Content-Type: text/plain");
    assert.equal(await http.line(), "");
  },

  async "snapshot-busy"(it) {
    const http = RawHttp.open(it);
    it.device.fault("snapshot-busy", { times: 2 });
    for (const status of [503, 503, 200]) {
      assert.equal((await authorised(http, "/cgi-bin/snapshot.cgi?channel=1")).status, status);
    }
    it.device.fault("snapshot-busy", { how: "error" });
    const reply = await authorised(http, "/cgi-bin/snapshot.cgi?channel=1");
    assert.deepEqual([reply.status, reply.text], [200, "Error\r\nBusy!\r\n"]);
  },

  async "truncated-picture"(it) {
    const http = RawHttp.open(it);
    const picture = () => authorised(http, "/cgi-bin/snapshot.cgi?channel=1");
    it.device.fault("truncated-picture");
    const { body, field } = await picture();
    assert.deepEqual([...body.subarray(0, 2)], [0xff, 0xd8]);
    assert.notDeepEqual([...body.subarray(-2)], [0xff, 0xd9]);
    assert.equal(field("content-length"), String(body.length));
    assert.equal(Math.abs((await picture()).body.length - 2 * body.length) < 2, true);
  },

  async "stale-cgi"(it, rpc) {
    it.device.fault("stale-cgi");
    const read = async () =>
      (await authorised(rpc.http, "/cgi-bin/configManager.cgi?action=getConfig&name=Telnet")).text;
    await rpc.call("configManager.setConfig", { name: "Telnet", table: { Enable: true } });
    assert.equal(await read(), "table.Telnet.Enable=false\r\n");
    it.device.clearFault("stale-cgi");
    assert.equal(await read(), "table.Telnet.Enable=true\r\n");
  },
};

/** Faults of DHIP whose strike on an HTTP answer has a meaning of its own. */
const ALSO: Record<string, Proof> = {
  async "late-reply"(it, rpc) {
    it.device.fault("late-reply", { delay: 5000, method: CALL });
    let answered = false;
    const call = rpc.call(CALL).then(() => answered = true);
    await it.clock.advance(4999);
    assert.equal(answered, false);
    await it.clock.advance(1);
    await call;
  },

  async "drop-reply"(it, rpc) {
    it.device.fault("drop-reply", { times: 1 });
    await send(rpc);
    await settle();
    assert.equal(it.device.stats().calls[CALL], 1); // carried out all the same
    await send(rpc); // nothing may follow the answer that is missing
    await settle();
    assert.equal(it.device.stats().calls[CALL], 1);
    assert.equal(it.device.stats().openConnections, 1);
  },

  async "half-open"(it, rpc) {
    it.device.fault("half-open", { scope: "present" });
    await send(rpc);
    await settle();
    assert.equal(it.device.stats().calls[CALL], undefined);
    assert.equal((await RawHttp.open(it).get("/")).status, 200);
  },

  async "bad-json"(it, rpc) {
    it.device.fault("bad-json");
    await send(rpc);
    const reply = (await rpc.http.next())!;
    assert.equal(reply.field("content-length"), String(reply.body.length));
    assert.throws(() => reply.json, SyntaxError);
    assert.equal((await rpc.call(CALL)).result, true);
  },

  async "nul-terminated"(it, rpc) {
    it.device.fault("nul-terminated", { count: 3, times: 1 });
    await send(rpc);
    assert.match((await rpc.http.next())!.text, /}\n\0\0\0$/);
  },

  async "gbk-names"(it, rpc) {
    it.device.fault("gbk-names", { method: "configManager.getConfig" });
    const { body } = await rpc.post("/RPC2", {
      method: "configManager.getConfig",
      params: { name: "ChannelTitle" },
      id: 1,
      session: rpc.session,
    }, rpc.fields);
    assert.match(new TextDecoder("gbk").decode(body), /通道1/);
    assert.doesNotMatch(new TextDecoder().decode(body), /通道1/);
  },

  async "reset-mid-frame"(it, rpc) {
    it.device.fault("reset-mid-frame");
    await send(rpc);
    await assert.rejects(async () => {
      for (;;) await rpc.http.take(1);
    }, /ended after/);
  },

  async garbage(it, rpc) {
    it.device.fault("garbage");
    await send(rpc);
    assert.equal((await rpc.http.take(4))[0], 0x20);
  },

  async "split-frames"(it, rpc) {
    it.device.fault("split-frames");
    for (let i = 0; i < 50; i++) assert.equal((await rpc.call(CALL)).result, true);
  },

  async "one-byte"(it, rpc) {
    it.device.fault("one-byte");
    assert.equal((await rpc.call(CALL)).result, true);
  },

  async "session-expiry"(it, rpc) {
    it.device.fault("session-expiry", { after: 2 });
    assert.equal((await rpc.call(CALL)).result, true);
    assert.equal((await rpc.call(CALL)).result, true);
    assert.equal(await rpc.refusal(CALL), 287637505);
  },

  async "refuse-keepalive"(it, rpc) {
    it.device.fault("refuse-keepalive");
    assert.equal(await rpc.refusal("global.keepAlive"), 287637505);
  },

  async "session-table-full"(it, rpc) {
    it.device.fault("session-table-full");
    assert.equal(errorOf((await rpc.login()).json).code, 268632074);
  },
};

Deno.test("every fault of the web server has its proof", () => {
  assert.deepEqual(Object.keys(PROOFS), HTTP_FAULTS.map((fault) => fault.name));
});

for (const [name, proof] of [...Object.entries(PROOFS), ...Object.entries(ALSO)]) {
  Deno.test(`fault ${name} over HTTP`, async () => {
    await using it = bench();
    const rpc = new RawRpc2(RawHttp.open(it));
    assert.equal((await rpc.login()).json.result, true);
    await proof(it, rpc);
  });
}

Deno.test("a CGI answer is struck by the name of its script and action", async () => {
  await using it = bench();
  const http = RawHttp.open(it);
  it.device.fault("truncated-body", { method: "magicBox.getVendor" });
  assert.equal((await authorised(http, SCRIPT)).status, 200);
  await assert.rejects(
    http.get("/cgi-bin/magicBox.cgi?action=getVendor"),
    /ended after/,
  );
});
