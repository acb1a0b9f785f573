/** Messages of the P2P cloud, replayed from golden data. No permissions needed. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { DhipError } from "../../lib/errors.ts";
import { createdText, encodeRequest, readResponse, wsseDigest } from "../../lib/p2p/cloud.ts";
import { readBody, writeBody } from "../../lib/p2p/cloud_xml.ts";
import { refusalOf } from "../../lib/p2p/cloud_refusal.ts";
import { checkProfile, type CloudProfile } from "../../lib/p2p/profile.ts";
import { invertAddresses, readAddresses, writeAddresses } from "../../lib/p2p/candidates.ts";
import { classify } from "../../lib/p2p/classify.ts";
import { encodePunch, identifyText, readIdentify, readPunch } from "../../lib/p2p/istun.ts";
import {
  decryptAddresses,
  deviceKey,
  encryptAddresses,
  readInfo,
  signatureFields,
} from "../../lib/p2p/device_auth.ts";
import { scaled } from "../support/random.ts";
import { type CloudVector, cloudVectors, inverted } from "./_cloud_vectors.ts";

const PROFILE: CloudProfile = {
  host: "cloud.example.org",
  port: 8800,
  username: "exampleuser",
  key: "examplekey",
  dialect: "dh",
};

/** Names of the golden data for what this library tells apart further. */
const REFUSALS: Record<string, readonly string[]> = {
  device_auth: ["wrong_salt", "nonce_reused"],
  client_identity_refused: ["identity"],
  client_identity_or_clock: ["identity_or_clock"],
  not_found_or_offline: ["not_found"],
};
const KINDS: Record<string, string> = { plain_stun: "stun", http: "text" };

function replay(vector: CloudVector): void {
  switch (vector.kind) {
    case "wsse":
      return assert.equal(wsseDigest(vector, vector), vector.expected.digest);
    case "request": {
      const { path, cseq, wsse, expected } = vector;
      assert.equal(wsseDigest(wsse, wsse), expected.digest);
      const body = vector.body === "" ? undefined : Object.fromEntries(readBody(vector.body));
      const bytes = encodeRequest(
        { ...PROFILE, ...wsse },
        { path, cseq, body, requestId: "" },
        wsse,
      );
      return assert.equal(bytes.toHex(), expected.bytes_hex);
    }
    case "response": {
      const { expected } = vector;
      const response = readResponse(Uint8Array.fromHex(vector.input_hex));
      if (expected.code === undefined) return assert.equal(response, null);
      assert.ok(response !== null);
      assert.equal(response.code, expected.code);
      assert.equal(response.status, expected.status);
      assert.equal(response.cseq, Number(expected.cseq));
      assert.equal(response.date, Date.parse(expected.headers_date!));
      assert.deepEqual(Object.fromEntries(response.fields), expected.fields);
      assert.equal(response.code < 200, expected.provisional);
      if (response.code < 200) return;
      const refusal = refusalOf(response);
      const kinds: readonly (string | null)[] = REFUSALS[expected.error?.kind ?? ""] ?? [null];
      return assert.ok(kinds.includes(refusal), `${refusal}`);
    }
    case "device_auth": {
      const { username: user, password, salt, nonce, createDate, plaintext, expected } = vector;
      const key = deviceKey(user, password, salt);
      assert.equal(key, expected.key);
      const payload = encryptAddresses(key, nonce, plaintext);
      assert.equal(payload, expected.enc);
      assert.equal(decryptAddresses(key, nonce, payload), plaintext);
      const signature = { key, user, salt, nonce, created: createDate };
      const fields = signatureFields({ ...signature, payload });
      assert.equal(fields.DevAuth, expected.devAuth_with_payload);
      assert.equal(
        signatureFields({ ...signature, payload: "" }).DevAuth,
        expected.devAuth_empty_payload,
      );
      return assert.equal(writeBody(fields), `<body>${expected.auth_xml_with_payload}</body>`);
    }
    case "info_blob":
      return assert.deepEqual(readInfo(vector.info), {
        salt: vector.expected.randsalt,
        readable: true,
      });
    case "identify": {
      const identify = Uint8Array.fromHex(vector.identify_hex!);
      assert.equal(identifyText(identify), vector.expected.text);
      return assert.deepEqual(readIdentify(vector.expected.text), identify);
    }
    case "ip_encrpt":
      assert.equal(invertAddresses(vector.plain!), vector.expected.text);
      return assert.equal(invertAddresses(vector.expected.text), vector.plain);
    case "istun": {
      const { message, address, port, expected } = vector;
      const bytes = encodePunch({
        kind: message === "confirm" ? "confirmation" : message,
        cookie: inverted(vector.cookie_wire_hex),
        transaction: inverted(vector.txid_wire_hex),
        identify: Uint8Array.fromHex(vector.identify_hex),
        address: address === null ? null : { host: address, port: port! },
        plain: false,
      });
      assert.equal(bytes.toHex(), expected.wire_hex);
      return assert.equal(inverted(bytes.toHex()).toHex(), expected.logical_hex);
    }
    case "istun_parse": {
      const { expected } = vector;
      const datagram = Uint8Array.fromHex(vector.input_hex);
      const kind = classify(datagram);
      if (kind !== "punch") return assert.equal(kind, KINDS[expected.message] ?? expected.message);
      const packet = readPunch(datagram)!;
      const name = packet.kind === "confirmation" ? "confirm" : packet.kind;
      assert.equal(name, expected.message);
      assert.equal(packet.identify!.toHex(), expected.identify_hex);
      assert.equal(packet.role, expected.role);
      assert.equal(inverted(packet.cookie.toHex()).toHex(), expected.cookie_wire_hex);
      assert.equal(inverted(packet.transaction.toHex()).toHex(), expected.txid_wire_hex);
      return assert.deepEqual(
        packet.address,
        expected.address === undefined ? null : { host: expected.address, port: expected.port },
      );
    }
  }
}

