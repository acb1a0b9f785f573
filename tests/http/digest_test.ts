import assert from "node:assert/strict";
import fc from "fast-check";
import { utf8ByteString } from "../../lib/http/byte_string.ts";
import {
  chooseChallenge,
  type DigestChallenge,
  parseChallenges,
} from "../../lib/http/challenge.ts";
import {
  basicAuthorization,
  digestAuthorization,
  digestHashes,
  type DigestRequest,
  nextNonce,
} from "../../lib/http/digest.ts";
import vectors from "../vectors/http_digest.json" with { type: "json" };
import { scaled } from "../support/random.ts";

/** Asked before the tests begin: they have no permissions. */
const RUNS = scaled(20_000);
const pure = { permissions: "none" } as const;

function choose(header: string) {
  return chooseChallenge(parseChallenges(header));
}

function digest(header: string): DigestChallenge {
  const challenge = choose(header);
  assert.ok(challenge?.scheme === "digest", header);
  return challenge;
}

/** Reads an Authorization header with the grammar of challenges, which is the same. */
function fieldsOf(authorization: string): Record<string, string> {
  const [answer, ...more] = parseChallenges(authorization);
  assert.equal(more.length, 0);
  return Object.fromEntries(answer!.params);
}

for (const vector of vectors) {
  Deno.test(`digest vector: ${vector.name}`, pure, () => {
    const { expected } = vector;
    const challenge = choose(vector.challenge);
    if (expected.parsed.scheme === "Basic") {
      assert.deepEqual(challenge, { scheme: "basic", realm: expected.parsed.realm });
      assert.equal(basicAuthorization(vector.username, vector.password), expected.header);
      return;
    }
    assert.ok(challenge?.scheme === "digest");
    assert.deepEqual({
      scheme: "Digest",
      realm: challenge.realm,
      nonce: challenge.nonce,
      opaque: challenge.opaque ?? null,
      algorithm: challenge.algorithm ?? null,
      qopOptions: challenge.qopOptions,
      stale: challenge.stale,
    }, expected.parsed);
    const request = {
      challenge,
      user: vector.username,
      password: vector.password,
      method: vector.method,
      uri: vector.uri,
      body: Uint8Array.fromHex(vector.body_hex),
      nonceCount: parseInt(vector.nc ?? "1", 16),
      cnonce: vector.cnonce ?? "not to be used",
    };
    const hashes = digestHashes(request);
    assert.equal(hashes.ha1, expected.ha1);
    assert.equal(hashes.ha2, expected.ha2);
    assert.equal(hashes.response, expected.response);
    const fields = fieldsOf(digestAuthorization(request));
    const username = utf8ByteString(expected.authorization!.username);
    assert.deepEqual(fields, { ...expected.authorization, username });
  });
}

const request = {
  user: "Mufasa",
  password: "Circle of Life",
  method: "GET",
  uri: "/dir/index.html",
  nonceCount: 1,
  cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
};

