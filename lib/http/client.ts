/**
 * An HTTP/1.1 client for one port of one device, over any dialer: direct, TLS, or a tunnel.
 *
 * @module
 */

import { isConnectionLost } from "../errors.ts";
import { type Clock, systemClock } from "../net/clock.ts";
import { withDeadline } from "../net/deadline.ts";
import { isSecure } from "../net/secure_dialer.ts";
import type { CallOptions, Dialer } from "../net/stream.ts";
import { endpoint, nameInRequests } from "../net/tcp.ts";
import { ConnectionPool } from "./_pool.ts";
import type { Authenticator, Origin } from "./authenticator.ts";
import { CookieJar } from "./cookies.ts";
import type { HeadLimits } from "./message_head.ts";
import type { Place } from "./redirect.ts";
import { checkTarget, encodeRequestHead, pathOf } from "./request_encoder.ts";
import { HttpResponse } from "./response.ts";

/** Options of an {@linkcode HttpClient}. Times in milliseconds. */
export interface HttpClientOptions {
  /** Port. Default 80, or 443 when the dialer encrypts. */
  readonly port?: number | undefined;
  /** Answers challenges. Without it, a 401 is an answer like any other. */
  readonly authenticator?: Authenticator | undefined;
  /** Cookies; by default an empty jar of this client. */
  readonly cookies?: CookieJar | undefined;
  /** Headers of every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Limit for a request up to the head of its answer. Default 15 000. */
  readonly timeout?: number | undefined;
  /**
   * Longest silence while an answer or a body is awaited. Default 15 000. A body that is gathered
   * in memory may take 60 times as long in all; a stream has no such limit.
   */
  readonly idleTimeout?: number | undefined;
  /** Limit for opening a connection; that of the dialer by default. */
  readonly connectTimeout?: number | undefined;
  /** Most connections at once. Default 4. */
  readonly maxConnections?: number | undefined;
  /** How long an unused connection is kept. Default 10 000. */
  readonly keepAlive?: number | undefined;
  /** Bounds of heads. */
  readonly limits?: HeadLimits | undefined;
  /** Injected time. */
  readonly clock?: Clock | undefined;
  /** Gets a line for each request: method, path, status. Never queries, headers or bodies. */
  readonly onTrace?: ((line: string) => void) | undefined;
}

/** Options of one request. `signal` covers the body too; `timeout` ends with the head. */
export interface RequestOptions extends CallOptions {
  /** Method. Default GET. */
  readonly method?: string | undefined;
  /** Further headers; they replace those of the client. Values are byte strings. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Body; text goes as UTF-8. */
  readonly body?: Uint8Array | string | undefined;
  /** Longest silence, in milliseconds; see {@linkcode HttpClientOptions.idleTimeout}. */
  readonly idleTimeout?: number | undefined;
  /** Longest body of the answer, in bytes. Default: 16 MiB in memory, unlimited as a stream. */
  readonly maxBody?: number | undefined;
  /**
   * Whether the request may be sent again when a kept connection turns out to be dead before it
   * brought a byte. Default true. False for what must not happen twice.
   */
  readonly retry?: boolean | undefined;
}

/** A request with everything decided but the authorization. */
interface Prepared {
  readonly method: string;
  readonly target: string;
  readonly what: string;
  readonly body: Uint8Array | undefined;
  readonly options: RequestOptions;
}

/** Sends requests to one port of one device and keeps a few connections to it. */
export class HttpClient implements AsyncDisposable {
  /** The cookies of this device. */
  readonly cookies: CookieJar;
  /** Name of the device with its port, and encryption. */
  readonly origin: Origin;
  readonly #options: HttpClientOptions;
  readonly #clock: Clock;
  readonly #pool: ConnectionPool;
  readonly #hostName: string;
  readonly #port: number;

