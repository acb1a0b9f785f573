import assert from "node:assert/strict";
import { encodeMessage } from "../../lib/dhip/frame.ts";
import { DHIP_FAULTS } from "../../lib/simulator/dhip_faults.ts";
import { type FaultOptions, FAULTS, SIMULATED_FILE } from "../../lib/simulator/mod.ts";
import { RawHttp } from "./_http.ts";
import { type Bench, bench, errorOf, type RawClient, settle } from "./_support.ts";

type Proof = (it: Bench, client: RawClient) => Promise<void>;

const CALL = "magicBox.getDeviceType";
const METHOD = { method: CALL };

async function code(client: RawClient, method: string, params?: unknown): Promise<number> {
  return errorOf((await client.call(method, params)).json)?.code;
}

/** Reads what comes until the connection ends or the clock's timers have all fired. */
async function rawBytes(client: RawClient, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const got = await client.stream.read(bytes.subarray(filled));
    if (got === null) break;
    filled += got;
  }
  return bytes.subarray(0, filled);
}

/** One proof for each fault; the table below is checked against the documented list. */
const PROOFS: Record<string, Proof> = {
  async "split-frames"(it, client) {
    it.device.fault("split-frames", { pieces: 5 });
    for (let i = 0; i < 50; i++) await client.ask(CALL);
    assert.equal(it.device.stats().faults["split-frames"], 50);
  },

  async "merge-frames"(it, client) {
    it.device.fault("merge-frames", { hold: 30 });
    client.chunks = [];
    for (let i = 0; i < 3; i++) await client.send(CALL);
    await it.clock.advance(30);
    for (let i = 0; i < 3; i++) assert.equal((await client.next())!.json.result, true);
    assert.equal(client.chunks.length, 1);
  },

  async "one-byte"(it, client) {
    it.device.fault("one-byte");
    await client.send(CALL);
    await settle();
    const one = new Uint8Array(1);
    assert.equal(await client.stream.read(one), 1);
    assert.equal(one[0], 0x20);
    it.device.clearFault("one-byte");
  },

  async "push-before-reply"(it, client) {
    it.device.fault("push-before-reply", METHOD);
    const id = await client.send(CALL);
    const push = (await client.next())!;
    assert.match(String(push.json.method), /^client\.notify/);
    assert.notEqual(push.requestId, id);
    assert.equal((await client.next())!.requestId, id);
    it.device.fault("push-before-reply", { "same-id": true, times: 1 });
    const again = await client.send(CALL);
    assert.equal((await client.next())!.requestId, again);
    assert.equal((await client.next())!.json.result, true);
    await client.ask(CALL); // once only
  },

  async "late-reply"(it, client) {
    it.device.fault("late-reply", { ...METHOD, delay: 5000 });
    const late = await client.send(CALL);
    const prompt = await client.send("magicBox.getSerialNo");
    assert.equal((await client.next())!.requestId, prompt);
    await it.clock.advance(4999);
    await client.call("magicBox.getSerialNo");
    await it.clock.advance(1);
    assert.equal((await client.next())!.requestId, late);
  },

  async reorder(it, client) {
    it.device.fault("reorder", { min: 0, max: 1000 });
    const sent = [];
    for (let i = 0; i < 20; i++) sent.push(await client.send(CALL));
    await it.clock.advance(1000);
    const got = [];
    for (let i = 0; i < 20; i++) got.push((await client.next())!.requestId);
    assert.notDeepEqual(got, sent);
    assert.deepEqual(got.toSorted((a, b) => a - b), sent);
  },

  async "drop-reply"(it, client) {
    it.device.fault("drop-reply", { probability: 0.5 });
    for (let i = 0; i < 100; i++) await client.send(CALL);
    await settle();
    it.device.clearFault("drop-reply");
    const last = await client.send(CALL);
    let replies = 0;
    while ((await client.next())!.requestId !== last) replies++;
    assert(replies > 25 && replies < 75, `${replies} of 100`);
    assert.equal(it.device.stats().calls[CALL], 101); // carried out all the same
    assert.equal(it.device.stats().faults["drop-reply"], 100 - replies);
  },

  async "silent-events"(it, client) {
    await client.ask("eventManager.attach", { codes: ["All"] });
    it.device.fault("silent-events");
    assert.equal(it.device.event({ code: "X" }), 0);
    await client.ask("eventManager.attach", { codes: ["All"] });
    it.device.clearFault("silent-events");
    assert.equal(it.device.event({ code: "X" }), 2);
  },

  async "half-open"(it, client) {
    await client.ask("eventManager.attach", { codes: ["All"] });
    it.device.fault("half-open");
    await client.send(CALL);
    it.device.event({ code: "X" });
    const fresh = it.connect();
    await fresh.send("global.login", { userName: "admin", password: "" });
    await settle();
    it.device.clearFault("half-open");
    await client.send(CALL); // once dead, a link stays dead
    await settle();
    assert.equal(it.device.stats().openConnections, 2);
    const other = await it.open();
    await other.ask(CALL);
    assert.equal(it.device.stats().calls[CALL], 1);
    it.device.fault("half-open", { scope: "present" });
    await (await it.open()).ask(CALL);
    assert.deepEqual(it.device.faults(), []);
    client.close();
    await settle();
    assert.equal(it.device.stats().openConnections, 3);
  },

  async "reset-mid-frame"(it, client) {
    it.device.fault("reset-mid-frame", { ...METHOD, after: 1 });
    await client.ask(CALL);
    await client.send(CALL);
    await assert.rejects(client.next(), { code: "DHIP_CONNECTION_LOST" });
    await (await it.open()).ask(CALL);
  },

  async "refuse-keepalive"(it, client) {
    it.device.fault("refuse-keepalive", { times: 1 });
    assert.equal(await code(client, "global.keepAlive", {}), 287637505);
    await client.ask("global.keepAlive", {});
    it.device.fault("refuse-keepalive", { code: 0 });
    const { json } = await client.call("global.keepAlive", {});
    assert.deepEqual([json.result, json.error], [false, undefined]);
    await client.ask(CALL);
  },

  async "session-expiry"(it, client) {
    it.device.fault("session-expiry");
    assert.equal(await client.refusal(CALL), 287637505);
    assert.deepEqual(it.device.faults(), []);
    const again = await it.open();
    it.device.fault("session-expiry", { after: 3 });
    for (let i = 0; i < 3; i++) await again.ask(CALL);
    assert.equal(await again.refusal(CALL), 287637505);
    const third = await it.open();
    for (let i = 0; i < 5; i++) await third.ask(CALL);
  },

  async "locked-account"(it, client) {
    it.device.fault("locked-account", { seconds: 60 });
    await client.ask(CALL); // who is in stays in
    const { json } = await it.connect().challenge();
    assert.equal(errorOf(json).code, 268632081);
    assert.deepEqual(json.params, { remainLockSecond: 60, remainLoginTimes: 0 });
    await it.clock.advance(60_000);
    await it.open();
    it.device.fault("locked-account");
    assert.equal(errorOf(await it.connect().login()).code, 268632081);
    it.device.clearFault("locked-account");
    await it.open();
  },

  async "session-table-full"(it) {
    it.device.fault("session-table-full", { times: 1 });
    assert.equal(errorOf(await it.connect().login()).code, 268632074);
    await it.open();
  },

  async "stale-config"(it, client) {
    it.device.fault("stale-config");
    const table = {
      ...(await client.ask("configManager.getConfig", { name: "NTP" })).table as object,
    };
    const changed = { ...table, Port: 124 };
    await client.ask("configManager.setConfig", { name: "NTP", table: changed });
    assert.deepEqual((await client.ask("configManager.getConfig", { name: "NTP" })).table, table);
    it.device.clearFault("stale-config");
    await client.ask("configManager.setConfig", { name: "NTP", table: changed });
    assert.deepEqual((await client.ask("configManager.getConfig", { name: "NTP" })).table, changed);
  },

  async "clock-jump"(it, client) {
    const time = async () => (await client.ask("global.getCurrentTime")).time;
    it.device.fault("clock-jump", { ms: -3_600_000 });
    assert.equal(await time(), "2026-01-02 00:00:00");
    await client.ask(CALL); // sessions do not live on the calendar
    it.device.clearFault("clock-jump");
    assert.equal(await time(), "2026-01-02 01:00:00");
  },

  async "nul-terminated"(it, client) {
    it.device.fault("nul-terminated", { count: 3 });
    await client.send(CALL);
    const header = new DataView((await rawBytes(client, 32)).slice().buffer);
    const body = await rawBytes(client, header.getUint32(24, true));
    assert.deepEqual([...body.subarray(-4)], [0x0a, 0, 0, 0]);
  },

  async "gbk-names"(it, client) {
    it.device.fault("gbk-names");
    await client.send("configManager.getConfig", { name: "ChannelTitle" });
    const header = new DataView((await rawBytes(client, 32)).slice().buffer);
    const body = await rawBytes(client, header.getUint32(16, true));
    assert.throws(() => new TextDecoder("utf-8", { fatal: true }).decode(body));
    const json = JSON.parse(new TextDecoder("gbk", { fatal: true }).decode(body));
    assert.deepEqual(json.params.table, [{ Name: "通道1乗" }, { Name: "通道2乗" }]);
  },

  async "binary-in-message"(it, client) {
    const params = { fileName: SIMULATED_FILE, offset: 0, length: 100 };
    const usual = await client.call("FileManager.downloadPiece", params);
    it.device.fault("binary-in-message");
    await client.send("FileManager.downloadPiece", params);
    const header = new DataView((await rawBytes(client, 32)).slice().buffer);
    assert.equal(header.getUint32(28, true), 0);
    const body = await rawBytes(client, header.getUint32(24, true));
    assert.deepEqual(body.slice(body.indexOf(0x0a) + 1), usual.binary);
  },

  async garbage(it, client) {
    it.device.fault("garbage");
    await client.send(CALL);
    await assert.rejects(client.next(), { code: "DHIP_WRONG_PROTOCOL" });
    await (await it.open()).ask(CALL);
  },

  async "oversize-length"(it, client) {
    it.device.fault("oversize-length");
    await client.send(CALL);
    await assert.rejects(client.next(), { code: "DHIP_FRAME_TOO_LARGE" });
  },

  async "http-answer"(it) {
    it.device.fault("http-answer", { times: 1 });
    const client = it.connect();
    await client.send("global.login", { userName: "admin", password: "" });
    await settle();
    const text = new TextDecoder().decode(await rawBytes(client, 10_000));
    // The memory pair drops what was not read when its end closes; a socket keeps it.
    assert(text === "" || text.startsWith("HTTP/1.1 400 "), text);
    await it.open();
  },

  async "not-initialised"(it, client) {
    it.device.fault("not-initialised");
    assert.equal(errorOf(await it.connect().login()).code, 268632086);
    const reply = await RawHttp.open(it).get("/cgi-bin/magicBox.cgi?action=getVendor");
    assert.deepEqual([reply.status, reply.field("www-authenticate")], [403, undefined]);
    it.device.clearFault("not-initialised");
    assert.equal((await client.login()).result, true);
  },

  // Its forms are in discovery_test.ts.
  "odd-discovery"(it) {
    const json = { method: "DHDiscover.search", params: { mac: "", uni: 1 } };
    const probe = encodeMessage({ session: 0, requestId: 0, json });
    const ports = { httpPort: null, httpsPort: null };
    assert.equal(it.device.discover(probe, ports)!.copies, 1);
    it.device.fault("odd-discovery", { times: 1 });
    assert.equal(it.device.discover(probe, ports)!.copies, 2);
    assert.equal(it.device.discover(probe, ports)!.copies, 1);
    return Promise.resolve();
  },

  async "bad-json"(it, client) {
    it.device.fault("bad-json");
    await client.send(CALL);
    await assert.rejects(client.next(), { code: "DHIP_BAD_JSON" });
    await client.ask(CALL);
  },

  async "fragments-a"(it, client) {
    it.device.fault("fragments-a", { size: 16 });
    const reply = await client.call("magicBox.getSystemInfo");
    assert.equal((reply.json.params as Record<string, string>).serialNumber, it.device.serial);
    await client.send(CALL);
    const header = new DataView((await rawBytes(client, 32)).slice().buffer);
    assert.equal(header.getUint32(16, true), 16);
    assert(header.getUint32(24, true) > 16);
  },

  async "fragments-b"(it, client) {
    it.device.fault("fragments-b", { size: 100 });
    const params = { fileName: SIMULATED_FILE, offset: 0, length: 250 };
    const id = await client.send("FileManager.downloadPiece", params);
    for (const [index, size] of [100, 100, 50].entries()) {
      const frame = (await client.next())!;
      assert.equal(frame.requestId, id);
      assert.equal(frame.packageIndex, index);
      assert.equal(frame.binary.length, size);
    }
  },
};

