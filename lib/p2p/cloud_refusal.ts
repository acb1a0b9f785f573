/**
 * What a refusal of the cloud means.
 *
 * @module
 */

import { AuthError, DhipError } from "../errors.ts";
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

/** What the error of a refusal says beside the refusal itself. */
export interface RefusalContext {
  /** The device, as `sn:SERIAL`. */
  readonly host: string;
  /** What the cloud means by 404 at this step; default that the device is unknown or offline. */
  readonly notFound?: string | undefined;
  /** True when the request was signed with the device's password. */
  readonly signed?: boolean | undefined;
}

/** The error of a refusal. */
export function refusalError(
  refusal: Refusal,
  response: CloudResponse,
  { host, notFound, signed = false }: RefusalContext,
): DhipError {
  const status = printable(`${response.code} ${response.status}`);
  const reason = printable(response.fields.get("Error") ?? "") || status;
  const number = response.fields.get("ErrCode") ?? "";
  const options = {
    host,
    ...(/^\d{1,9}$/.test(number) ? { deviceCode: Number(number) } : {}),
  };
  switch (refusal) {
    case "identity":
    case "identity_or_clock":
      return new DhipError(
        "DHIP_P2P_IDENTITY_REFUSED",
        `The P2P cloud refused the user and key of its profile (${status})`,
        {
          ...options,
          hint: "Check username, key and host of the cloud's profile, and this computer's clock.",
        },
      );
    case "not_found":
      return new DhipError(
        "DHIP_P2P_UNKNOWN_DEVICE",
        notFound ?? "The P2P cloud does not know this serial number, or the device is offline",
        {
          ...options,
          hint:
            "Check the serial number, that the device is online with P2P switched on, and that " +
            "it is registered with this cloud.",
        },
      );
    case "wrong_password":
      if (signed) {
        return new AuthError(
          "DHIP_AUTH_REFUSED",
          `The device refused user or password for a tunnel (${reason})`,
          { ...options, hint: "Check the device's user and password." },
        );
      }
      break;
    case "nonce_reused":
      return new DhipError("DHIP_DEVICE_REFUSED", `The device has seen this request (${reason})`, {
        ...options,
        retryable: true,
      });
    case "other":
      return new DhipError("DHIP_P2P_UNREACHABLE", `The P2P cloud answered ${status}`, options);
    case "wrong_salt":
    case "device_auth":
      break;
  }
  if (signed) {
    const what = refusal === "wrong_salt" ? "its own salt in" : "";
    return new DhipError(
      "DHIP_DEVICE_REFUSED",
      `The device refused ${what} the request for a tunnel (${reason})`.replace("  ", " "),
      { ...options, retryable: refusal === "wrong_salt" },
    );
  }
  return new DhipError(
    "DHIP_P2P_AUTH_REQUIRED",
    `The device wants its user and password before it opens a tunnel (${reason})`,
    { ...options, hint: "Give the device's user and password." },
  );
}

/** Texts of the network end up on terminals. */
function printable(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, "").slice(0, 80).trim();
}
