/** The two errors that every codec of this room throws. */

import { DhipError } from "../errors.ts";

/** Bytes that break the rules of HTTP. The text names the rule, never the bytes. */
export function badHttp(what: string, hint?: string): DhipError {
  return new DhipError("DHIP_BAD_HTTP", what, { hint });
}

/** More than the caller allows. */
export function tooLarge(what: string, limit: number, unit = "bytes"): DhipError {
  return new DhipError("DHIP_HTTP_TOO_LARGE", `${what} above the limit of ${limit} ${unit}`);
}