for (const { name } of DHIP_FAULTS) {
  Deno.test(`fault ${name}`, async () => {
    const proof = PROOFS[name];
    assert(proof !== undefined, `no proof of fault ${name}`);
    await using it = bench();
    await proof(it, await it.open());
  });
}

Deno.test("the fault table is fit for printing", () => {
  assert.equal(new Set(FAULTS.map((fault) => fault.name)).size, FAULTS.length);
  assert.deepEqual(Object.keys(PROOFS).sort(), DHIP_FAULTS.map((fault) => fault.name).sort());
  for (const { name, description, options } of FAULTS) {
    assert.match(name, /^[a-z][a-z0-9]*(-[a-z]+)*$/);
    assert.match(description, /^[A-Z].*\.$/);
    for (const option of options) assert(option.description !== "", `${name} ${option.name}`);
  }
});

Deno.test("a wrong fault or option names what is known", async () => {
  await using it = bench();
  const bad = (name: string, options: FaultOptions, message: RegExp) =>
    assert.throws(() => it.device.fault(name, options), (error: Error) => {
      assert(error instanceof RangeError);
      assert.match(error.message, message);
      return true;
    });
  bad("no-such", {}, /No fault "no-such"; known: split-frames, .*bind-unanswered$/);
  bad("toString", {}, /No fault/);
  bad("late-reply", { latency: 5 }, /no option "latency"; known: device, delay, method/);
  bad("late-reply", { delay: "5" }, /delay .* must be a number/);
  bad("late-reply", { delay: -1 }, /within 0\.\.3600000/);
  bad("late-reply", { delay: NaN }, /within/);
  bad("late-reply", { times: 1.5 }, /integer/);
  bad("reorder", { min: 60 }, /min .* not be above max/);
  bad("half-open", { scope: "some" }, /one of all, present/);
  bad("late-reply", { device: -1 }, /device/);
  assert.throws(() => it.device.clearFault("no-such"), /known: /);
  assert.equal(it.device.clearFault("garbage"), false);
});

