/**
 * The cloud's check of who asks: WS-Security's UsernameToken with a key of the vendor's programs.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** Milliseconds that a clock may be wrong. */
const CLOCK_TOLERANCE = 300_000;

/** What is wrong with a token: not readable, not known, wrong digest, wrong time. */
export type TokenFault = "missing" | "user" | "digest" | "clock";

/** Who may ask. */
export interface CloudIdentity {
  /** User of the program, not of a device. */
  readonly username: string;
  /** Its key. */
  readonly key: string;
}

/** Checks the value of `X-WSSE`; undefined when it is good. `now` is in ms since 1970. */
export function checkToken(
  header: string | undefined,
  { username, key }: CloudIdentity,
  now: number,
): TokenFault | undefined {
  const parts = new Map<string, string>();
  for (const [, name, value] of (header ?? "").matchAll(/(\w+)="([^"]*)"/g)) {
    parts.set(name!, value!);
  }
  const [user, digest, nonce, created] = ["Username", "PasswordDigest", "Nonce", "Created"]
    .map((name) => parts.get(name));
  if (!header?.startsWith("UsernameToken ") || !digest || !nonce || !created) return "missing";
  if (user !== username) return "user";
  const wanted = createHash("sha1")
    .update(`${nonce}${created}DHP2P:${username}:${key}`)
    .digest("base64");
  if (digest !== wanted) return "digest";
  const time = Date.parse(created);
  return Math.abs(time - now) <= CLOCK_TOLERANCE ? undefined : "clock";
}
