import assert from "node:assert/strict";
import { AuthError } from "../../lib/errors.ts";
import { encodeMessage, MessageDecoder } from "../../lib/dhip/frame.ts";
import {
  answerChallenge,
  loginFirstStage,
  readChallenge,
  saltedDigest,
} from "../../lib/dhip/login.ts";
import { type LoginVector, loginVectors } from "../support/vectors.ts";
import { between, seeded } from "../support/random.ts";

/** Plays a vector's challenge through the wire format, cut as the chunks say. */
function play(vector: LoginVector, cut: (bytes: Uint8Array) => Uint8Array[]): void {
  const { username: user, password, expected } = vector;
  if (vector.challenge === undefined) {
    const digest = saltedDigest(user, password, vector.realm!, vector.random!);
    assert.equal(digest, expected.password);
    return;
  }
  const decoder = new MessageDecoder();
  const frame = encodeMessage({ requestId: 1, json: vector.challenge });
  const replies = cut(frame).flatMap((chunk) => [...decoder.push(chunk)]);
  assert.equal(replies.length, 1);
  const step = readChallenge(replies[0]!.json!, "192.0.2.1:5000");
  if (expected.kind === "already_authenticated") {
    assert.equal(step.kind, "already_authenticated");
    assert.equal(step.kind === "already_authenticated" && step.session, expected.session);
    return;
  }
  if (expected.kind === "locked" || expected.kind === "not_initialised") {
    assert.ok(step.kind === "refused" && step.error instanceof AuthError);
    const code = expected.kind === "locked" ? "DHIP_AUTH_LOCKED" : "DHIP_AUTH_NOT_INITIALISED";
    assert.equal(step.error.code, code);
    assert.equal(step.error.lockSeconds, expected.remainLockSecond);
    assert.equal(step.error.attemptsLeft, expected.remainLoginTimes);
    return;
  }
  assert.ok(step.kind === "challenge");
  const answer = (allowCleartext: boolean) =>
    answerChallenge(step, { user, password }, { allowCleartext });
  if (expected.kind === "unsupported_encryption") {
    assert.throws(() => answer(true), { code: "DHIP_AUTH_UNSUPPORTED" });
    return;
  }
  if (vector.requiresOptIn) assert.throws(() => answer(false), { code: "DHIP_AUTH_CLEARTEXT" });
  assert.deepEqual(answer(vector.requiresOptIn ?? false), expected.params);
}

for (const vector of loginVectors) {
  Deno.test({
    name: `login vector: ${vector.name}`,
    permissions: "none",
    fn() {
      play(vector, (bytes) => [bytes]);
      play(vector, (bytes) => [...bytes].map((byte) => new Uint8Array([byte])));
      const random = seeded(2);
      for (let run = 0; run < 1000; run++) {
        play(vector, (bytes) => {
          const at = between(random, 0, bytes.length);
          return [bytes.subarray(0, at), bytes.subarray(at)];
        });
      }
    },
  });
}

Deno.test("the first stage carries no password", () => {
  assert.deepEqual(loginFirstStage("admin"), {
    userName: "admin",
    password: "",
    clientType: "Web3.0",
    loginType: "Direct",
  });
});

Deno.test("WatchNet sends clear text and therefore needs the opt-in", () => {
  const step = readChallenge({
    id: 1,
    session: 5,
    result: false,
    error: { code: 401 },
    params: { realm: "Login to X", random: 17, encryption: "WatchNet" },
  });
  assert.ok(step.kind === "challenge");
  assert.equal(step.random, "17");
  const credentials = { user: "u", password: "p" };
  assert.throws(() => answerChallenge(step, credentials), { code: "DHIP_AUTH_CLEARTEXT" });
  const answer = answerChallenge(step, credentials, { allowCleartext: true });
  assert.equal(answer.loginType, "WatchNet");
  assert.equal(answer.authorityType, "WatchNet");
  assert.equal(answer.password, "p");
});

Deno.test("errors about a login kind do not carry the password", () => {
  const step = readChallenge({
    id: 1,
    result: false,
    error: { code: 268632079 },
    params: { realm: "r", random: "1", encryption: "Plain" },
  });
  assert.ok(step.kind === "challenge");
  try {
    answerChallenge(step, { user: "u", password: "canary-7" });
    assert.fail("expected a refusal");
  } catch (error) {
    assert.ok(!Deno.inspect(error, { depth: 10 }).includes("canary-7"));
  }
});

Deno.test("a challenge without a realm, or no challenge at all, is a typed refusal", () => {
  const noRealm = readChallenge({ id: 1, result: false, error: { code: 268632079 }, params: {} });
  assert.ok(noRealm.kind === "refused");
  assert.equal(noRealm.error.code, "DHIP_BAD_REPLY");
  const odd = readChallenge({ id: 1, result: false, params: null });
  assert.ok(odd.kind === "refused");
  const text = readChallenge({
    id: 1,
    result: false,
    params: { error: "HasBeenLocked" },
    error: {},
  });
  assert.ok(text.kind === "refused");
  assert.equal(text.error.code, "DHIP_AUTH_LOCKED");
});