Deno.test("a fault strikes the method, after so many, so often", async () => {
  await using it = bench();
  const client = await it.open();
  it.device.fault("nul-terminated", { ...METHOD, after: 2, times: 3 });
  for (let i = 0; i < 10; i++) {
    await client.ask(CALL);
    await client.ask("magicBox.getSerialNo");
  }
  assert.equal(it.device.stats().faults["nul-terminated"], 3);
  assert.deepEqual(it.device.faults(), []);
});

Deno.test("faults do not change what the seed gives", async () => {
  const sessions = async (fault?: string) => {
    await using it = bench();
    if (fault !== undefined) it.device.fault(fault, { probability: 0.5 });
    return [(await it.open()).session, (await it.open()).session];
  };
  assert.deepEqual(await sessions("nul-terminated"), await sessions());
});

Deno.test("half the faults at once still leave a device that can be logged in to", async () => {
  await using it = bench({ seed: 5 });
  const names = ["split-frames", "push-before-reply", "nul-terminated", "gbk-names", "fragments-a"];
  for (const name of names) it.device.fault(name, name === "push-before-reply" ? METHOD : {});
  const client = await it.open();
  await client.send("magicBox.getDeviceType");
  assert.match(String((await client.next())!.json.method), /^client\./);
  assert.equal((await client.next())!.json.result, true);
});
