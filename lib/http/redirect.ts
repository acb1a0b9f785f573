/**
 * Where a redirect leads, and whether it may be followed: same host only, never away from TLS.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { checkTarget } from "./request_encoder.ts";

/** A place that a request can be sent to. */
export interface Place {
  /** Host name or address, without brackets. */
  readonly host: string;
  /** Port. */
  readonly port: number;
  /** True for https. */
  readonly secure: boolean;
  /** Request target: path and query. */
  readonly target: string;
}

/** A redirect of an answer. */
export interface Redirect extends Place {
  /** Method of the next request: the one before, except after 303. */
  readonly method: string;
}

const STATUSES = new Set([301, 302, 303, 307, 308]);

/**
 * Reads the redirect of an answer; undefined when it is none. The method is kept for 301 and 302
 * too: cameras send their RPC calls to https that way.
 *
 * @throws {DhipError} `DHIP_HTTP_REDIRECT` when it leads to another host or away from https
 */
export function redirectOf(
  answer: { readonly status: number; readonly headers: Headers },
  from: Place,
  method: string,
): Redirect | undefined {
  const location = answer.headers.get("location");
  if (!STATUSES.has(answer.status) || location === null) return undefined;
  const scheme = from.secure ? "https" : "http";
  const refuse = (why: string) =>
    new DhipError("DHIP_HTTP_REDIRECT", `Not followed: a redirect ${why}`, {
      host: from.host,
      hint: "Name the address and port that the device really has.",
    });
  const base = `${scheme}://${bracketed(from.host)}:${from.port}${from.target}`;
  if (!URL.canParse(location, base)) throw refuse("that is no URL");
  const url = new URL(location, base);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw refuse("to something not HTTP");
  if (url.username !== "" || url.password !== "") throw refuse("with a user name in it");
  const secure = url.protocol === "https:";
  if (from.secure && !secure) throw refuse("from https to http");
  const own = URL.canParse(base) ? new URL(base).hostname : from.host;
  if (url.hostname !== own) throw refuse(`to another host (${url.hostname.slice(0, 100)})`);
  const port = url.port === "" ? (secure ? 443 : 80) : Number(url.port);
  const target = `${url.pathname}${url.search}`;
  try {
    checkTarget(target);
  } catch {
    throw refuse("whose path is malformed");
  }
  return {
    host: from.host,
    port,
    secure,
    target,
    method: answer.status === 303 && method !== "HEAD" ? "GET" : method,
  };
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
