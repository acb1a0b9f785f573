/**
 * What the web server of a device offers to somebody who has not logged in.
 *
 * @module
 */

import { chooseChallenge, parseChallenges } from "../../http/challenge.ts";
import { HttpClient } from "../../http/client.ts";
import { type Redirect, redirectOf } from "../../http/redirect.ts";
import { DhipError } from "../../errors.ts";
import type { HttpResponse } from "../../http/response.ts";
import type { Dialer } from "../../net/stream.ts";
import type { KnockOptions } from "./knock.ts";

/** What was seen. */
export interface WebFace {
  /**
   * What stands where the web API should: `api` itself, a web `page`, a redirect to another place
   * (`moved`) or to HTTPS (`tls`), or `nothing`.
   */
  readonly api: "api" | "page" | "moved" | "tls" | "nothing";
  /** Port of HTTPS that it redirects to; null when it does not. */
  readonly tlsPort: number | null;
  /** Status with which it answered. */
  readonly status: number;
  /** Login kinds that it offers, for example `Digest SHA-256`, `Basic`. */
  readonly schemes: readonly string[];
  /** True when one of them can be answered without showing the password. */
  readonly digest: boolean;
  /** Whether RPC over HTTP works; null when it cannot be told. */
  readonly rpc: boolean | null;
}

const MAX_ANSWER = 64 * 1024;
/** A read that every device has; without a login it is refused. */
const QUESTION = "/cgi-bin/magicBox.cgi?action=getDeviceType";
/** Without a session it is refused; with RPC switched off, a page or a redirect comes instead. */
const RPC_QUESTION = JSON.stringify({
  method: "global.keepAlive",
  params: { timeout: 60, active: true },
  id: 1,
  session: 0,
});

/**
 * Asks the web server two questions without a password.
 *
 * @throws {DhipError} when it does not answer as HTTP
 */
export async function lookAtWeb(
  dialer: Dialer,
  port: number,
  options: KnockOptions,
): Promise<WebFace> {
  const { signal, timeout, clock } = options;
  await using client = new HttpClient(dialer, {
    port,
    clock,
    timeout,
    idleTimeout: timeout,
    connectTimeout: timeout,
  });
  const response = await client.request(QUESTION, { signal, maxBody: MAX_ANSWER });
  const { status } = response;
  const offered = parseChallenges(response.headers.get("www-authenticate") ?? "");
  const { api, tlsPort } = await apiOf(response, client);
  return {
    api,
    tlsPort,
    status,
    schemes: offered.map(({ scheme, params }) =>
      scheme === "digest" ? `Digest ${params.get("algorithm") ?? "MD5"}` : capital(scheme)
    ),
    digest: chooseChallenge(offered, { allowBasic: false }) !== undefined,
    rpc: api === "tls" ? null : await hasRpc(client, options),
  };
}

async function apiOf(
  response: HttpResponse,
  client: HttpClient,
): Promise<Pick<WebFace, "api" | "tlsPort">> {
  const tlsPort = null;
  const { status } = response;
  const redirect = redirectIn(response, client);
  if (redirect !== undefined) {
    await response.discard();
    const toTls = redirect !== "foreign" && redirect.secure && !client.origin.secure;
    return toTls ? { api: "tls", tlsPort: redirect.port } : { api: "moved", tlsPort };
  }
  const text = await response.text().catch(() => "");
  if (status === 401 || status === 403) return { api: "api", tlsPort };
  if (!response.ok) return { api: "nothing", tlsPort };
  return { api: isPage(text) ? "page" : "api", tlsPort };
}

function redirectIn(response: HttpResponse, client: HttpClient): Redirect | "foreign" | undefined {
  try {
    return redirectOf(response, client.place(QUESTION), "GET");
  } catch (error) {
    if (error instanceof DhipError) return "foreign";
    throw error;
  }
}

async function hasRpc(client: HttpClient, { signal }: KnockOptions): Promise<boolean | null> {
  const response = await client.request("/RPC2", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: RPC_QUESTION,
    maxBody: MAX_ANSWER,
    signal,
  });
  const { status } = response;
  const bytes = await response.bytes().catch(() => new Uint8Array());
  const text = new TextDecoder().decode(bytes);
  if (text.trimStart().startsWith("{")) return true;
  if (status >= 300 && status < 400 || status === 404 || status === 501) return false;
  return isPage(text) ? false : null;
}

function isPage(text: string): boolean {
  return /^\s*<(?:!doctype|html|head|script|meta)/i.test(text);
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1, 40);
}
