/**
 * Follows redirects, within the bounds of `redirect.ts`.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import type { HttpClient, RequestOptions } from "./client.ts";
import { type Redirect, redirectOf } from "./redirect.ts";
import type { HttpResponse } from "./response.ts";

/** Options of {@linkcode follow}. */
export interface FollowOptions extends RequestOptions {
  /** Most redirects in a row. Default 3. */
  readonly maxRedirects?: number | undefined;
  /**
   * The client for a redirect to another port or to https; the caller owns and closes it. Without
   * it such redirects are refused.
   */
  readonly clientFor?: ((to: Redirect) => HttpClient) | undefined;
}

/** Where the redirects ended. */
export interface Followed {
  /** The answer that is no redirect. */
  readonly response: HttpResponse;
  /** The client that brought it: the one for the requests to come. */
  readonly client: HttpClient;
  /** The target that it answers. */
  readonly target: string;
}

/**
 * Sends a request and follows redirects with the method and body kept (303 turns into GET).
 *
 * @throws {DhipError} `DHIP_HTTP_REDIRECT` for another host, for https to http, for too many; and
 *   all of `HttpClient.request`
 */
export async function follow(
  client: HttpClient,
  target: string,
  options: FollowOptions = {},
): Promise<Followed> {
  const { maxRedirects = 3, clientFor, ...request } = options;
  let current = { client, target, method: request.method ?? "GET" };
  for (let count = 0;; count++) {
    const { method } = current;
    // After 303 the body was delivered; the GET that follows has none.
    const body = method === request.method ? request.body : undefined;
    const response = await current.client.request(current.target, { ...request, method, body });
    const place = current.client.place(current.target);
    let redirect: Redirect | undefined;
    try {
      redirect = redirectOf(response, place, method);
      if (redirect === undefined) return { response, ...current };
      if (count >= maxRedirects) throw refused(`More than ${maxRedirects} redirects`, place.host);
      const here = redirect.port === place.port && redirect.secure === place.secure;
      const next = here ? current.client : clientFor?.(redirect);
      if (next === undefined) {
        const scheme = redirect.secure ? "https" : "http";
        throw refused(`A redirect to ${scheme} on port ${redirect.port}`, place.host);
      }
      current = { client: next, target: redirect.target, method: redirect.method };
    } catch (error) {
      await response.discard();
      throw error;
    }
    await response.discard();
  }
}

function refused(what: string, host: string): DhipError {
  return new DhipError("DHIP_HTTP_REDIRECT", `${what}; not followed`, {
    host,
    hint: "Name the scheme and port that the device redirects to.",
  });
}
