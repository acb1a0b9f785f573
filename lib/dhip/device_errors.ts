/**
 * What a device's numeric error codes mean.
 *
 * The high 16 bits name a module, the low 16 bits a reason. Meanings were collected from
 * python-dhip, DahuaConsole, dahua-rpc, rroller/dahua and DahuaBridge; where they disagree, the
 * one that quotes the device's own text is followed.
 *
 * @module
 */

import type { ErrorCode } from "../errors.ts";

/** One row of the table. */
export interface DeviceErrorInfo {
  /** Code of the `DhipError` that it becomes. */
  readonly code: ErrorCode;
  /** What it means, in plain words. */
  readonly meaning: string;
  /** What to do about it. */
  readonly hint?: string;
  /** Overrides the retryability of `code`. */
  readonly retryable?: boolean;
}

const WRONG_PASSWORD = "Check user and password; a few more wrong ones lock the account.";
/** What to do about a locked account. */
export const LOCKED =
  "Wait until the lock ends, or restart the device; do not try other passwords.";
const BUSY = "Log out elsewhere or wait until idle sessions end, then try again.";
const SESSION = "The device forgot the session: it restarted, or the session was idle too long.";

/** The error answered to stage 1 of every login: not a refusal but the challenge. */
export const LOGIN_CHALLENGE = 268632079;
/** Old web firmwares send this code with the challenge. */
export const LOGIN_CHALLENGE_OLD = 401;

/** All known device error codes. An unknown code becomes `DHIP_DEVICE_REFUSED`. */
export const DEVICE_ERRORS: Readonly<Record<number, DeviceErrorInfo>> = {
  268632064: {
    code: "DHIP_METHOD_NOT_FOUND",
    meaning: "interface or component not found",
    hint: "List what the device offers: dhip services TARGET",
  },
  268632065: { code: "DHIP_SESSION_LOST", meaning: "session problem", hint: SESSION },
  268632070: { code: "DHIP_AUTH_REFUSED", meaning: "user not valid", hint: WRONG_PASSWORD },
  268632071: { code: "DHIP_AUTH_REFUSED", meaning: "password not valid", hint: WRONG_PASSWORD },
  268632073: {
    code: "DHIP_AUTH_LOCKED",
    meaning: "address or user is in the block list",
    hint: "Remove this host from the device's block list.",
  },
  268632074: { code: "DHIP_AUTH_BUSY", meaning: "user already in use", hint: BUSY },
  268632075: { code: "DHIP_DEVICE_BUSY", meaning: "busy", hint: "Try again in a few seconds." },
  268632079: { code: "DHIP_AUTH_REFUSED", meaning: "login challenge" },
  268632080: {
    code: "DHIP_AUTH_REFUSED",
    meaning: "unknown user or wrong password",
    hint: WRONG_PASSWORD,
  },
  268632081: { code: "DHIP_AUTH_LOCKED", meaning: "user or device locked", hint: LOCKED },
  268632082: { code: "DHIP_AUTH_LOCKED", meaning: "user blocked", hint: LOCKED },
  268632083: { code: "DHIP_AUTH_BUSY", meaning: "account in use elsewhere", hint: BUSY },
  268632085: {
    code: "DHIP_AUTH_REFUSED",
    meaning: "user or password not valid",
    hint: WRONG_PASSWORD,
  },
  268632086: {
    code: "DHIP_AUTH_NOT_INITIALISED",
    meaning: "device not initialised: it has no administrator password yet",
    hint: "Set the first password with the vendor's tool or the device's own page.",
  },
  268894208: { code: "DHIP_BAD_PARAMS", meaning: "the device could not parse the request" },
  268894209: {
    code: "DHIP_STALE_OBJECT",
    meaning: "invalid request: the object id is missing or stale",
    hint: "Create the service instance first: call SERVICE.factory.instance.",
  },
  268894210: {
    code: "DHIP_METHOD_NOT_FOUND",
    meaning: "method not found",
    hint: "List what the device offers: dhip services TARGET [SERVICE]",
  },
  268894211: {
    code: "DHIP_BAD_PARAMS",
    meaning: "invalid parameter",
    hint: "Check names, types and the channel base of the parameters.",
  },
  268894212: {
    code: "DHIP_DEVICE_REFUSED",
    meaning: "internal error of the device",
    retryable: true,
  },
  268959743: {
    code: "DHIP_DEVICE_REFUSED",
    meaning: "declined without a reason",
    hint: "Often an unsupported value or a wrong channel number.",
  },
  285278247: { code: "DHIP_DEVICE_REFUSED", meaning: "declined by the system service" },
  285278249: {
    code: "DHIP_NO_PERMISSION",
    meaning: "authority check failed",
    hint: "The user lacks this right; use an account of the admin group.",
  },
  285409284: { code: "DHIP_DEVICE_REFUSED", meaning: "account does not exist, or no data" },
  285409285: { code: "DHIP_DEVICE_REFUSED", meaning: "account already exists" },
  285409296: { code: "DHIP_DEVICE_REFUSED", meaning: "group does not exist" },
  287637504: { code: "DHIP_SESSION_LOST", meaning: "session out of date", hint: SESSION },
  287637505: { code: "DHIP_SESSION_LOST", meaning: "invalid session", hint: SESSION },
  400: { code: "DHIP_BAD_PARAMS", meaning: "unknown user or unsupported method" },
  401: { code: "DHIP_AUTH_REFUSED", meaning: "not logged in" },
  403: { code: "DHIP_NO_PERMISSION", meaning: "forbidden" },
  404: { code: "DHIP_METHOD_NOT_FOUND", meaning: "not found" },
  405: {
    code: "DHIP_METHOD_NOT_FOUND",
    meaning: "method not allowed",
    hint: "List what the device offers: dhip services TARGET [SERVICE]",
  },
  486: { code: "DHIP_DEVICE_BUSY", meaning: "busy", hint: "Try again in a few seconds." },
  500: {
    code: "DHIP_DEVICE_REFUSED",
    meaning: "internal error (seen when there is no storage card)",
  },
};

/** Reasons that some firmwares send as text instead of a code; the spelling is theirs. */
export const DEVICE_ERROR_TEXTS: Readonly<Record<string, number>> = {
  UserNotValidt: 268632070,
  PasswordNotValid: 268632071,
  InBlackList: 268632073,
  HasBeedUsed: 268632074,
  HasBeenLocked: 268632081,
};

/** True for the two codes that say "this session does not exist": the request was not executed. */
export function saysSessionUnknown(deviceCode: number | undefined): boolean {
  return deviceCode === 287637504 || deviceCode === 287637505;
}

/** Writes a code the way the vendor's logs do: `268632085 (0x10030015)`. */
export function formatDeviceCode(deviceCode: number): string {
  return deviceCode < 0x10000
    ? String(deviceCode)
    : `${deviceCode} (0x${deviceCode.toString(16).toUpperCase().padStart(8, "0")})`;
}