for (const vector of cloudVectors) {
  Deno.test({
    name: `P2P cloud vector: ${vector.name}`,
    permissions: "none",
    fn: () => replay(vector),
  });
}

Deno.test("an encrypted address list of an answer is read with the answer's nonce", () => {
  const vector = cloudVectors.find(({ name }) => name.startsWith("200 with an encrypted"))!;
  assert.ok(vector.kind === "response");
  const { fields } = readResponse(Uint8Array.fromHex(vector.input_hex))!;
  const key = deviceKey("admin", "secret", "00112233445566778899aabbccddeeff");
  const text = decryptAddresses(key, Number(fields.get("Nonce")), fields.get("LocalAddr")!);
  assert.equal(text, "127.0.0.1:50000");
});

Deno.test("values of a body survive, whatever signs they have", () => {
  const value = fc.string({ unit: "grapheme", maxLength: 60 })
    // deno-lint-ignore no-control-regex
    .filter((text) => !/[\x00-\x1f\x7f-\x9f\ufffe\uffff]/.test(text) && text.trim() === text);
  const name = fc.constantFrom("UserName", "LocalAddr", "version", "A");
  fc.assert(
    fc.property(fc.dictionary(name, value), (fields) => {
      const read = Object.fromEntries(readBody(writeBody(fields)));
      assert.deepEqual(read, { ...fields });
    }),
    { numRuns: scaled(10_000) },
  );
});

Deno.test("entities that a body declares itself are not expanded", () => {
  const bomb = `<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "${"&a;".repeat(1000)}">]>` +
    `<body><US>${"&b;".repeat(1000)}</US></body>`;
  assert.equal(readBody(bomb).size, 0);
  assert.equal(readBody(`<body><A>${"x".repeat(20_000)}</A></body>`).size, 0);
  assert.equal(readBody(`<body><__proto__>1</__proto__></body>`).size, 0);
  assert.equal(readBody("<body>".repeat(2000)).size, 0);
  assert.equal(readBody("<body><A>1").get("A") ?? "", "");
});

Deno.test("a body has the first of repeated elements, and none with elements inside", () => {
  const fields = readBody("<body><A>1</A><A>2</A><B><C>3</C></B><D/><E> 5.0 </E></body>");
  assert.deepEqual(Object.fromEntries(fields), { A: "1", D: "", E: "5.0" });
});

Deno.test("an answer that was cut on the way is none", () => {
  const whole =
    "HTTP/1.1 200 OK\r\nCSeq: 1\r\nContent-Length: 31\r\n\r\n<body><US>1.2.3.4:5</US></body>";
  const bytes = new TextEncoder().encode(whole);
  assert.equal(readResponse(bytes)?.fields.get("US"), "1.2.3.4:5");
  for (let length = 0; length < bytes.length - 1; length++) {
    assert.equal(readResponse(bytes.subarray(0, length)), null);
  }
});

Deno.test("the nf dialect has its own methods, headers before CSeq, and sorted fields", () => {
  const request = { path: "/a", cseq: -7, requestId: "ab".repeat(16), body: { b: "2", a: "1" } };
  const signature = { nonce: "1", created: "2024-01-02T03:04:05Z" };
  const text = new TextDecoder()
    .decode(encodeRequest({ ...PROFILE, dialect: "nf" }, request, signature));
  assert.match(text, /^NFPOST \/a HTTP\/1\.1\r\nX-Version: /);
  assert.ok(text.indexOf(`x-pcs-request-id: ${request.requestId}\r\n`) < text.indexOf("CSeq: -7"));
  assert.ok(text.endsWith("\r\n\r\n<body><a>1</a><b>2</b></body>"));
});

