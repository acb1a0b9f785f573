/**
 * Digest and Basic answers, as pure functions. RFC 7616 section 3.4, RFC 2069 for servers without
 * qop, RFC 7617. RTSP uses the same.
 *
 * Texts of the server (realm, nonce, opaque) and the results are byte strings, see
 * `byte_string.ts`; user and password are ordinary text and go in as UTF-8.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { utf8ByteString } from "./byte_string.ts";
import type { DigestChallenge } from "./challenge.ts";

/** What a Digest answer is made of. */
export interface DigestRequest {
  /** The challenge that is answered. */
  readonly challenge: DigestChallenge;
  /** User name; any text. */
  readonly user: string;
  /** Password; any text. */
  readonly password: string;
  /** Request method. */
  readonly method: string;
  /** The exact request target, as it stands in the request line. */
  readonly uri: string;
  /** Body of the request, for auth-int. Default empty. */
  readonly body?: Uint8Array | undefined;
  /** How often this nonce was used, this request included: 1 for the first. */
  readonly nonceCount: number;
  /** The client's own nonce: fresh random text for each challenge. */
  readonly cnonce: string;
}

/** The hashes of a Digest answer. `ha1` is as good as the password: not for logs. */
export interface DigestHashes {
  /** Hash of user, realm and password. */
  readonly ha1: string;
  /** Hash of the request. */
  readonly ha2: string;
  /** The answer itself. */
  readonly response: string;
  /** Quality of protection that was used; undefined for the form of RFC 2069. */
  readonly qop: "auth" | "auth-int" | undefined;
}

/** Computes the hashes of a Digest answer. */
export function digestHashes(request: DigestRequest): DigestHashes {
  const { challenge, method, uri, cnonce } = request;
  const { realm, nonce } = challenge;
  const algorithm = (challenge.algorithm ?? "MD5").toUpperCase();
  const hash = hasher(algorithm);
  const qop = qopOf(challenge);
  const user = utf8ByteString(request.user);
  let ha1 = hash(`${user}:${realm}:${utf8ByteString(request.password)}`);
  if (algorithm.endsWith("-SESS")) ha1 = hash(`${ha1}:${nonce}:${cnonce}`);
  const ha2 = qop === "auth-int"
    ? hash(`${method}:${uri}:${hash(request.body ?? "")}`)
    : hash(`${method}:${uri}`);
  const middle = qop === undefined ? nonce : `${nonce}:${countText(request)}:${cnonce}:${qop}`;
  return { ha1, ha2, response: hash(`${ha1}:${middle}:${ha2}`), qop };
}

/** The value of the `Authorization` header that answers a Digest challenge. */
export function digestAuthorization(request: DigestRequest): string {
  const { challenge, uri, cnonce } = request;
  const { response, qop } = digestHashes(request);
  const algorithm = challenge.algorithm;
  const fields = [
    userField(request),
    `realm=${quote(challenge.realm)}`,
    `nonce=${quote(challenge.nonce)}`,
    `uri=${quote(uri)}`,
    `response="${response}"`,
  ];
  if (challenge.opaque !== undefined) fields.push(`opaque=${quote(challenge.opaque)}`);
  if (algorithm !== undefined) fields.push(`algorithm=${algorithm}`);
  if (qop !== undefined) fields.push(`qop=${qop}`, `nc=${countText(request)}`);
  // A server cannot check a session's hash without the cnonce, qop or not.
  if (qop !== undefined || /-sess$/i.test(algorithm ?? "")) fields.push(`cnonce=${quote(cnonce)}`);
  if (challenge.userhash) fields.push("userhash=true");
  return `Digest ${fields.join(", ")}`;
}

/**
 * The value of the `Authorization` header for Basic. Everybody on the way can read the password.
 *
 * @throws {TypeError} when the user name holds a colon, which Basic cannot express
 */
export function basicAuthorization(user: string, password: string): string {
  if (user.includes(":")) throw new TypeError("Basic cannot express a user name with a colon");
  return `Basic ${btoa(utf8ByteString(`${user}:${password}`))}`;
}

/** A nonce that the server wants used from now on, RFC 7616 section 3.5. */
export function nextNonce(authenticationInfo: string | null): string | undefined {
  const match = /(?:^|[\s,])nextnonce[ \t]*=[ \t]*"([\x20-\x21\x23-\x5b\x5d-\x7e]+)"/i
    .exec(authenticationInfo ?? "");
  return match?.[1];
}

/** auth before auth-int: a hash of the body protects little and needs the whole body. */
function qopOf({ qopOptions }: DigestChallenge): "auth" | "auth-int" | undefined {
  if (qopOptions.length === 0) return undefined;
  return qopOptions.includes("auth") ? "auth" : "auth-int";
}

function countText({ nonceCount }: DigestRequest): string {
  return nonceCount.toString(16).padStart(8, "0");
}

function hasher(algorithm: string): (data: string | Uint8Array) => string {
  const name = algorithm.startsWith("SHA-256") ? "sha256" : "md5";
  return (data) => {
    const hash = createHash(name);
    if (typeof data === "string") hash.update(data, "latin1");
    else hash.update(data);
    return hash.digest("hex");
  };
}

function userField({ challenge, user }: DigestRequest): string {
  const name = utf8ByteString(user);
  if (challenge.userhash) {
    const hash = hasher((challenge.algorithm ?? "MD5").toUpperCase());
    return `username="${hash(`${name}:${challenge.realm}`)}"`;
  }
  // A control character would end the header line; RFC 7616 has another form for such names.
  // deno-lint-ignore no-control-regex
  if (/[\x00-\x1f\x7f]/.test(name)) {
    const escaped = encodeURIComponent(user.toWellFormed()).replace(
      /['()*]/g,
      (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
    );
    return `username*=UTF-8''${escaped}`;
  }
  return `username=${quote(name)}`;
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
