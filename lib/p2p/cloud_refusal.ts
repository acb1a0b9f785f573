/**
 * What a refusal of the cloud means.
 *
 * @module
 */

import type { CloudResponse } from "./cloud.ts";

/**
 * Why a request was refused:
 *
 * - `identity_or_clock`: user, key or time of the signature; `Date` tells the right time
 * - `identity`: user or key of the profile
 * - `wrong_salt`: the device wants its password, signed with its own salt
 * - `wrong_password`: the device's password, or its user
 * - `nonce_reused`: the device has seen this signature before
 * - `device_auth`: another refusal of the device's authentication
 * - `not_found`: the cloud does not know the serial, or the device is offline
 * - `other`: any other status
 */
export type Refusal =
  | "identity_or_clock"
  | "identity"
  | "wrong_salt"
  | "wrong_password"
  | "nonce_reused"
  | "device_auth"
  | "not_found"
  | "other";

/** ErrCode of a body whose text is missing (observed by dh-p2p and notes on V2 devices). */
const BY_NUMBER: Readonly<Record<string, Refusal>> = { 4: "wrong_salt", 6: "nonce_reused" };

/** Reads a refusal; null for what is none. */
export function refusalOf({ code, fields }: CloudResponse): Refusal | null {
  if (code < 400) return code < 300 ? null : "other";
  if (code === 401) return "identity_or_clock";
  if (code === 404) return "not_found";
  if (code !== 403) return "other";
  const text = fields.get("Error") ?? "";
  const number = fields.get("ErrCode");
  if (/InvalidSalt/i.test(text)) return "wrong_salt";
  if (/InvalidDigest/i.test(text)) return "wrong_password";
  if (/InvalidNonce/i.test(text)) return "nonce_reused";
  if (number !== undefined || text !== "") return BY_NUMBER[number ?? ""] ?? "device_auth";
  return "identity";
}
