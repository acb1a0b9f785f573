/** HTTP Digest and Basic from the side of the server. */

import assert from "node:assert/strict";
import golden from "../vectors/http_digest.json" with { type: "json" };
import { parseAuthorization } from "../../lib/simulator/web/authorization.ts";
import { expectedResponse } from "../../lib/simulator/web/digest.ts";
import type { HttpAuth, HttpQop } from "../../lib/simulator/mod.ts";
import { authorised, digest, RawHttp } from "./_http.ts";
import { type Bench, bench } from "./_support.ts";

interface Vector {
  name: string;
  method: string;
  uri: string;
  username: string;
  password: string;
  body_hex: string;
  expected: {
    parsed: { realm: string };
    authorization?: Record<string, string>;
    header?: string;
  };
}

const vectors = golden as unknown as Vector[];
const TARGET = "/cgi-bin/magicBox.cgi?action=getSerialNo";

/** The field that a client with these parameters sends. */
function fieldOf(params: Record<string, string>): string {
  const quote = (value: string) => `"${value.replace(/["\\]/g, "\\$&")}"`;
  const bare = ["algorithm", "nc", "qop"];
  return "Digest " + Object.entries(params)
    .map(([name, value]) => `${name}=${bare.includes(name) ? value : quote(value)}`).join(", ");
}

Deno.test("every golden Digest answer is accepted, and none that is altered", () => {
  const answered = vectors.filter(({ expected }) => expected.authorization !== undefined);
  assert(answered.length >= 18);
  for (const { name, method, uri, username, password, body_hex, expected } of answered) {
    const credentials = parseAuthorization(fieldOf(expected.authorization!));
    assert(credentials?.scheme === "digest", name);
    assert.deepEqual(Object.fromEntries(credentials.params), expected.authorization, name);
    assert.equal(credentials.user, username);
    const algorithm = expected.authorization!.algorithm ?? "MD5";
    const facts = {
      hash: algorithm.startsWith("SHA-256") ? "sha256" as const : "md5" as const,
      sess: algorithm.endsWith("-sess"),
      user: username,
      realm: expected.parsed.realm,
      password,
      method,
      target: uri,
      body: Uint8Array.fromHex(body_hex),
      params: credentials.params,
    };
    const { response } = expected.authorization!;
    assert.equal(expectedResponse(facts), response, name);
    assert.notEqual(expectedResponse({ ...facts, password: `${password} ` }), response);
    assert.notEqual(expectedResponse({ ...facts, target: `${uri}?` }), response);
    assert.notEqual(expectedResponse({ ...facts, method: "PUT" }), response);
    const body = new Uint8Array([1]);
    const signed = expected.authorization!.qop === "auth-int";
    assert.equal(expectedResponse({ ...facts, body }) !== response, signed, name);
  }
  const basic = vectors.filter(({ expected }) => expected.header !== undefined);
  assert(basic.length >= 1);
  for (const { username, password, expected } of basic) {
    const credentials = parseAuthorization(expected.header!);
    assert.deepEqual(credentials, { scheme: "basic", user: username, password });
  }
});

Deno.test("an Authorization field is read as the grammar has it", () => {
  const user = (field: string) => parseAuthorization(field)?.user;
  assert.equal(user('DIGEST  USERNAME = "a\\"b\\\\" ,, x=y'), 'a"b\\');
  assert.equal(user("Digest username*=UTF-8''%D0%BE%2C, nc=00000001"), "о,");
  assert.equal(user("basic YTpiOmM="), "a");
  const bad = [
    "Bearer x",
    "Digest",
    "Digest realm=x",
    'Digest username="a',
    "Digest username=a username=b",
    "Digest username=a, username=b",
    'Digest username="a" b',
    "Digest username*=latin1''x",
    "Digest username*=UTF-8''%zz",
    "Basic %%%",
    "Basic YQ==",
    "Basic /zo=",
  ];
  for (const field of bad) assert.equal(user(field), undefined, field);
});

