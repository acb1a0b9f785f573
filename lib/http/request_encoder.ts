/**
 * Encodes the head of an HTTP/1.1 request. RFC 9112 section 3.
 *
 * @module
 */

import { toBytes } from "./byte_string.ts";
import { isToken } from "./message_head.ts";

/** One request, to be encoded. */
export interface RequestHead {
  /** Method, for example `GET`. */
  readonly method: string;
  /** Request target as it goes on the wire: path and query, escaped by the caller. */
  readonly target: string;
  /** Value of the Host header. */
  readonly host: string;
  /** Further headers; values are byte strings. */
  readonly headers: Headers;
  /** Bytes of the body; undefined when the request has none. */
  readonly bodyLength?: number | undefined;
}

/** Methods whose request has a length even when it has no body. */
const WITH_BODY = new Set(["POST", "PUT", "PATCH"]);
/** Headers that belong to the connection and are not for callers to set. */
const OWN = ["host", "content-length", "transfer-encoding", "connection"];

/**
 * Encodes a request head.
 *
 * @throws {TypeError} when method, target or host cannot stand in a request
 */
export function encodeRequestHead(request: RequestHead): Uint8Array<ArrayBuffer> {
  const { method, target, host, headers, bodyLength } = request;
  if (!isToken(method)) throw new TypeError("An HTTP method must be a token");
  checkTarget(target);
  if (!/^[\x21-\x7e]+$/.test(host)) throw new TypeError("A Host header must be printable ASCII");
  let text = `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n`;
  for (const [name, value] of headers) {
    if (!OWN.includes(name)) text += `${titleCase(name)}: ${value}\r\n`;
  }
  if (bodyLength !== undefined || WITH_BODY.has(method)) {
    text += `Content-Length: ${bodyLength ?? 0}\r\n`;
  }
  return toBytes(`${text}\r\n`);
}

/**
 * Checks a request target. It is sent and hashed exactly as given, so escaping is the caller's.
 *
 * @throws {TypeError} when it is not an absolute path of printable ASCII without spaces
 */
export function checkTarget(target: string): void {
  if (!/^\/[\x21-\x7e]*$/.test(target) || target.includes("#")) {
    throw new TypeError("A request target is a path with everything but printable ASCII escaped");
  }
}

/** The path of a target for messages: queries of cameras may hold passwords. */
export function pathOf(target: string): string {
  const query = target.indexOf("?");
  return query < 0 ? target : target.slice(0, query);
}

/** `content-type` as `Content-Type`: some servers of devices compare it letter by letter. */
function titleCase(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}