  /** Makes a client; nothing is dialled yet. */
  constructor(dialer: Dialer, options: HttpClientOptions = {}) {
    const secure = isSecure(dialer);
    const port = options.port ?? (secure ? 443 : 80);
    const host = endpoint(dialer.host, port);
    const clock = options.clock ?? systemClock;
    this.#options = options;
    this.#clock = clock;
    this.#port = port;
    this.cookies = options.cookies ?? new CookieJar();
    this.origin = { host, secure };
    this.#hostName = nameInRequests(dialer.host);
    this.#pool = new ConnectionPool({
      dial: (signal) => dialer.dial(port, { signal, timeout: options.connectTimeout }),
      host,
      maxConnections: options.maxConnections ?? 4,
      keepAlive: options.keepAlive ?? 10_000,
      clock,
    });
  }

  /**
   * Sends a request and resolves with the head of its answer. Redirects are not followed: see
   * `follow.ts`. Every status is an answer, except a 401 when there is an authenticator.
   *
   * @throws {DhipError} `DHIP_UNREACHABLE`, `DHIP_TIMEOUT`, `DHIP_CONNECTION_LOST`,
   *   `DHIP_INTERRUPTED`, `DHIP_CLOSED`, `DHIP_WRONG_PROTOCOL`, `DHIP_BAD_HTTP`,
   *   `DHIP_HTTP_TOO_LARGE`, and the codes of `Authenticator.exchange`
   * @throws {TypeError} when the target is not an escaped absolute path
   */
  async request(target: string, options: RequestOptions = {}): Promise<HttpResponse> {
    checkTarget(target);
    const method = options.method ?? "GET";
    const { body } = options;
    const what = `${method} ${pathOf(target)}`;
    const response = await this.#authenticated({
      method,
      target,
      what,
      body: typeof body === "string" ? new TextEncoder().encode(body) : body,
      options,
    });
    this.#options.onTrace?.(`${what} -> ${response.status}`);
    return response;
  }

  /** Where a request with this target goes, for {@linkcode redirectOf}. */
  place(target: string): Place {
    return { host: this.#hostName, port: this.#port, secure: this.origin.secure, target };
  }

  /** Closes all connections; requests and bodies under way end with `DHIP_CLOSED`. */
  close(): void {
    this.#pool.close();
  }

  /** Closes all connections. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  async #authenticated(request: Prepared): Promise<HttpResponse> {
    const { authenticator } = this.#options;
    if (authenticator === undefined) return await this.#inTime(request, undefined);
    const { method, target: uri, body, options: { signal } } = request;
    return await authenticator.exchange(
      { method, uri, body, origin: this.origin, signal },
      (authorization) => this.#inTime(request, authorization),
    );
  }

  /** The limit counts from here: a request that waits for its turn is not late for that. */
  async #inTime(request: Prepared, authorization: string | undefined): Promise<HttpResponse> {
    const { what, options } = request;
    return await withDeadline(async (headSignal) => {
      const response = await this.#send(request, authorization, headSignal);
      if (!headSignal.aborted) return response;
      await response.discard(); // too late: nobody waits for it any more
      throw headSignal.reason;
    }, {
      what,
      host: this.origin.host,
      clock: this.#clock,
      signal: options.signal,
      timeout: options.timeout ?? this.#options.timeout ?? 15_000,
    });
  }

  async #send(
    request: Prepared,
    authorization: string | undefined,
    headSignal: AbortSignal,
  ): Promise<HttpResponse> {
    const { method, what, body, options } = request;
    const { host } = this.origin;
    const exchange = {
      method,
      what,
      head: this.#encodeHead(request, authorization),
      body,
      headSignal,
      limits: this.#options.limits ?? {},
      idleTimeout: options.idleTimeout ?? this.#options.idleTimeout ?? 15_000,
      signal: options.signal,
    };
    for (let fresh = false;; fresh = true) {
      const { connection, reused } = await this.#pool.acquire(headSignal, fresh);
      try {
        const { head, body } = await connection.exchange(exchange);
        this.cookies.store(head.headers);
        return new HttpResponse(head, body, {
          what,
          host,
          maxBody: options.maxBody,
          idleTimeout: exchange.idleTimeout,
          clock: this.#clock,
        });
      } catch (error) {
        const died = isConnectionLost(error) && !connection.answered;
        if (died && reused && !fresh && options.retry !== false) continue;
        throw error;
      }
    }
  }

  #encodeHead(request: Prepared, authorization: string | undefined): Uint8Array {
    const { method, target, body, options } = request;
    const headers = new Headers({ accept: "*/*", "user-agent": "dhip" });
    for (const set of [this.#options.headers, options.headers]) {
      for (const [name, value] of Object.entries(set ?? {})) headers.set(name, value);
    }
    const cookies = [this.cookies.header(this.origin.secure), headers.get("cookie")];
    const cookie = cookies.filter((text) => text !== undefined && text !== null).join("; ");
    if (cookie !== "") headers.set("cookie", cookie);
    if (authorization !== undefined) headers.set("authorization", authorization);
    const isUsualPort = this.#port === (this.origin.secure ? 443 : 80);
    const host = isUsualPort
      ? endpoint(this.#hostName, 0).replace(/:0$/, "")
      : endpoint(this.#hostName, this.#port);
    return encodeRequestHead({ method, target, host, headers, bodyLength: body?.length });
  }
}