Deno.test("refusals are told apart by text and by number", () => {
  const refusal = (code: number, fields: Record<string, string> = {}) =>
    refusalOf({ code, status: "", cseq: 1, date: null, fields: new Map(Object.entries(fields)) });
  assert.equal(refusal(200), null);
  assert.equal(refusal(302), "other");
  assert.equal(refusal(403, { Error: "DevPwd_InvalidDigest" }), "wrong_password");
  assert.equal(refusal(403, { ErrCode: "4" }), "wrong_salt");
  assert.equal(refusal(403, { ErrCode: "6" }), "nonce_reused");
  assert.equal(refusal(403, { ErrCode: "9" }), "device_auth");
  assert.equal(refusal(403, { Policy: "p2p" }), "identity");
  assert.equal(refusal(500), "other");
});

Deno.test("a profile that no request can be made of is refused without its key", () => {
  checkProfile(PROFILE);
  const wrong: Partial<Record<keyof CloudProfile, unknown>>[] = [
    { host: "" },
    { host: "a b" },
    { port: 0 },
    { port: 65_536 },
    { username: "" },
    { username: 'a"b' },
    { username: "a\r\nb" },
    { key: "" },
    { key: "geheim\n" },
    { dialect: "xy" },
  ];
  for (const part of wrong) {
    const profile = { ...PROFILE, ...part } as CloudProfile;
    assert.throws(() => checkProfile(profile), (error) => {
      assert.ok(error instanceof DhipError && error.code === "DHIP_P2P_NO_PROFILE");
      return !error.message.includes("geheim") && error.message.includes(Object.keys(part)[0]!);
    });
  }
});

Deno.test("address lists are read tolerantly", () => {
  const at = (port: number, ...hosts: string[]) => hosts.map((host) => ({ host, port }));
  assert.deepEqual(readAddresses("10.0.0.1:5"), at(5, "10.0.0.1"));
  assert.deepEqual(readAddresses("10.0.0.1, 10.0.0.2 :5"), at(5, "10.0.0.1", "10.0.0.2"));
  assert.deepEqual(readAddresses("10.0.0.1:7,10.0.0.2:5"), at(5, "10.0.0.1", "10.0.0.2"));
  assert.deepEqual(readAddresses("10.0.0.1,10.0.0.1:5"), at(5, "10.0.0.1"));
  for (
    const text of [
      "",
      ":0",
      ":5",
      "10.0.0.1",
      "10.0.0.1:0",
      "10.0.0.1:65536",
      "10.0.0.256:5",
      "0.0.0.0:5",
      "239.1.1.1:5",
      "255.255.255.255:5",
      "name:5",
      "fe80::1:5",
    ]
  ) assert.deepEqual(readAddresses(text), [], text);
  assert.equal(readAddresses(`${Array(300).fill(0).map((_, i) => `10.0.0.${i}`)}:5`).length, 8);
  assert.equal(writeAddresses(["10.0.0.1", "10.0.0.2"], 5), "10.0.0.1,10.0.0.2:5");
});

Deno.test("the Info of a device may be empty or unreadable", () => {
  assert.deepEqual(readInfo(""), { salt: null, readable: true });
  assert.deepEqual(readInfo("no base64!"), { salt: null, readable: false });
  assert.deepEqual(readInfo("AAAA"), { salt: null, readable: false });
});

Deno.test("changed and random bytes are read as something or nothing, never thrown about", () => {
  const golden = cloudVectors.flatMap((vector) =>
    "input_hex" in vector ? [Uint8Array.fromHex(vector.input_hex)] : []
  );
  const changed = fc.tuple(
    fc.constantFrom(...golden),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }),
    fc.nat(40),
  ).map(([bytes, changes, cut]) => {
    const copy = bytes.slice(0, Math.max(1, bytes.length - cut));
    for (const [at, value] of changes) copy[at % copy.length] = value;
    return copy;
  });
  fc.assert(
    fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      classify(bytes);
      readPunch(bytes);
      const response = readResponse(bytes);
      if (response === null) return;
      refusalOf(response);
      for (const value of response.fields.values()) {
        readAddresses(invertAddresses(value));
        readIdentify(value);
        readInfo(value);
      }
    }),
    { numRuns: scaled(100_000) },
  );
});

Deno.test("times are written as the cloud wants them", () => {
  assert.equal(createdText(1_704_164_645_999), "2024-01-02T03:04:05Z");
});
