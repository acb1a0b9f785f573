/**
 * The login and logout exchanges over a connection.
 *
 * @module
 */

import { AuthError, type DhipError } from "../errors.ts";
import type { Clock } from "../net/clock.ts";
import { interrupted } from "../net/deadline.ts";
import type { LoginAttempt } from "../net/login_guard.ts";
import type { RpcChannel } from "./channel.ts";
import { deviceError, refusalOf, type SessionId } from "./envelope.ts";
import type { JsonObject } from "./frame.ts";
import {
  answerChallenge,
  type Credentials,
  isReadableOnTheWay,
  loginFirstStage,
  type LoginOptions,
  readChallenge,
} from "./login.ts";
import type { RpcReply } from "./rpc.ts";

/** What a login brought. */
export interface Login {
  /** The session. That of stage 2: the one of stage 1 is void by then. */
  readonly session: SessionId;
  /** How long the device keeps a quiet session, in milliseconds. */
  readonly keepAliveInterval: number;
}

/** What {@linkcode authenticate} needs to know. Times in milliseconds. */
export interface AuthenticateOptions extends LoginOptions {
  /** `host:port`, for errors. */
  readonly host: string;
  /** Time. */
  readonly clock: Clock;
  /** Limit for the first of the two replies; `timeout` by default. */
  readonly challengeTimeout?: number | undefined;
  /** Limit for each of the two replies. */
  readonly timeout: number;
  /** Limit for leaving cleanly when interrupted. */
  readonly logoutTimeout: number;
  /** Interrupts. */
  readonly signal?: AbortSignal | undefined;
  /** Gets things an operator should know. */
  readonly onNotice?: ((text: string) => void) | undefined;
  /** Called when the answer to a challenge is about to leave. */
  readonly onPasswordSent?: (() => void) | undefined;
}

/** The part of a channel that this needs. */
export type RequestChannel = Pick<RpcChannel, "request">;

const METHOD = "global.login";
/** Longest wait of somebody who interrupts a login, in milliseconds. */
const LEAVING = 500;

/**
 * Logs in: once, with no second try. Tells the outcome to the guard's `attempt`.
 *
 * @throws {DhipError} see `RpcSession.open`
 */
export async function authenticate(
  channel: RequestChannel,
  credentials: Credentials,
  attempt: LoginAttempt,
  options: AuthenticateOptions,
): Promise<Login> {
  const { host, timeout, signal } = options;
  let passwordSent = false;
  try {
    const params = loginFirstStage(credentials.user);
    const { challengeTimeout = timeout } = options;
    const first = await channel.request({
      method: METHOD,
      params,
      timeout: challengeTimeout,
      signal,
    });
    const step = readChallenge(first.envelope, host);
    if (step.kind === "refused") throw step.error;
    if (step.kind === "already_authenticated") {
      await attempt.undecided(); // no password was tried
      return loginOf(first.envelope, step.session);
    }
    const answer = answerChallenge(step, credentials, options);
    if (isReadableOnTheWay(step.encryption)) {
      options.onNotice?.(
        `${host} asks for the login kind ${step.encryption}: ` +
          "anybody on the way can read the password",
      );
    }
    if (signal?.aborted) throw interrupted(signal, METHOD, host);
    passwordSent = true;
    options.onPasswordSent?.();
    const { envelope } = await secondStage(channel, answer, step.session, options);
    if (refusalOf(envelope) !== undefined || envelope.result !== true) {
      throw refused(envelope, host);
    }
    return await keep(channel, attempt, loginOf(envelope, step.session), options);
  } catch (error) {
    if (error instanceof NotKept) throw error.cause;
    await tell(attempt, error, passwordSent);
    throw error;
  }
}

/** An accepted login whose guard failed: it was logged out again. */
class NotKept extends Error {}

/** Tells the guard of the success; a guard that fails must not leave a session behind. */
async function keep(
  channel: RequestChannel,
  attempt: LoginAttempt,
  login: Login,
  { logoutTimeout }: AuthenticateOptions,
): Promise<Login> {
  try {
    await attempt.accepted();
    return login;
  } catch (cause) {
    await logOut(channel, login.session, logoutTimeout);
    throw new NotKept("", { cause });
  }
}

/** Tells the guard what a failed login says about the password. */
async function tell(attempt: LoginAttempt, error: unknown, passwordSent: boolean): Promise<void> {
  if (!isAboutThePassword(error)) return await attempt.undecided();
  const { lockSeconds } = error;
  // Locked before any password was sent: worth waiting for a told time, else nothing was learned.
  if (passwordSent || (lockSeconds ?? 0) > 0) await attempt.refused({ lockSeconds });
  else await attempt.undecided();
}

/** Frees the session's slot on the device. Bounded, and never a reason to fail. */
export async function logOut(
  channel: RequestChannel,
  session: SessionId,
  timeout: number,
): Promise<void> {
  await channel.request({ method: "global.logout", session, timeout }).catch(() => {});
}

/**
 * An interruption here could leave a session behind, or forget a refusal: the device may be judging
 * the password at this moment. So the answer is awaited a little longer; a session that it opened is
 * closed, and a refusal counts.
 */
async function secondStage(
  channel: RequestChannel,
  params: JsonObject,
  session: SessionId,
  options: AuthenticateOptions,
): Promise<RpcReply> {
  const { clock, host, timeout, logoutTimeout, signal } = options;
  const reply = channel.request({ method: METHOD, params, session, timeout });
  if (signal === undefined) return await reply;
  const { promise: aborted, resolve } = Promise.withResolvers<"aborted">();
  const onAbort = () => resolve("aborted");
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const first = await Promise.race([reply, aborted]);
    if (first !== "aborted") return first;
    const { promise: late, resolve: giveUp } = Promise.withResolvers<undefined>();
    const bound = Math.min(LEAVING, logoutTimeout);
    const timer = clock.timer(() => giveUp(undefined), bound);
    const answer = await Promise.race([reply.catch(() => undefined), late]);
    timer.cancel();
    if (answer !== undefined && answer.envelope.result !== true) return answer;
    if (answer !== undefined) {
      await logOut(channel, loginOf(answer.envelope, session).session, bound);
    }
    throw interrupted(signal, METHOD, host);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function loginOf(reply: JsonObject, fallback: SessionId): Login {
  const { session } = reply;
  const seconds = Number((reply.params as JsonObject | null | undefined)?.keepAliveInterval);
  return {
    session: typeof session === "number" || typeof session === "string" ? session : fallback,
    // Devices name 20 to 60 s; without a sensible number, the common 60.
    keepAliveInterval: (seconds >= 1 && seconds <= 3600 ? seconds : 60) * 1000,
  };
}

function refused(envelope: JsonObject, host: string): DhipError {
  const refusal = refusalOf(envelope);
  if (refusal?.deviceCode !== undefined) {
    return deviceError(refusal, { method: METHOD, host, params: envelope.params });
  }
  return new AuthError("DHIP_AUTH_REFUSED", "Login refused without a reason", {
    host,
    method: METHOD,
    hint: "Check user and password; a few more wrong ones lock the account.",
  });
}

/** Refusals that another try with the same password can only make worse. */
function isAboutThePassword(error: unknown): error is AuthError {
  return error instanceof AuthError &&
    (error.code === "DHIP_AUTH_REFUSED" || error.code === "DHIP_AUTH_LOCKED");
}
