import assert from "node:assert/strict";
import golden from "../vectors/dhip_login.json" with { type: "json" };
import { type Challenge, provesPassword } from "../../lib/simulator/credentials.ts";
import { bench, errorOf, type RawClient, saltedDigest } from "./_support.ts";

interface Vector {
  name: string;
  username: string;
  password: string;
  challenge: { params?: Record<string, string> };
  expected: { params?: Record<string, string> };
}

const vectors = golden as unknown as Vector[];

function challengeOf({ challenge, username }: Vector): Challenge {
  const { realm = "", random = "", encryption = "" } = challenge.params ?? {};
  return { user: username, realm, random, encryption };
}

Deno.test("every golden login answer is accepted and no altered one", () => {
  const answered = vectors.filter((vector) => vector.expected.params !== undefined);
  assert(answered.length >= 15);
  for (const vector of answered) {
    const params = vector.expected.params!;
    const accept = (answer: Record<string, unknown>, password = vector.password) =>
      provesPassword(challengeOf(vector), password, answer);
    assert(accept(params), vector.name);
    assert(!accept(params, vector.password + "x"), vector.name);
    assert(!accept({ ...params, password: params.password + "0" }), vector.name);
    assert(!accept({ ...params, password: undefined }), vector.name);
    assert(!accept({ ...params, authorityType: "Other" }), vector.name);
    assert(!accept({ ...params, realm: "Login to another" }), vector.name);
  }
});

Deno.test("only the salted kind may leave authorityType out", () => {
  for (const vector of vectors) {
    if (vector.expected.params === undefined) continue;
    const { authorityType, ...rest } = vector.expected.params;
    assert.equal(
      provesPassword(challengeOf(vector), vector.password, rest),
      authorityType === "Default",
      vector.name,
    );
  }
});

Deno.test("stage 1 is a challenge with a session, stage 2 opens another one", async () => {
  await using it = bench();
  const client = it.connect();
  const first = await client.challenge();
  assert.equal(first.json.result, false);
  assert.equal(errorOf(first.json).code, 268632079);
  assert.equal(errorOf(first.json).message, "Component error: login challenge!");
  const { realm, random, encryption } = first.json.params as Record<string, string>;
  assert.match(realm!, /^Login to [0-9a-f]+$/);
  assert.match(random!, /^\d+$/);
  assert.equal(encryption, "Default");
  assert.equal(first.json.session, first.session);
  assert.notEqual(first.session, 0);
  client.session = first.session;
  const second = await client.call("global.login", {
    userName: "admin",
    password: saltedDigest("admin", "admin54321", realm!, random!),
    authorityType: "Default",
  });
  assert.equal(second.json.result, true);
  assert.deepEqual(second.json.params, { keepAliveInterval: 60 });
  assert.notEqual(second.json.session, first.session);
  assert.equal(await client.refusal("magicBox.getSerialNo"), 287637505); // still on stage 1's
  client.session = second.json.session as number;
  assert.match(String((await client.ask("magicBox.getSerialNo")).sn), /^SIM/);
  assert.equal(it.device.stats().logins, 1);
  assert.equal(it.device.stats().refusedLogins, 0);
});

Deno.test("a device may keep the number of stage 1", async () => {
  await using it = bench({ renewSession: false });
  const client = it.connect();
  const { session } = await client.challenge();
  assert.equal((await client.login()).result, true);
  assert.notEqual(client.session, session); // that was an earlier challenge
  const again = it.connect();
  const first = await again.challenge();
  again.session = first.session;
  const { realm, random } = first.json.params as Record<string, string>;
  const password = saltedDigest("admin", "admin54321", realm!, random!);
  const { json } = await again.call("global.login", { userName: "admin", password });
  assert.equal(json.session, first.session);
});

async function answer(
  client: RawClient,
  make: (realm: string, random: string) => Record<string, string>,
): Promise<Record<string, unknown>> {
  const first = await client.challenge();
  client.session = first.session;
  const { realm, random } = first.json.params as Record<string, string>;
  const params = { userName: "admin", ...make(realm!, random!) };
  const { json } = await client.call("global.login", params);
  return json;
}

Deno.test("OldDigest, Basic and Plain are verified under their own names", async () => {
  const cases: [string, string][] = [
    ["OldDigest", "04lnmDix"],
    ["Basic", "YWRtaW46YWRtaW41NDMyMQ=="],
    ["Plain", "admin54321"],
  ];
  for (const [encryption, password] of cases) {
    await using it = bench({ encryption });
    const client = it.connect();
    const good = await answer(client, () => ({ password, authorityType: encryption }));
    assert.equal(good.result, true, encryption);
    const unnamed = await answer(it.connect(), () => ({ password, authorityType: "Default" }));
    assert.equal(unnamed.result, false, encryption);
    const salted = await answer(it.connect(), (realm, random) => ({
      password: saltedDigest("admin", "admin54321", realm, random),
      authorityType: "Default",
    }));
    assert.equal(salted.result, false, encryption);
  }
});

Deno.test("a challenge of an unknown kind accepts no answer", async () => {
  await using it = bench({ encryption: "RPAC-256" });
  const json = await answer(it.connect(), () => ({
    password: "admin54321",
    authorityType: "RPAC-256",
  }));
  assert.equal(json.result, false);
});