const KINDS: [HttpAuth, HttpQop][] = (["auth", "auth-int", "auth,auth-int", "none"] as const)
  .flatMap((qop): [HttpAuth, HttpQop][] => [
    ["digest-md5", qop],
    ["digest-md5-sess", qop],
    ["digest-sha256", qop],
    ["digest-sha256-sess", qop],
  ]);

for (const [httpAuth, httpQop] of KINDS) {
  Deno.test(`${httpAuth} with qop ${httpQop} admits the right password`, async () => {
    const [user, password] = ["оператор", 'p"ä\\s:s'];
    await using it = bench({ httpAuth, httpQop, users: [{ name: user, password }] });
    const http = RawHttp.open(it);
    const challenge = (await http.get(TARGET)).field("www-authenticate")!;
    assert.equal(challenge.includes("algorithm="), httpAuth !== "digest-md5");
    for (const qop of httpQop === "none" ? [undefined] : httpQop.split(",")) {
      for (let nc = 1; nc <= 2; nc++) {
        const body = qop === "auth-int" ? "some body" : "";
        const method = body === "" ? "GET" : "POST";
        const fresh = (await http.get(TARGET)).field("www-authenticate")!;
        const asked = {
          challenge: nc === 1 ? fresh : challenge,
          target: TARGET,
          user,
          password,
          method,
          body,
          ...(qop === undefined ? {} : { qop }),
          nc: qop === "auth-int" ? nc + 2 : nc,
        };
        const reply = await http.request(method, TARGET, { Authorization: digest(asked) }, body);
        assert.equal(reply.text, `sn=${it.device.serial}\r\n`);
      }
    }
    assert.equal(it.device.stats().byService.cgi.refusedLogins, 0);
  });
}

async function challenged(it: Bench): Promise<[RawHttp, string]> {
  const http = RawHttp.open(it);
  return [http, (await http.get(TARGET)).field("www-authenticate")!];
}

Deno.test("the count of a nonce has to rise", async () => {
  await using it = bench();
  const [http, challenge] = await challenged(it);
  const use = async (nc: number) => {
    const reply = await http.get(TARGET, {
      Authorization: digest({ challenge, target: TARGET, nc }),
    });
    return [reply.status, /stale=(\w+)/.exec(reply.field("www-authenticate") ?? "")?.[1]];
  };
  assert.deepEqual(await use(1), [200, undefined]);
  assert.deepEqual(await use(2), [200, undefined]);
  assert.deepEqual(await use(2), [401, "true"]); // a replay
  assert.deepEqual(await use(0x10), [200, undefined]);
  assert.deepEqual(await use(0xf), [401, "true"]);
  const { byService, logins, refusedLogins } = it.device.stats();
  assert.deepEqual(byService.cgi, { logins: 1, refusedLogins: 0, logouts: 0, calls: 3 });
  assert.deepEqual([logins, refusedLogins], [0, 0]);
});

Deno.test("a nonce grows old on the device's clock, which is no refusal", async () => {
  await using it = bench({ nonceLifetime: 30 });
  const [http, challenge] = await challenged(it);
  const answer = (nc: number, password?: string) =>
    http.get(TARGET, {
      Authorization: digest({
        challenge,
        target: TARGET,
        nc,
        ...(password === undefined ? {} : { password }),
      }),
    });
  await it.clock.advance(30_000);
  assert.equal((await answer(1)).status, 200);
  await it.clock.advance(1);
  const stale = await answer(2);
  assert.equal(stale.status, 401);
  assert.match(stale.field("www-authenticate")!, /, stale=true$/);
  const wrong = await answer(3, "wrong"); // who does not know the password is not told
  assert.doesNotMatch(wrong.field("www-authenticate")!, /stale/);
  const fresh = { challenge: stale.field("www-authenticate")!, target: TARGET };
  assert.equal((await http.get(TARGET, { Authorization: digest(fresh) })).status, 200);
  assert.equal(it.device.stats().byService.cgi.refusedLogins, 1);
  await it.device.restart();
  const after = RawHttp.open(it);
  const forgotten = await after.get(TARGET, { Authorization: digest({ ...fresh, nc: 2 }) });
  assert.match(forgotten.field("www-authenticate")!, /stale=true/);
});

