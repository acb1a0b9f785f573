/**
 * Failures as the user sees them: one line of cause, one line of what to do, an exit code.
 *
 * @module
 */

import { AuthError, DhipError, ERROR_CODES, type ErrorCode } from "../errors.ts";
import { plain } from "./text.ts";

/** The `error` of the envelope on standard error, and of a failed target in JSON results. */
export interface FailureEnvelope {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly host?: string;
  readonly method?: string;
  readonly deviceCode?: number;
  readonly attemptsLeft?: number;
  readonly lockSeconds?: number;
  readonly hint?: string;
}

/** Makes a `DhipError` of anything thrown. */
export function toDhipError(error: unknown): DhipError {
  if (error instanceof DhipError) return error;
  const message = error instanceof Error ? error.message : String(error);
  // The library's answer to values that its caller, here the user, made up.
  const callerMistake = [SyntaxError, RangeError, TypeError].some((type) => error instanceof type);
  if (callerMistake && !DEFECT.test(message)) {
    return new DhipError("DHIP_USAGE", message, { cause: error });
  }
  return new DhipError("DHIP_INTERNAL", `Unexpected error: ${message}`, {
    cause: error,
    hint: "Please report this, with the output of the same command and -vv.",
  });
}

/** What V8 itself throws, as for `undefined.x`, is a defect and no mistake of the user. */
const DEFECT =
  /^Cannot |is not (a function|iterable|a constructor|defined)|of (undefined|null)|call stack|^Invalid .*length/;

/** Exit code of a failure. */
export function exitCodeOf(error: DhipError): number {
  return ERROR_CODES[error.code].exit;
}

/** The facts of a failure, for programs. */
export function envelopeOf(error: DhipError): FailureEnvelope {
  const { code, message, retryable, host, method, deviceCode, hint } = error;
  const { attemptsLeft, lockSeconds } = error instanceof AuthError
    ? error
    : { attemptsLeft: undefined, lockSeconds: undefined };
  const facts = { host, method, deviceCode, attemptsLeft, lockSeconds, hint };
  const known = Object.entries(facts).filter(([, value]) => value !== undefined);
  return { code, message, retryable, ...Object.fromEntries(known) };
}

/** The lines of a failure, for people; `target` when the error does not name its host. */
export function linesOf(error: DhipError, target = error.host): string[] {
  const where = target === undefined || error.message.includes(target) ? "" : `${target}: `;
  const lines = [`dhip: ${where}${error.message}${remainder(error)}`];
  if (error.hint !== undefined) lines.push(`hint: ${error.hint}`);
  return lines.map(plain);
}

function remainder(error: DhipError): string {
  if (!(error instanceof AuthError)) return "";
  const parts: string[] = [];
  const { attemptsLeft, lockSeconds } = error;
  if (attemptsLeft !== undefined) {
    parts.push(attemptsLeft === 1 ? "1 attempt left" : `${attemptsLeft} attempts left`);
  }
  if (lockSeconds !== undefined && lockSeconds > 0 && !error.message.includes(`${lockSeconds} s`)) {
    parts.push(`lock time ${lockSeconds} s`);
  }
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

/** The stacks of a failure and of what caused it, for `-vv`. */
export function stackOf(error: unknown, depth = 0): string[] {
  if (!(error instanceof Error) || depth > 5) return [];
  const lines = (error.stack ?? String(error)).split("\n").map(plain);
  if (depth > 0) lines[0] = `caused by ${lines[0]}`;
  return [...lines, ...stackOf(error.cause, depth + 1)];
}

/** What decides when all targets failed, but not alike: the first of these exit codes. */
const PRIORITY = [130, 4, 2, 3, 7, 5, 8, 1];

/**
 * Exit code of several targets: 0 when all succeeded, 8 when checks found something and nothing
 * else failed, 6 when some succeeded. When none did: their
 * common code, else the one that most needs a person (interrupted, login, usage, network, …).
 */
export function combinedExit(codes: readonly number[]): number {
  const failed = codes.filter((code) => code !== 0);
  if (failed.length === 0) return 0;
  if (failed.includes(130)) return 130;
  // A check that found something is an answer and no failure: whoever monitors wants to know.
  if (failed.every((code) => code === 8)) return 8;
  if (failed.length < codes.length) return 6;
  return PRIORITY.find((code) => failed.includes(code)) ?? 1;
}
