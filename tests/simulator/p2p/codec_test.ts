/** What cloud and device check and build, against the golden data. */

import assert from "node:assert/strict";
import {
  encodeCheck,
  parseIdentify,
  readCheck,
} from "../../../lib/simulator/p2p/connectivity_check.ts";
import {
  deviceKey,
  deviceProof,
  encodeInfo,
  invertAddress,
  openAddress,
  sealAddress,
} from "../../../lib/simulator/p2p/device_secret.ts";
import { encodeAnswer, parseRequest } from "../../../lib/simulator/p2p/text_message.ts";
import { checkToken } from "../../../lib/simulator/p2p/wsse.ts";
import all from "../../vectors/p2p_cloud.json" with { type: "json" };

type Text =
  | "name"
  | "kind"
  | "username"
  | "key"
  | "nonce"
  | "created"
  | "path"
  | "body"
  | "cseq"
  | "password"
  | "salt"
  | "createDate"
  | "plaintext"
  | "info"
  | "plain"
  | "identify_hex"
  | "message"
  | "cookie_wire_hex"
  | "txid_wire_hex"
  | "input_hex"
  | "text";

/** All kinds of vectors in one; each kind has its own of these. */
type Vector = Readonly<Record<Text, string>> & {
  readonly wsse: { readonly username: string; readonly key: string; readonly created: string };
  readonly address: string | null;
  readonly port: number;
  readonly expected: Readonly<Record<string, string>> & {
    readonly code: number;
    readonly json: object;
    readonly fields: Readonly<Record<string, string>>;
  };
};

const vectors = all as unknown as Vector[];

function each(kind: string, test: (vector: Vector) => void): void {
  const found = vectors.filter((vector) => vector.kind === kind);
  assert.ok(found.length > 0);
  for (const vector of found) {
    Deno.test(`vector: ${vector.name}`, () => test(vector));
  }
}

const hex = (text: string) => Uint8Array.fromHex(text);
const flip = (bytes: Uint8Array) => bytes.map((byte) => byte ^ 0xff);

each("wsse", ({ username, key, nonce, created, expected }) => {
  const digest = expected.digest!;
  const header = `UsernameToken Username="${username}", PasswordDigest="${digest}", ` +
    `Nonce="${nonce}", Created="${created}"`;
  const now = Date.parse(created);
  assert.equal(checkToken(header, { username, key }, now), undefined);
  assert.equal(checkToken(header, { username, key: "other" }, now), "digest");
  assert.equal(checkToken(header, { username: "other", key }, now), "user");
  assert.equal(checkToken(header, { username, key }, now + 301_000), "clock");
  assert.equal(checkToken(header.replace("Nonce", "Once"), { username, key }, now), "missing");
  assert.equal(checkToken(undefined, { username, key }, now), "missing");
});

each("request", ({ path, body, cseq, wsse, expected }) => {
  const request = parseRequest(hex(expected.bytes_hex!))!;
  assert.equal(request.path, path);
  assert.equal(request.method, body === "" ? "DHGET" : "DHPOST");
  assert.equal(request.headers.get("cseq"), String(cseq));
  const identity = wsse;
  const now = Date.parse(identity.created);
  assert.equal(checkToken(request.headers.get("x-wsse"), identity, now), undefined);
  for (const [name, value] of request.fields) {
    assert.ok(body.includes(`<${name}>${value}</${name}>`));
  }
  const cut = hex(expected.bytes_hex!).slice(0, -1);
  assert.equal(parseRequest(cut), undefined);
});

each("device_auth", (vector) => {
  const { username, password, salt, nonce, createDate, plaintext } = vector;
  const expected = vector.expected;
  const key = deviceKey(username, salt, password);
  assert.equal(key, expected.key);
  assert.equal(sealAddress(key, String(nonce), plaintext), expected.enc);
  assert.equal(openAddress(key, String(nonce), expected.enc!), plaintext);
  const proof = (payload: string) => deviceProof(key, String(nonce), String(createDate), payload);
  assert.equal(proof(expected.enc!), expected.devAuth_with_payload);
  assert.equal(proof(""), expected.devAuth_empty_payload);
});

each("info_blob", ({ info, expected, name }) => {
  if (/NUL/.test(name)) return;
  assert.equal(encodeInfo(expected.json), info);
});

each("ip_encrpt", ({ plain, expected }) => {
  assert.equal(invertAddress(plain), expected.text!);
  assert.equal(invertAddress(expected.text!), plain);
});

each("identify", ({ identify_hex, expected }) => {
  assert.equal(parseIdentify(expected.text!)?.toHex(), identify_hex);
});

each("istun", (vector) => {
  const { message, identify_hex, cookie_wire_hex, txid_wire_hex, address, port } = vector;
  const { wire_hex, logical_hex } = vector.expected;
  const check = {
    kind: message === "request" ? "request" : "response",
    transaction: flip(hex(`${cookie_wire_hex}${txid_wire_hex}`)),
    identify: hex(identify_hex),
    address: address === null ? undefined : { host: address, port: port },
  } as const;
  assert.equal(encodeCheck(check).toHex(), wire_hex);
  assert.equal(encodeCheck(check, true).toHex(), logical_hex);
  assert.deepEqual(readCheck(hex(wire_hex!)), check);
  assert.deepEqual(readCheck(hex(logical_hex!)), check);
});

each("istun_parse", ({ input_hex, expected }) => {
  const wanted = expected;
  const read = readCheck(hex(input_hex));
  if (wanted.identify_hex === undefined) return assert.equal(read, undefined);
  assert.equal(read?.identify.toHex(), wanted.identify_hex);
  assert.equal(read?.kind === "request", wanted.message === "request");
});

each("response", ({ text, name, expected }) => {
  if (/line feeds|truncated|declaration|entities|another number/.test(name)) return;
  const { code, status, cseq, headers_date, fields } = expected;
  const answer = { code, text: status, ...(Object.keys(fields).length > 0 ? { fields } : {}) };
  const bytes = encodeAnswer(answer, cseq!, Date.parse(headers_date!), false);
  assert.equal(new TextDecoder().decode(bytes), text);
});
