/** What a device says instead of a file. */

import { DhipError, type DhipErrorOptions, type ErrorCode } from "../errors.ts";
import { parseBody } from "./_body.ts";
import { unwrap } from "./envelope.ts";
import type { JsonObject } from "./frame.ts";

/** Name of the request in errors. */
export const LOADFILE = "RPC_Loadfile";

/** An answer that is a refusal by its status or by its text. */
export function loadfileRefusal(status: number, body: Uint8Array, host?: string): DhipError {
  const { json } = parseBody(body);
  if (json !== null) {
    try {
      requireSuccess(json, host);
    } catch (error) {
      if (error instanceof DhipError) return error;
    }
  }
  const text = new TextDecoder().decode(body.subarray(0, 400)).trimStart();
  const [code, what, hint] = meaningOf(status, text);
  const options: DhipErrorOptions = { host, method: LOADFILE, deviceCode: status, hint };
  return new DhipError(code, what, {
    ...options,
    ...(code === "DHIP_HTTP_STATUS" && status >= 500 ? { retryable: true } : {}),
  });
}

/**
 * Passes the JSON of a success.
 *
 * @throws {DhipError} the device's refusal
 */
export function requireSuccess(json: JsonObject, host?: string): void {
  if (unwrap(json, LOADFILE, host) !== false) return;
  throw new DhipError("DHIP_DEVICE_REFUSED", "The device refused to send the file", {
    host,
    method: LOADFILE,
  });
}

/** An answer that is none. */
export function emptyAnswer(host?: string): DhipError {
  return new DhipError("DHIP_INCOMPLETE", "The device answered without a byte of the file", {
    host,
    method: LOADFILE,
  });
}

function meaningOf(status: number, text: string): readonly [ErrorCode, string, string?] {
  if (status === 401 || status === 403 || /authority:\s*check fail/i.test(text)) {
    return [
      "DHIP_NO_PERMISSION",
      "The user may not fetch this file",
      "The user lacks the right to play recordings; use an account of the admin group.",
    ];
  }
  if (status === 404) {
    return [
      "DHIP_DEVICE_REFUSED",
      "The device has no such file (HTTP 404)",
      "Old recordings are overwritten when the disk is full: search again.",
    ];
  }
  if (status === 429 || status === 503 || /^error\s*:?\s*(?:device )?busy/i.test(text)) {
    return ["DHIP_DEVICE_BUSY", "The device is busy", "Try again in a few seconds."];
  }
  if (status === 400) {
    return ["DHIP_BAD_PARAMS", "The device did not accept the request (HTTP 400)"];
  }
  if (status === 405 || status === 501) {
    return ["DHIP_NOT_SUPPORTED", `The device does not offer files this way (HTTP ${status})`];
  }
  if (status < 400 && isWebPage(text)) {
    return ["DHIP_NOT_SUPPORTED", "A web page came instead of the file"];
  }
  if (status < 400) return ["DHIP_DEVICE_REFUSED", "The device answered Error instead of the file"];
  return ["DHIP_HTTP_STATUS", `The device answered HTTP status ${status}`];
}

/** True for the start of a web page. */
export function isWebPage(text: string): boolean {
  return /^<(?:!doctype|html|head|\?xml|script|meta|h\d|body)/i.test(text);
}
