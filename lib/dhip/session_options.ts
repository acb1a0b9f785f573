/**
 * How a session is opened and bounded.
 *
 * @module
 */

import type { Clock } from "../net/clock.ts";
import type { LoginGuard } from "../net/login_guard.ts";
import type { FrameLimits } from "./frame.ts";
import type { LoginOptions } from "./login.ts";

/** The usual port of DHIP. */
export const DHIP_PORT = 5000;

/** Options of {@linkcode RpcSession.open}. Times in milliseconds. */
export interface SessionOptions extends LoginOptions {
  /** TCP port. Default 5000. */
  readonly port?: number | undefined;
  /** Name of the device in lockout records; the host by default, with a port that is not the usual. */
  readonly device?: string | undefined;
  /** Aborts the opening. */
  readonly signal?: AbortSignal | undefined;
  /** Limit for a call's reply. Default 10 000. */
  readonly timeout?: number | undefined;
  /** Limit for the reply to the first stage of a login. Default: `timeout`. */
  readonly challengeTimeout?: number | undefined;
  /** Limit for opening the connection. Default 5 000. */
  readonly connectTimeout?: number | undefined;
  /** Limit for the reply to a logout. Default 2 000; lost ones cost the device a session slot. */
  readonly logoutTimeout?: number | undefined;
  /** Most calls in flight. Default 1 024. */
  readonly maxPending?: number | undefined;
  /** Bounds of frames. */
  readonly limits?: FrameLimits | undefined;
  /** Admits logins; by default one guard for the whole process. */
  readonly guard?: LoginGuard | undefined;
  /** Injected time. */
  readonly clock?: Clock | undefined;
  /** Called when a password, in whatever form, is about to leave for the device. */
  readonly onPasswordSent?: (() => void) | undefined;
  /** Gets things an operator should know, for example a login kind that exposes the password. */
  readonly onNotice?: ((text: string) => void) | undefined;
  /** Gets a line for each message: method, id, sizes, time. Never content, never secrets. */
  readonly onTrace?: ((line: string) => void) | undefined;
}
