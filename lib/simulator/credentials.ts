/**
 * The device's own check of a login answer. Written from the reference, not from the client.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { JsonObject } from "../dhip/frame.ts";

/** What the device said in stage 1. */
export interface Challenge {
  /** User the challenge was made for. */
  readonly user: string;
  /** `Login to <hex>`, used whole. */
  readonly realm: string;
  /** Decimal digits. */
  readonly random: string;
  /** Login kind. */
  readonly encryption: string;
}

/** True when the answer to the challenge proves that the client knows `password`. */
export function provesPassword(
  challenge: Challenge,
  password: string,
  answer: JsonObject,
): boolean {
  const { encryption } = challenge;
  const expected = expectedPassword(challenge, password);
  if (expected === undefined || answer.password !== expected) return false;
  // The salted kind is what a device assumes; the others are understood only when named.
  const named = answer.authorityType ?? (encryption === "Default" ? "Default" : undefined);
  if (named !== encryption) return false;
  if (answer.passwordType !== undefined && answer.passwordType !== encryption) return false;
  // The echo of the challenge is optional, but a wrong echo belongs to another challenge.
  if (answer.realm !== undefined && answer.realm !== challenge.realm) return false;
  return answer.random === undefined || answer.random === challenge.random;
}

function expectedPassword(challenge: Challenge, password: string): string | undefined {
  const { user, realm, random } = challenge;
  switch (challenge.encryption) {
    case "Default":
      return md5(`${user}:${random}:${md5(`${user}:${realm}:${password}`)}`);
    case "OldDigest":
      return foldedMd5(password);
    case "Basic":
      return new TextEncoder().encode(`${user}:${password}`).toBase64();
    case "Plain":
      return password;
    default:
      return undefined;
  }
}

/** Upper-case hexadecimal MD5 of the UTF-8 bytes. */
function md5(text: string): string {
  return createHash("md5").update(text, "utf8").digest("hex").toUpperCase();
}

/** First-generation hash: pairs of MD5 bytes folded into eight letters and digits. */
function foldedMd5(password: string): string {
  const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const hash = createHash("md5").update(password, "utf8").digest();
  let text = "";
  for (let i = 0; i < 16; i += 2) text += alphabet[(hash[i]! + hash[i + 1]!) % 62];
  return text;
}
