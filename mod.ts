/**
 * dhip: talk to Dahua-protocol cameras and recorders.
 *
 * @module
 */

export type { ByteStream, CallOptions, Dialer } from "./lib/net/stream.ts";
export { CONNECT_TIMEOUT, tcpDialer, type TcpDialerOptions } from "./lib/net/tcp.ts";
export { streamPair, type StreamPairOptions } from "./lib/net/memory.ts";
export { parseTarget, type Target } from "./lib/net/target.ts";
export { backoff, type BackoffOptions } from "./lib/net/backoff.ts";
export { type Clock, systemClock, type Timer } from "./lib/net/clock.ts";
export {
  type LoginAttempt,
  type LoginGuard,
  type LoginIdentity,
  MemoryLoginGuard,
} from "./lib/net/login_guard.ts";
export { type CertificatePin, MemoryPinStore, type PinStore } from "./lib/net/pin_store.ts";

export {
  AuthError,
  type AuthErrorOptions,
  DhipError,
  type DhipErrorOptions,
  ERROR_CODES,
  type ErrorCode,
  type ErrorCodeInfo,
  FrameError,
  type FrameFault,
} from "./lib/errors.ts";
