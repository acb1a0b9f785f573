import assert from "node:assert/strict";
import type { DeviceOptions, WebGeneration } from "../../lib/simulator/mod.ts";
import { RawHttp, RawRpc2 } from "./_http.ts";
import { type Bench, bench, errorOf, saltedDigest } from "./_support.ts";

const INVALID_SESSION = 287637505;

const open = (it: Bench) => new RawRpc2(RawHttp.open(it));

async function loggedIn(it: Bench): Promise<RawRpc2> {
  const rpc = open(it);
  const { json } = await rpc.login();
  assert.equal(json.result, true, JSON.stringify(json));
  return rpc;
}

Deno.test("login, calls and logout work over HTTP", async () => {
  await using it = bench();
  const rpc = await loggedIn(it);
  assert.deepEqual((await rpc.call("magicBox.getSerialNo")).params, { sn: it.device.serial });
  const { users } = (await rpc.call("userManager.getActiveUserInfoAll")).params as {
    users: Record<string, unknown>[];
  };
  assert.equal(users[0]!.ClientAddress, "127.0.0.7");
  assert.equal((await rpc.call("global.keepAlive", { timeout: 60, active: true })).result, true);
  const results = (await rpc.call("system.multicall", [
    { method: "magicBox.getVendor", id: 1, session: rpc.session },
    { method: "magicBox.getVendor", id: 2, session: 5 },
  ])).params as Record<string, unknown>[];
  assert.deepEqual(results.map((each) => each.result), [true, false]);
  assert.equal((await rpc.call("global.logout")).result, true);
  assert.equal(await rpc.refusal("magicBox.getVendor"), INVALID_SESSION);
  const { byService, logins, logouts, sessionsOpen } = it.device.stats();
  assert.deepEqual([logins, logouts, sessionsOpen], [1, 1, 0]);
  assert.deepEqual(byService.rpc2, { logins: 1, refusedLogins: 0, logouts: 1, calls: 8 });
  assert.deepEqual(byService.dhip, { logins: 0, refusedLogins: 0, logouts: 0, calls: 0 });
});

Deno.test("the two stages of a login may use different connections", async () => {
  await using it = bench();
  const rpc = open(it);
  const half = open(it);
  const first = await half.post("/RPC2_Login", {
    method: "global.login",
    params: { userName: "admin", password: "" },
    id: 1,
  });
  half.http.close();
  assert.equal(errorOf(first.json).code, 268632079);
  await rpc.login(); // another challenge does not disturb the first
  const { realm, random } = first.json.params as Record<string, string>;
  const answer = {
    method: "global.login",
    params: {
      userName: "admin",
      password: saltedDigest("admin", "admin54321", realm!, random!),
      authorityType: "Default",
    },
    id: 2,
    session: first.json.session,
  };
  assert.equal((await open(it).post("/RPC2_Login", answer)).json.result, true);
  const again = await open(it).post("/RPC2_Login", answer);
  assert.equal(errorOf(again.json).code, INVALID_SESSION); // one answer for one challenge
});

Deno.test("a session lives on its own transport only", async () => {
  await using it = bench();
  const rpc = await loggedIn(it);
  const dhip = await it.open();
  const own = dhip.session;
  dhip.session = rpc.session as number;
  assert.equal(await dhip.refusal("magicBox.getVendor"), INVALID_SESSION);
  const before = rpc.session;
  rpc.session = own;
  rpc.fields = { Cookie: `DhWebClientSessionID=${own}` };
  assert.equal(await rpc.refusal("magicBox.getVendor"), INVALID_SESSION);
  rpc.session = before;
  rpc.fields = { Cookie: `DhWebClientSessionID=${before}` };
  assert.equal((await rpc.call("magicBox.getVendor")).result, true);
  const { byService } = it.device.stats();
  assert.deepEqual([byService.dhip.logins, byService.rpc2.logins], [1, 1]);
});

Deno.test("both transports share slots, locks and accounts", async () => {
  await using it = bench({ sessionSlots: 1, lockAfter: 2, lockSeconds: 60 });
  const rpc = open(it);
  const refused = await rpc.login("admin", "wrong");
  assert.equal(errorOf(refused.json).code, 268632085);
  assert.equal((refused.json.params as Record<string, number>).remainLoginTimes, 1);
  const dhip = it.connect();
  const second = await dhip.login("admin", "wrong");
  assert.equal((second.params as Record<string, number>).remainLockSecond, 60);
  assert.equal(errorOf((await rpc.login()).json).code, 268632081);
  await it.clock.advance(60_001);
  assert.equal((await dhip.login()).result, true);
  assert.equal(errorOf((await rpc.login()).json).code, 268632074); // the slot is taken
  const { byService, refusedLogins } = it.device.stats();
  assert.equal(byService.dhip.refusedLogins, 1);
  assert.equal(byService.rpc2.refusedLogins, 3);
  assert.equal(refusedLogins, 4);
});

