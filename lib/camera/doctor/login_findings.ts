/**
 * Login kinds and logins as findings. Pure.
 *
 * @module
 */

import { isReadableOnTheWay } from "../../dhip/login.ts";
import { AuthError, type DhipError } from "../../errors.ts";
import { type Check, type Finding, finding } from "./finding.ts";
import type { WebFace } from "./web_face.ts";

/** Names of the ways in, for people. */
export const WAYS = { dhip: "DHIP", http: "HTTP", https: "HTTPS" } as const;

/** A way in. */
export type Way = keyof typeof WAYS;

/** How a DHIP challenge asks for the password. */
export function encryptionFinding(encryption: string): Finding {
  const data = { transport: "dhip", encryption };
  const kind = JSON.stringify(encryption.slice(0, 40));
  if (encryption === "Default") {
    return finding("login-kind", "ok", "DHIP logins are salted (Default)", null, data);
  }
  if (encryption === "OldDigest") {
    return finding(
      "login-kind",
      "note",
      "DHIP asks for an old digest without salt: who records it can log in with it",
      "Update the firmware, and keep the device in a network of its own",
      data,
    );
  }
  if (isReadableOnTheWay(encryption)) {
    return finding(
      "login-kind",
      "warning",
      `DHIP asks for the login kind ${kind}: anybody on the way can read the password`,
      "Update the firmware, or log in over HTTPS: --tls",
      data,
    );
  }
  return finding(
    "login-kind",
    "problem",
    `DHIP asks for the login kind ${kind}, which dhip does not know`,
    "Log in over HTTP: --transport http",
    data,
  );
}

/** How the web API asks for the password; undefined when it does not ask. */
export function schemesFinding(face: WebFace, secure: boolean): Finding | undefined {
  const { schemes, digest } = face;
  if (schemes.length === 0) return undefined;
  const data = { transport: secure ? "https" : "http", schemes };
  const offered = schemes.join(", ");
  if (digest) return finding("login-kind", "ok", `The web API offers ${offered}`, null, data);
  if (!schemes.includes("Basic")) {
    return finding(
      "login-kind",
      "problem",
      `The web API offers only ${offered}, which dhip does not know`,
      "Allow Digest in the device's network settings",
      data,
    );
  }
  return secure
    ? finding("login-kind", "note", "The web API offers only Basic, inside TLS", null, data)
    : finding(
      "login-kind",
      "warning",
      "The web API offers only Basic: anybody on the way can read the password",
      "Allow Digest in the device's network settings, or use --tls; it was not sent",
      data,
    );
}

/** What is known when a login failed. */
export interface LoginContext {
  /** `login`, or `web-api` for the second way in. */
  readonly check: Check;
  readonly way: Way;
  readonly user: string;
  /** The device accepted the same password before. */
  readonly acceptedBefore: boolean;
  /** Wall-clock time in milliseconds. */
  readonly now: number;
}

/** Why a login did not happen. */
export function failedLogin(error: DhipError, context: LoginContext): Finding {
  const { check, way, user, acceptedBefore, now } = context;
  const over = `over ${WAYS[way]}`;
  const { attemptsLeft, lockSeconds, heldSeconds } = error instanceof AuthError
    ? error
    : new AuthError(error.code, "");
  const facts = { attemptsLeft, lockSeconds, deviceCode: error.deviceCode };
  const known = Object.entries(facts).filter(([, value]) => value !== undefined);
  const data = { code: error.code, transport: way, ...Object.fromEntries(known) };
  const problem = (cause: string, remedy: string, more: object = {}) =>
    finding(check, "problem", cause, remedy, { ...data, ...more });
  switch (error.code) {
    case "DHIP_AUTH_REFUSED": {
      if (acceptedBefore && attemptsLeft === undefined && error.deviceCode === undefined) {
        return problem(
          `Refused ${over} without a reason, although the device had just accepted the same ` +
            "password: refused or session table full",
          "End other sessions, or restart the device; then dhip unlock TARGET lets dhip try again",
        );
      }
      const left = attemptsLeft === undefined ? "" : `; ${attemptsLeft} attempts left`;
      return problem(
        `The device refused user ${user} or the password ${over}${left}`,
        attemptsLeft === 0
          ? "The account is locked now: wait, or restart the device"
          : "Check user and password; a few more wrong ones lock the account",
      );
    }
    case "DHIP_AUTH_LOCKED":
      return problem(
        lockSeconds === undefined || lockSeconds === 0
          ? `The account ${user} is locked; the device does not tell for how long`
          : `The account ${user} is locked for ${lockSeconds} s more`,
        "Wait until the lock ends, or restart the device; find who tries wrong passwords",
      );
    case "DHIP_AUTH_GUARDED": {
      const since = heldSeconds === undefined
        ? null
        : new Date(now - heldSeconds * 1000).toISOString();
      return problem(
        `Not tried: dhip holds this password back because the device refused it` +
          (since === null ? "" : ` at ${since}`),
        "Give the right password, or wait; dhip unlock TARGET lets it be tried again",
        { since },
      );
    }
    case "DHIP_AUTH_NOT_INITIALISED":
      return problem(
        "The device has no administrator password yet and lets nobody in",
        "Set the first password with the vendor's tool or on the device's own page",
      );
    case "DHIP_AUTH_BUSY":
      return problem(
        "The account is in use elsewhere, or the device has no free session",
        "Log out elsewhere, wait until idle sessions end, or restart the device",
      );
    case "DHIP_NO_PERMISSION":
      return problem(
        `The user ${user} may not do this ${over}`,
        "Use an account of the admin group, or allow it for this user",
      );
    default:
      return problem(error.message, error.hint ?? "Try again with -vv for the messages");
  }
}
