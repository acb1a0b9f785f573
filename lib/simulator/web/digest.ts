/**
 * What the response of a Digest has to be. Written from RFC 7616 and RFC 2617, not from the client.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** Everything that goes into a response. */
export interface DigestFacts {
  /** Hash of the challenge. */
  readonly hash: "md5" | "sha256";
  /** True for the `-sess` kinds. */
  readonly sess: boolean;
  /** User name. */
  readonly user: string;
  /** Realm of the challenge. */
  readonly realm: string;
  /** Password in clear. */
  readonly password: string;
  /** Method of the request. */
  readonly method: string;
  /** Target of the request, as sent. */
  readonly target: string;
  /** Body of the request, for `auth-int`. */
  readonly body: Uint8Array;
  /** Parameters that the client chose or repeated. */
  readonly params: ReadonlyMap<string, string>;
}

/** The one right response, in lower-case hexadecimal digits. */
export function expectedResponse(facts: DigestFacts): string {
  const { hash, params } = facts;
  const h = (data: string | Uint8Array) => createHash(hash).update(data).digest("hex");
  const param = (name: string) => params.get(name) ?? "";
  const secret = h(`${facts.user}:${facts.realm}:${facts.password}`);
  const a1 = facts.sess ? h(`${secret}:${param("nonce")}:${param("cnonce")}`) : secret;
  const qop = param("qop").toLowerCase();
  const request = `${facts.method}:${facts.target}`;
  const a2 = qop === "auth-int" ? h(`${request}:${h(facts.body)}`) : h(request);
  // Without qop: the form of RFC 2069, which older firmwares ask for.
  return qop === ""
    ? h(`${a1}:${param("nonce")}:${a2}`)
    : h(`${a1}:${param("nonce")}:${param("nc")}:${param("cnonce")}:${param("qop")}:${a2}`);
}
