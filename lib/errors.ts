/**
 * Every error that dhip throws on purpose.
 *
 * Mistakes of the calling program (a negative port, a malformed target) are the
 * platform's own `TypeError`, `RangeError` and `SyntaxError`; everything that a
 * device, a network or an operator can cause is a {@linkcode DhipError}.
 *
 * @module
 */

import { ERROR_CODES, type ErrorCode } from "./error_codes.ts";

export * from "./error_codes.ts";

/** Facts that may accompany an error. */
export interface DhipErrorOptions {
  /** Overrides the code's usual retryability. */
  readonly retryable?: boolean | undefined;
  /** Host (and port) the error is about. Never contains a password. */
  readonly host?: string | undefined;
  /** RPC method that failed, for example `magicBox.getSerialNo`. */
  readonly method?: string | undefined;
  /** The device's own numeric error code. */
  readonly deviceCode?: number | undefined;
  /** What the operator can do about it, in one line. */
  readonly hint?: string | undefined;
  /** The error behind this one. Must not carry secrets. */
  readonly cause?: unknown;
}

/** The one base class. `code` is for programs, `message` and `hint` are for people. */
export class DhipError extends Error {
  /** Name of the class. */
  override readonly name: string = "DhipError";
  /** Stable code of {@linkcode ERROR_CODES}. */
  readonly code: ErrorCode;
  /** True when the same call may succeed later. */
  readonly retryable: boolean;
  /** Host (and port) the error is about. */
  host?: string;
  /** RPC method that failed. */
  readonly method?: string;
  /** The device's own numeric error code. */
  readonly deviceCode?: number;
  /** What the operator can do about it. */
  readonly hint?: string;

  /** Makes an error of the given code. */
  constructor(code: ErrorCode, message: string, options: DhipErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? ERROR_CODES[code].retryable;
    if (options.host !== undefined) this.host = options.host;
    if (options.method !== undefined) this.method = options.method;
    if (options.deviceCode !== undefined) this.deviceCode = options.deviceCode;
    if (options.hint !== undefined) this.hint = options.hint;
  }
}

/** Whether a connection broke, by itself or with the tunnel that it went through. */
export function isConnectionLost(error: unknown): boolean {
  return error instanceof DhipError &&
    (error.code === "DHIP_CONNECTION_LOST" || error.code === "DHIP_TUNNEL_LOST");
}

/** Facts a device may tell with a refused login. */
export interface AuthErrorOptions extends DhipErrorOptions {
  /** Login attempts left before the account is locked, when the device tells. */
  readonly attemptsLeft?: number | undefined;
  /** Seconds until the lock ends, when the device tells. */
  readonly lockSeconds?: number | undefined;
  /** Seconds since the refusal for which the guard holds the password back. */
  readonly heldSeconds?: number | undefined;
}

/** A login that the device refused, or that was not sent for the account's safety. */
export class AuthError extends DhipError {
  /** Name of the class. */
  override readonly name = "AuthError";
  /** Login attempts left before the account is locked. */
  readonly attemptsLeft?: number;
  /** Seconds until the lock ends. */
  readonly lockSeconds?: number;
  /** Seconds since the refusal for which the guard holds the password back. */
  readonly heldSeconds?: number;

  /** Makes a login error. */
  constructor(code: ErrorCode, message: string, options: AuthErrorOptions = {}) {
    super(code, message, options);
    if (options.attemptsLeft !== undefined) this.attemptsLeft = options.attemptsLeft;
    if (options.lockSeconds !== undefined) this.lockSeconds = options.lockSeconds;
    if (options.heldSeconds !== undefined) this.heldSeconds = options.heldSeconds;
  }
}

/** What exactly was wrong with a frame; the names are those of the golden vectors. */
export type FrameFault =
  | "bad_magic"
  | "not_dhip_http"
  | "bad_header_size"
  | "bad_sequence"
  | "too_large"
  | "bad_json"
  | "truncated";

/** Bytes from the network that are not valid DHIP. */
export class FrameError extends DhipError {
  /** Name of the class. */
  override readonly name = "FrameError";
  /** What exactly was wrong. */
  readonly fault: FrameFault;

  /** Makes a framing error. */
  constructor(fault: FrameFault, code: ErrorCode, message: string, options?: DhipErrorOptions) {
    super(code, message, options);
    this.fault = fault;
  }
}