Deno.test("an answer needs the session of its own challenge, once, and the same user", async () => {
  await using it = bench();
  const client = it.connect();
  const first = await client.challenge();
  const { realm, random } = first.json.params as Record<string, string>;
  const params = {
    userName: "admin",
    password: saltedDigest("admin", "admin54321", realm!, random!),
  };
  assert.equal(await client.refusal("global.login", params), 287637505); // without a session
  client.session = first.session ^ 1;
  assert.equal(await client.refusal("global.login", params), 287637505);
  const stranger = it.connect();
  stranger.session = first.session;
  assert.equal(await stranger.refusal("global.login", params), 287637505);
  client.session = first.session;
  assert.equal((await client.call("global.login", params)).json.result, true);
  assert.equal(await client.refusal("global.login", params), 287637505); // used up
  const other = await client.challenge("operator");
  client.session = other.session;
  assert.equal(await client.refusal("global.login", params), 268632085);
});

Deno.test("five wrong passwords lock the account, even for the right one, until time is over", async () => {
  await using it = bench();
  const client = it.connect();
  for (const left of [4, 3, 2, 1]) {
    const json = await client.login("admin", "wrong");
    assert.equal(errorOf(json).code, 268632085);
    assert.deepEqual(json.params, { remainLockSecond: 0, remainLoginTimes: left });
  }
  const last = await client.login("admin", "wrong");
  assert.equal(errorOf(last).code, 268632085);
  assert.deepEqual(last.params, { remainLockSecond: 300, remainLoginTimes: 0 });
  await it.clock.advance(100_500);
  const locked = await client.challenge();
  assert.equal(errorOf(locked.json).code, 268632081);
  assert.deepEqual(locked.json.params, { remainLockSecond: 200, remainLoginTimes: 0 });
  assert.equal(errorOf(await client.login()).code, 268632081);
  await it.clock.advance(199_499);
  assert.equal(errorOf(await client.login()).code, 268632081);
  await it.clock.advance(1);
  assert.equal((await client.login()).result, true);
  assert.equal(it.device.stats().refusedLogins, 8);
});

Deno.test("a lock that begins between the stages refuses the right answer", async () => {
  await using it = bench({ lockAfter: 1 });
  const [client, attacker] = [it.connect(), it.connect()];
  const first = await client.challenge();
  await attacker.login("admin", "wrong");
  client.session = first.session;
  const { realm, random } = first.json.params as Record<string, string>;
  const password = saltedDigest("admin", "admin54321", realm!, random!);
  assert.equal(await client.refusal("global.login", { userName: "admin", password }), 268632081);
});

Deno.test("a good login forgives the wrong ones before it, for its user alone", async () => {
  await using it = bench({
    lockAfter: 2,
    users: [{ name: "guest", password: "g", group: "user" }],
  });
  const client = it.connect();
  await client.login("admin", "wrong");
  await client.login("guest", "wrong");
  assert.equal((await client.login()).result, true);
  await client.login("admin", "wrong");
  assert.equal((await client.login()).result, true);
  await client.login("guest", "wrong");
  assert.equal(errorOf(await client.login("guest", "g")).code, 268632081);
});

Deno.test("a restart does not end a lock", async () => {
  await using it = bench({ lockAfter: 1 });
  await it.connect().login("admin", "wrong");
  await it.device.restart();
  assert.equal(errorOf(await it.connect().login()).code, 268632081);
});

Deno.test("an unknown user is challenged and refused like a wrong password", async () => {
  await using it = bench();
  const json = await it.connect().login("nobody", "x");
  assert.equal(errorOf(json).code, 268632085);
  assert.equal((json.params as Record<string, number>).remainLoginTimes, 4);
});

Deno.test("old firmware refuses without numbers", async () => {
  await using it = bench({ legacyErrors: true, lockAfter: 2 });
  const client = it.connect();
  const wrong = await client.login("admin", "wrong");
  assert.equal(errorOf(wrong).code, 268632071);
  assert.equal(wrong.params, undefined);
  assert.equal(errorOf(await client.login("nobody", "x")).code, 268632070);
  await client.login("admin", "wrong");
  const locked = await client.login();
  assert.equal(errorOf(locked).code, 268632081);
  assert.equal(locked.params, undefined);
});

Deno.test("OEM firmware has one number for user and password", async () => {
  await using it = bench({ legacyErrors: "oem" });
  const client = it.connect();
  assert.equal(errorOf(await client.login("admin", "wrong")).code, 268632080);
  assert.equal(errorOf(await client.login("nobody", "x")).code, 268632080);
});

Deno.test("a device without an administrator password refuses before the challenge", async () => {
  await using it = bench({ initialised: false });
  assert.equal(errorOf((await it.connect().challenge()).json).code, 268632086);
});

Deno.test("login without usable parameters is refused", async () => {
  await using it = bench();
  const client = it.connect();
  for (const params of [null, [], {}, { userName: 7 }, { userName: "admin", password: 7 }]) {
    assert.equal(await client.refusal("global.login", params), 268894211);
  }
});
