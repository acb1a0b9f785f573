/**
 * How an RPC2 session is carried beside the JSON: four generations of web servers, four cookies.
 *
 * @module
 */

import type { Session, SessionKey } from "../sessions.ts";
import type { HttpRequest } from "./message.ts";
import type { WebGeneration } from "./options.ts";

type Field = readonly [name: string, value: string];

/** The Set-Cookie fields that a login is answered with. */
export function sessionCookies(generation: WebGeneration, session: Session): Field[] {
  const names = generation === "WebClientSessionID"
    ? ["WebClientSessionID", "DWebClientSessionID", "DhWebClientSessionID"]
    : [generation];
  const cookies = names.map((name) => `${name}=${session.key}; path=/`);
  if (generation === "WebClientSessionID") {
    cookies.unshift(`username=${encodeURIComponent(session.account.name)}; path=/`);
  }
  return cookies.map((cookie) => ["Set-Cookie", cookie]);
}

/** True when the request carries the session the way this generation demands. */
export function carriesSession(
  generation: WebGeneration,
  request: HttpRequest,
  session: SessionKey,
): boolean {
  if (!carriesCookie(generation, request, session)) return false;
  return generation !== "WebClientHttpSessionID" ||
    request.headers.get("x-api-session") === String(session);
}

/** The session that the cookie of this generation names, as text; undefined without one. */
export function sessionIn(generation: WebGeneration, request: HttpRequest): string | undefined {
  return cookie(request.headers.get("cookie") ?? "", generation);
}

/** True when the cookie is there: a frame of a web page has no way to send other fields. */
export function carriesCookie(
  generation: WebGeneration,
  request: HttpRequest,
  session: SessionKey,
): boolean {
  return sessionIn(generation, request) === String(session);
}

function cookie(header: string, name: string): string | undefined {
  for (const pair of header.split(";")) {
    const equals = pair.indexOf("=");
    if (pair.slice(0, equals).trim() === name) {
      return pair.slice(equals + 1).trim().replace(/^"(.*)"$/, "$1");
    }
  }
  return undefined;
}