const GENERATIONS: Record<WebGeneration, string[]> = {
  DhWebClientSessionID: ["DhWebClientSessionID"],
  WebClientSessionID: [
    "username",
    "WebClientSessionID",
    "DWebClientSessionID",
    "DhWebClientSessionID",
  ],
  DWebClientSessionID: ["DWebClientSessionID"],
  WebClientHttpSessionID: ["WebClientHttpSessionID"],
};

for (const [webGeneration, names] of Object.entries(GENERATIONS)) {
  for (const httpSession of ["number", "hex"] as const) {
    Deno.test(`a ${httpSession} session needs the cookie ${webGeneration}`, async () => {
      const options = { webGeneration, httpSession } as DeviceOptions;
      await using it = bench({ ...options, users: [{ name: "ü;", password: "" }] });
      const rpc = open(it);
      const login = await rpc.login("ü;", "");
      const { session } = login.json;
      if (httpSession === "hex") assert.match(String(session), /^[0-9a-f]{32}$/);
      else assert.equal(typeof session, "number");
      const cookies = login.all("set-cookie").map((cookie) => cookie.split("; ")[0]);
      assert.deepEqual(
        cookies,
        names.map((name) => name === "username" ? "username=%C3%BC%3B" : `${name}=${session}`),
      );
      assert.equal((await rpc.call("magicBox.getVendor")).result, true);
      const good = { ...rpc.fields };
      const bad: Record<string, string>[] = [
        {},
        { "X-Api-Session": String(session) },
        { ...good, Cookie: `Other=${session}; x${webGeneration}=${session}` },
        { ...good, Cookie: `${webGeneration}=123` },
      ];
      if (webGeneration === "WebClientHttpSessionID") {
        bad.push({ Cookie: good.Cookie! }, { ...good, "X-Api-Session": "123" });
      }
      for (const fields of bad) {
        rpc.fields = fields;
        assert.equal(await rpc.refusal("magicBox.getVendor"), INVALID_SESSION);
      }
      rpc.fields = { ...good, Cookie: `a=b; ${webGeneration}="${session}"; c` };
      assert.equal((await rpc.call("magicBox.getVendor")).result, true);
      rpc.session = httpSession === "hex" ? 5 : "ffff";
      assert.equal(await rpc.refusal("magicBox.getVendor"), INVALID_SESSION);
    });
  }
}

Deno.test("a session expires without requests, whatever the connection does", async () => {
  await using it = bench({ keepAliveInterval: 20, keepAliveGrace: 5 });
  const rpc = await loggedIn(it);
  await it.clock.advance(24_000);
  assert.equal((await rpc.call("magicBox.getVendor")).result, true);
  await it.clock.advance(26_000);
  assert.equal(await rpc.refusal("magicBox.getVendor"), INVALID_SESSION);
});

Deno.test("objects live in their session over HTTP as well", async () => {
  await using it = bench();
  const rpc = await loggedIn(it);
  const { result } = await rpc.call("ptz.factory.instance", { channel: 0 });
  assert(Number(result) > 0);
  const status = await rpc.post("/RPC2", {
    method: "ptz.getStatus",
    params: null,
    id: 1,
    object: result,
    session: rpc.session,
  }, rpc.fields);
  assert.equal(status.json.result, true);
});

Deno.test("bodies that are no call are refused in JSON", async () => {
  await using it = bench();
  const rpc = await loggedIn(it);
  for (const body of ["", "[]", "{", "5", "null", "\xff"]) {
    const reply = await rpc.http.request("POST", "/RPC2", rpc.fields, body);
    assert.equal(errorOf(reply.json).code, 268894208, body);
  }
  const post = async (path: string, json: object) =>
    errorOf((await rpc.post(path, json, rpc.fields)).json).code;
  assert.equal(await post("/RPC2", { session: rpc.session }), 268894208);
  assert.equal(await post("/RPC2_Login", { method: "magicBox.getVendor" }), 268894210);
  assert.equal(await post("/RPC2", { method: "global.login", params: {} }), INVALID_SESSION);
  const form = { "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8" };
  const json = { method: "magicBox.getVendor", id: "text", session: String(rpc.session) };
  const reply = await rpc.http.request(
    "POST",
    "/RPC2",
    { ...rpc.fields, ...form },
    `${JSON.stringify(json)}\n\0`,
  );
  assert.equal(reply.json.id, "text");
  assert.equal(reply.json.result, true);
});

Deno.test("a reboot is answered, then ends every connection", async () => {
  await using it = bench({ bootTime: 5000 });
  const rpc = await loggedIn(it);
  const other = RawHttp.open(it);
  assert.equal((await rpc.call("magicBox.reboot")).result, true);
  assert.equal(await rpc.http.next(), null);
  assert.equal(await other.next(), null);
  await it.clock.advance(5000);
  const after = open(it);
  Object.assign(after, { session: rpc.session, fields: rpc.fields });
  assert.equal(await after.refusal("magicBox.getVendor"), INVALID_SESSION);
});