Deno.test("a Digest of the wrong form proves nothing and costs no attempt", async () => {
  await using it = bench({ lockAfter: 1 });
  const [http, challenge] = await challenged(it);
  const asked = { challenge, target: TARGET };
  const cases: [Record<string, string | undefined>, RegExp][] = [
    [{ uri: TARGET.replace("action", "%61ction") }, /uri/],
    [{ opaque: "0" }, /opaque/],
    [{ opaque: undefined }, /opaque/],
    [{ nonce: undefined }, /nonce/],
    [{ response: undefined }, /response/],
    [{ qop: undefined }, /qop/],
    [{ qop: "auth-int" }, /qop/],
    [{ nc: "1" }, /nc/],
    [{ cnonce: undefined }, /cnonce/],
    [{ algorithm: "SHA-256" }, /algorithm/],
    [{ username: undefined }, /cannot be read/],
  ];
  for (const [changes, reason] of cases) {
    const reply = await http.get(TARGET, { Authorization: digest(asked, changes) });
    assert.equal(reply.status, 400, JSON.stringify(changes));
    assert.match(reply.text, /^Error\r\n/);
    assert.match(reply.text, reason);
  }
  const other = await http.get(TARGET, { Authorization: digest(asked, { realm: "other" }) });
  assert.equal(other.status, 401);
  assert.equal((await http.get(TARGET, { Authorization: "Basic YWRtaW46eA==" })).status, 401);
  assert.equal(it.device.stats().refusedLogins, 0);
  const named = digest(asked, { algorithm: "md5", response: undefined });
  assert.match((await http.get(TARGET, { Authorization: named })).text, /response/);
  assert.equal((await http.get(TARGET, { Authorization: digest(asked) })).status, 200);
});

Deno.test("Basic admits the right password only, and only where it is offered", async () => {
  for (const httpAuth of ["basic", "digest+basic"] as const) {
    await using it = bench({ httpAuth, password: "ö:ß", lockAfter: 2 });
    const http = RawHttp.open(it);
    const basic = (text: string) => ({
      Authorization: `Basic ${new TextEncoder().encode(text).toBase64()}`,
    });
    const offers = (await http.get(TARGET)).all("www-authenticate");
    assert.deepEqual(
      offers.map((offer) => offer.split(" ")[0]),
      httpAuth === "basic" ? ["Basic"] : ["Digest", "Basic"],
    );
    for (let i = 0; i < 2; i++) {
      assert.equal((await http.get(TARGET, basic("admin:ö:ß"))).status, 200);
    }
    assert.equal((await http.get(TARGET, basic("admin:ö"))).status, 401);
    assert.equal((await http.get(TARGET, basic("nobody:ö:ß"))).status, 401);
    const { logins, refusedLogins } = it.device.stats().byService.cgi;
    assert.deepEqual([logins, refusedLogins], [1, 2]);
  }
});

Deno.test("CGI shares attempts and lock with the other logins", async () => {
  for (const cgiLockedStatus of [401, 403] as const) {
    await using it = bench({ lockAfter: 2, lockSeconds: 60, cgiLockedStatus });
    const http = RawHttp.open(it);
    const client = it.connect();
    assert.equal((await authorised(http, TARGET, { password: "no" })).status, 401);
    const refused = await client.login("admin", "no");
    assert.equal((refused.params as Record<string, number>).remainLockSecond, 60);
    const locked = await authorised(http, TARGET);
    assert.equal(locked.status, cgiLockedStatus);
    assert.doesNotMatch(locked.text, /\d/); // neither attempts nor seconds
    await it.clock.advance(60_001);
    assert.equal((await authorised(http, TARGET, { password: "no" })).status, 401);
    assert.equal((await authorised(http, TARGET)).status, 200); // which forgives
    const again = await client.login("admin", "no");
    assert.equal((again.params as Record<string, number>).remainLoginTimes, 1);
    assert.equal(it.device.stats().byService.cgi.refusedLogins, 3);
  }
});

Deno.test("a device without a password admits nobody to CGI", async () => {
  await using it = bench({ initialised: false });
  assert.equal((await RawHttp.open(it).get(TARGET)).status, 403);
});
