/**
 * Errors of calls.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { saysSessionUnknown } from "./device_errors.ts";
import { refusalOf } from "./envelope.ts";
import type { RpcReply } from "./rpc.ts";

/** The same failure, told for one call. */
export function forMethod(error: DhipError, method: string): DhipError {
  if (error.method === method) return error;
  return new DhipError(error.code, `${method}: ${error.message}`, {
    host: error.host,
    method,
    retryable: error.retryable,
    hint: error.hint,
    cause: error,
  });
}

/** What calls get after `close`. */
export function closed(host: string, method?: string): DhipError {
  return new DhipError("DHIP_CLOSED", `${method ?? "The call"}: the session was closed here`, {
    host,
    method,
  });
}

/** True when the device does not know the session (any more). */
export function isSessionUnknown(reply: RpcReply): boolean {
  return reply.envelope.result !== true &&
    saysSessionUnknown(refusalOf(reply.envelope)?.deviceCode);
}
