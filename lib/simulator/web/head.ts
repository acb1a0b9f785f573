/**
 * Request line and header fields.
 *
 * @module
 */

import { type HttpRequest, UnreadableRequest } from "./message.ts";

/** Most header fields of a request. */
const MOST_FIELDS = 100;

/** A request without its body. */
export interface RequestHead extends Omit<HttpRequest, "body"> {
  /** Announced length of the body. */
  readonly length: number;
  /** True when the body comes in chunks. */
  readonly chunked: boolean;
  /** True when the client waits for `100 Continue`. */
  readonly expectsContinue: boolean;
}

/** The first line of a request. */
export interface RequestLine extends Pick<HttpRequest, "method" | "target"> {
  /** True from HTTP/1.1 on. */
  readonly modern: boolean;
}

/**
 * Reads the first line.
 *
 * @throws {UnreadableRequest} when it is not of an HTTP/1 request
 */
export function parseRequestLine(line: Uint8Array): RequestLine {
  const first = textOf(line);
  const match = /^([!#$%&'*+.^_`|~\w-]+) (\S+) HTTP\/(\d)\.(\d)$/.exec(first);
  if (match === null) throw new UnreadableRequest(400, "Bad request line");
  const [, method = "", target = "", major, minor = ""] = match;
  if (major !== "1") throw new UnreadableRequest(505, "Unknown version");
  return { method, target, modern: minor !== "0" };
}

/**
 * Reads the other lines of a head, without their line ends and without the empty one.
 *
 * @throws {UnreadableRequest} when they are no header fields
 */
export function parseHead(
  { method, target, modern }: RequestLine,
  lines: readonly Uint8Array[],
): RequestHead {
  const fields = lines.map(textOf);
  if (fields.length > MOST_FIELDS) throw new UnreadableRequest(431, "Too many fields");
  const headers = new Map<string, string>();
  for (const field of fields) addField(headers, field);
  const local = /^https?:\/\/[^/?]*(.*)$/i.exec(target)?.[1] ?? target; // absolute form: a proxy's
  const question = local.indexOf("?");
  return {
    method,
    target,
    path: (question < 0 ? local : local.slice(0, question)) || "/",
    query: question < 0 ? "" : local.slice(question + 1),
    headers,
    keepAlive: keepsAlive(headers.get("connection") ?? "", modern),
    ...bodyOf(headers),
    expectsContinue: headers.get("expect")?.toLowerCase() === "100-continue",
  };
}

/** UTF-8, which user names may need; Latin-1 when it is not. */
function textOf(line: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line);
  } catch {
    return new TextDecoder("latin1").decode(line);
  }
}

function addField(headers: Map<string, string>, field: string): void {
  const match = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/s.exec(field);
  if (match === null || field.includes("\0")) throw new UnreadableRequest(400, "Bad header field");
  const [, name = "", value = ""] = match;
  const key = name.toLowerCase();
  const before = headers.get(key);
  const joint = key === "cookie" ? "; " : ", ";
  headers.set(key, before === undefined ? value : `${before}${joint}${value}`);
}

function keepsAlive(connection: string, byDefault: boolean): boolean {
  const words = connection.toLowerCase().split(",").map((word) => word.trim());
  return byDefault ? !words.includes("close") : words.includes("keep-alive");
}

function bodyOf(headers: ReadonlyMap<string, string>): { length: number; chunked: boolean } {
  const coding = headers.get("transfer-encoding");
  const length = headers.get("content-length");
  if (coding !== undefined) {
    if (coding.toLowerCase() !== "chunked") throw new UnreadableRequest(501, "Unknown coding");
    // Two lengths of one body are how requests are smuggled past a proxy.
    if (length !== undefined) throw new UnreadableRequest(400, "Two lengths");
    return { length: 0, chunked: true };
  }
  if (length !== undefined && !/^\d{1,15}$/.test(length)) {
    throw new UnreadableRequest(400, "Bad length");
  }
  return { length: Number(length ?? 0), chunked: false };
}
