/** Why a login did not happen. None of these knows the password. */

import { AuthError } from "../errors.ts";

/** The device said no. */
export function refused(host: string): AuthError {
  return new AuthError("DHIP_AUTH_REFUSED", "The device refused user or password", {
    host,
    hint: "Check user and password; a few more wrong ones lock the account.",
  });
}

/** The device would let us in, and has no place for us. */
export function noPlace(host: string): AuthError {
  return new AuthError("DHIP_AUTH_BUSY", "The device has no free session", {
    host,
    hint: "Try again later, or end other sessions of the device.",
  });
}

/** Nothing that was offered can be answered. */
export function unsupported(schemes: readonly string[], host: string): AuthError {
  const known = schemes.length === 0 ? "none" : schemes.join(", ").slice(0, 80);
  return new AuthError("DHIP_AUTH_UNSUPPORTED", `No login kind in common (offered: ${known})`, {
    host,
    hint: "dhip knows Digest with MD5 and SHA-256, and Basic.",
  });
}

/** Basic was asked for, and is not allowed. */
export function basicRefused(host: string): AuthError {
  return new AuthError(
    "DHIP_AUTH_CLEARTEXT",
    "The device asks for Basic authentication; the password was not sent",
    { host, hint: "On a network you trust, allow it with --allow-cleartext-login." },
  );
}