Deno.test("what the server said is echoed exactly, what it did not say is left out", pure, () => {
  const full = digestAuthorization({
    ...request,
    challenge: digest(
      'Digest realm="a \\"b\\\\", nonce="n", opaque="", algorithm=sha-256, qop="auth"',
    ),
  });
  assert.match(full, /realm="a \\"b\\\\"/);
  assert.match(full, /opaque=""/);
  assert.match(full, /algorithm=sha-256,/);
  assert.match(full, /qop=auth, nc=00000001,/);
  const bare = digestAuthorization({ ...request, challenge: digest('Digest nonce="n"') });
  for (const name of ["opaque", "algorithm", "qop", "nc", "cnonce", "userhash"]) {
    assert.ok(!(name in fieldsOf(bare)), name);
  }
});

Deno.test("the strongest challenge that can be answered is chosen", pure, () => {
  const md5 = 'Digest realm="r", nonce="1", algorithm=MD5, qop="auth"';
  const sess = 'Digest realm="r", nonce="2", algorithm=MD5-sess';
  const sha = 'Digest realm="r", nonce="3", algorithm=SHA-256';
  const unknown = 'Digest realm="r", nonce="4", algorithm=SHA-512-256';
  const basic = 'Basic realm="r"';
  const nonceOf = (...headers: string[]) => digest(headers.join(", ")).nonce;
  assert.equal(nonceOf(basic, md5, sha, unknown), "3");
  assert.equal(nonceOf(sha, md5, basic), "3");
  assert.equal(nonceOf(sess, md5), "1");
  assert.equal(nonceOf(sess, basic), "2");
  assert.equal(choose(`${unknown}, ${basic}`)?.scheme, "basic");
  assert.equal(chooseChallenge(parseChallenges(basic), { allowBasic: false }), undefined);
  assert.equal(choose('Digest realm="r"'), undefined, "no nonce");
  assert.equal(choose('Digest nonce="n", qop="auth-conf"'), undefined, "unknown protection");
  assert.equal(digest('Digest nonce="n", qop="auth-conf, auth-int"').qopOptions.length, 2);
});

Deno.test("challenges of other schemes and damaged ones are read past", pure, () => {
  const header = 'Negotiate, NTLM TlRMTVNTUAAC==, Bearer realm="x", ,; ?, Digest realm=unquoted' +
    ' text, x-new="1, 2", nonce="n" , nonce="second", stale=TRUE';
  assert.deepEqual(parseChallenges(header).map(({ scheme }) => scheme), [
    "negotiate",
    "ntlm",
    "bearer",
    "digest",
  ]);
  const challenge = digest(header);
  assert.equal(challenge.realm, "unquoted text");
  assert.equal(challenge.nonce, "n");
  assert.ok(challenge.stale);
  assert.equal(digest('Digest nonce="open').nonce, "open");
});

Deno.test("userhash is answered with the hash of the name, RFC 7616 section 3.4.4", pure, () => {
  const challenge = digest('Digest realm="r", nonce="n", algorithm=SHA-256, userhash=true');
  const fields = fieldsOf(digestAuthorization({ ...request, user: "Jäsøn Doe", challenge }));
  assert.equal(fields.userhash, "true");
  assert.match(fields.username!, /^[0-9a-f]{64}$/);
});

Deno.test("-sess with auth-int: every field has its part in the answer", pure, () => {
  const challenge = digest('Digest realm="r", nonce="n", algorithm=SHA-256-sess, qop="auth-int"');
  const base: DigestRequest = { ...request, challenge, body: new Uint8Array([1, 2, 3]) };
  const responses = [
    base,
    { ...base, user: "other" },
    { ...base, password: "other" },
    { ...base, method: "POST" },
    { ...base, uri: "/other" },
    { ...base, body: new Uint8Array([1, 2, 4]) },
    { ...base, nonceCount: 2 },
    { ...base, cnonce: "other" },
  ].map((variant) => digestHashes(variant).response);
  assert.equal(new Set(responses).size, responses.length);
  assert.equal(digestHashes(base).qop, "auth-int");
});

Deno.test("no user name and no challenge can break out of the header line", pure, () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "binary" }),
      fc.string({
        unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
      }),
      (user, password, noise) => {
        const header = `Digest realm="${noise}", nonce="n", opaque="${noise}", qop=auth`;
        for (const text of [header, noise]) {
          const challenge = choose(text);
          if (challenge?.scheme !== "digest") continue;
          const line = digestAuthorization({ ...request, challenge, user, password });
          // deno-lint-ignore no-control-regex
          assert.doesNotMatch(line, /[\x00-\x08\x0a-\x1f]/);
          new Headers({ authorization: line }); // a byte string, or it throws
        }
      },
    ),
    { numRuns: RUNS },
  );
});

Deno.test("what was quoted is read back unchanged", pure, () => {
  const text = fc.string({
    unit: fc.integer({ min: 32, max: 255 }).filter((code) => code !== 127)
      .map((code) => String.fromCharCode(code)),
  });
  fc.assert(
    fc.property(text, text, text, (realm, opaque, user) => {
      const challenge: DigestChallenge = {
        scheme: "digest",
        realm,
        nonce: "n",
        opaque,
        qopOptions: ["auth"],
        stale: false,
        userhash: false,
      };
      const fields = fieldsOf(digestAuthorization({ ...request, challenge, user }));
      assert.equal(fields.realm, realm);
      assert.equal(fields.opaque, opaque);
      assert.equal(fields.username, utf8ByteString(user));
    }),
    { numRuns: RUNS },
  );
});

Deno.test("Basic takes any password, but no colon in the name", pure, () => {
  assert.equal(basicAuthorization("test", "123£"), "Basic dGVzdDoxMjPCow=="); // RFC 7617 section 2.1
  assert.equal(basicAuthorization("a", "b:c"), `Basic ${btoa("a:b:c")}`);
  assert.throws(() => basicAuthorization("a:b", "c"), TypeError);
});

Deno.test("a next nonce is found in Authentication-Info", pure, () => {
  assert.equal(nextNonce('qop=auth, nextnonce="abc", rspauth="0"'), "abc");
  assert.equal(nextNonce('NextNonce = "x y"'), "x y");
  assert.equal(nextNonce('xnextnonce="abc"'), undefined);
  assert.equal(nextNonce(null), undefined);
});
