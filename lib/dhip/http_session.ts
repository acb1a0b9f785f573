/**
 * The same session over HTTP: `POST /RPC2_Login` and `POST /RPC2`.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { HttpClient } from "../http/client.ts";
import { CookieJar } from "../http/cookies.ts";
import { redirectOf } from "../http/redirect.ts";
import type { HttpResponse } from "../http/response.ts";
import { type Clock, systemClock } from "../net/clock.ts";
import { isSecure } from "../net/secure_dialer.ts";
import type { Dialer } from "../net/stream.ts";
import { endpoint } from "../net/tcp.ts";
import { parseBody } from "./_body.ts";
import { forMethod } from "./_errors.ts";
import { HttpPushes } from "./_http_pushes.ts";
import type { ChannelEvents, ChannelRequest, RpcChannel } from "./channel.ts";
import { requestEnvelope, type SessionId } from "./envelope.ts";
import type { Credentials } from "./login.ts";
import type { RpcReply } from "./rpc.ts";
import { RpcSession } from "./session.ts";
import type { SessionOptions } from "./session_options.ts";

/** Options of {@linkcode openHttpSession}. */
export interface HttpSessionOptions extends SessionOptions {
  /** Port. Default 80, or 443 when the dialer encrypts. */
  readonly port?: number | undefined;
  /**
   * Encrypts a dialer, for devices that redirect from http to https. Without it such a redirect is
   * an error.
   */
  readonly encrypt?: ((dialer: Dialer) => Dialer) | undefined;
}

/** Longest answer in bytes; tables of large recorders have several hundred KiB. */
const MAX_ANSWER = 16 * 1024 * 1024;
/** Requests at once; cameras answer RPC over few connections (observed by rroller/dahua). */
const MAX_CONNECTIONS = 2;
/** Calls that change nothing: sent again when a kept connection turns out to be dead. */
const READS = /\.(?:get|list|is|need|has)[A-Z]\w*$|^global\.(?:keepAlive|logout)$/;
/** Names of the session cookie by firmware generation; one unknown to a device harms nothing. */
const COOKIES = [
  "WebClientSessionID",
  "DWebClientSessionID",
  "DhWebClientSessionID",
  "WebClientHttpSessionID",
];
/** Sessions that a cookie and a header can hold; a hostile device may send others. */
const SESSION_TEXT = /^[\w-]{1,128}$/;
/** Failures on the way to the device, which say nothing about the call. */
const ABOUT_THE_WAY: ReadonlySet<string> = new Set([
  "DHIP_UNREACHABLE",
  "DHIP_BIND_REFUSED",
  "DHIP_TLS_TOO_OLD",
  "DHIP_TLS_UNTRUSTED",
  "DHIP_WRONG_PROTOCOL",
]);
const EMPTY = new Uint8Array(0);

/**
 * Logs in over HTTP. What it returns behaves like a session over DHIP, except that there are no
 * binary parts. Pushes come over a request of their own, which is open while somebody listens.
 *
 * @throws {DhipError} see `RpcSession.open`; `DHIP_NOT_SUPPORTED` when the device offers no RPC
 *   over HTTP
 */
export function openHttpSession(
  dialer: Dialer,
  credentials: Credentials,
  options: HttpSessionOptions = {},
): Promise<RpcSession> {
  const usual = isSecure(dialer) ? 443 : 80;
  const port = options.port ?? usual;
  const host = endpoint(dialer.host, port);
  const device = options.device ?? (port === usual ? dialer.host : host);
  return RpcSession.over(
    host,
    credentials,
    { ...options, device },
    (events) => Promise.resolve(new HttpChannel(dialer, { ...options, port }, host, events)),
  );
}

/** Carries calls as HTTP requests. */
class HttpChannel implements RpcChannel {
  readonly #dialer: Dialer;
  readonly #options: HttpSessionOptions;
  readonly #host: string;
  readonly #clock: Clock;
  readonly #events: ChannelEvents;
  readonly #cookies = new CookieJar();
  /** Where requests go; another place after a redirect. */
  #way: { readonly dialer: Dialer; readonly port: number | undefined };
  #client: HttpClient;
  #pushes: HttpPushes | undefined;
  readonly transport = "http";
  #id = 0;
  /** Calls under way, keep-alives apart. */
  #pending = 0;
  #session: SessionId | undefined;
  #calls = new AbortController();
  #ended: DhipError | undefined;
  #heardAt: number;

  constructor(
    dialer: Dialer,
    options: HttpSessionOptions,
    host: string,
    events: ChannelEvents,
  ) {
    this.#events = events;
    this.#dialer = dialer;
    this.#options = options;
    this.#host = host;
    this.#clock = options.clock ?? systemClock;
    this.#heardAt = this.#clock.now();
    this.#way = { dialer, port: options.port };
    this.#client = this.#newClient();
  }

  /** A call under way has a limit of its own; until then the device is taken to be at work. */
  get heardAt(): number {
    return this.#pending > 0 ? this.#clock.now() : this.#heardAt;
  }

  get ended(): DhipError | undefined {
    return this.#ended;
  }

  async request(request: ChannelRequest): Promise<RpcReply> {
    const { method } = request;
    if (this.#ended !== undefined) throw forMethod(this.#ended, method);
    if (request.binary !== undefined) {
      throw new DhipError("DHIP_NOT_SUPPORTED", `${method}: HTTP carries no binary part`, {
        host: this.#host,
        method,
        hint: "Use the DHIP port: --transport dhip.",
      });
    }
    const { maxPending = 1024 } = this.#options;
    if (this.#pending >= maxPending) {
      throw new DhipError("DHIP_TOO_MANY_CALLS", `More than ${maxPending} calls in flight`, {
        host: this.#host,
        method,
      });
    }
    this.#useSession(request.session);
    const counts = method === "global.keepAlive" ? 0 : 1;
    this.#pending += counts;
    const calls = this.#calls.signal;
    const signal = request.signal === undefined ? calls : AbortSignal.any([calls, request.signal]);
    try {
      return await this.#exchange(request, signal);
    } catch (error) {
      if (!(error instanceof DhipError) || ABOUT_THE_WAY.has(error.code)) throw error;
      if (error.code === "DHIP_CLOSED" && this.#ended !== undefined) {
        throw forMethod(this.#ended, method);
      }
      throw forMethod(error, method);
    } finally {
      this.#pending -= counts;
    }
  }

  listen(session: SessionId | undefined): Promise<void> {
    this.#pushes?.close();
    this.#pushes = undefined;
    const text = String(session);
    if (session === undefined || this.#ended !== undefined || !SESSION_TEXT.test(text)) {
      return Promise.resolve();
    }
    this.#useSession(session);
    const pushes: HttpPushes = this.#pushes = new HttpPushes({
      client: this.#newClient(), // its request never ends, so it counts with nobody
      session: text,
      headers: this.#headers(),
      onPush: (json) => {
        this.#options.onTrace?.(`< push ${json.method}`);
        const method = typeof json.method === "string" ? json.method : "";
        const { params } = json;
        this.#events.onPush({ method, params, envelope: json, binary: EMPTY, dropped: 0 });
      },
      onLost: (error) => {
        if (this.#pushes === pushes) this.#pushes = undefined;
        this.#events.onPushesLost(error);
      },
    });
    return pushes.begun;
  }

  rejectCalls(error: DhipError): void {
    this.#calls.abort(error);
    this.#calls = new AbortController();
  }

  close(error: DhipError): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    this.#calls.abort(error);
    this.#pushes?.close();
    this.#client.close();
  }

  async #exchange(request: ChannelRequest, signal: AbortSignal): Promise<RpcReply> {
    const { method, timeout } = request;
    const path = method === "global.login" ? "/RPC2_Login" : "/RPC2";
    const body = JSON.stringify(requestEnvelope(this.#nextId(), request));
    for (let redirects = 0;; redirects++) {
      const client = this.#client;
      const response = await client.request(path, {
        method: "POST",
        headers: this.#headers(),
        body,
        signal,
        timeout,
        idleTimeout: timeout,
        maxBody: MAX_ANSWER,
        retry: READS.test(method),
      });
      this.#heardAt = this.#clock.now();
      const redirect = redirectOf(response, client.place(path), "POST");
      if (redirect === undefined) return await this.#read(response, method);
      await response.discard();
      // To https the path is kept, whatever page the redirect names. Firmwares with RPC2 switched
      // off send everything but the login to their start page.
      const toTls = redirect.secure && !client.origin.secure;
      if ((redirect.target !== path && !toTls) || redirects > 0) throw this.#noRpc(method);
      if (client === this.#client) this.#follow(redirect.secure, redirect.port);
    }
  }

  async #read(response: HttpResponse, method: string): Promise<RpcReply> {
    const { status } = response;
    const bytes = await response.bytes();
    this.#heardAt = this.#clock.now();
    const { json } = parseBody(bytes);
    // Some firmwares send a refusal with an error status; its JSON tells more than the status.
    if (json !== null) return { envelope: json, binary: EMPTY };
    if (status === 404 || status === 501 || looksLikeHtml(bytes)) throw this.#noRpc(method);
    if (!response.ok) {
      throw new DhipError("DHIP_HTTP_STATUS", `The device answered HTTP status ${status}`, {
        host: this.#host,
        method,
        retryable: status >= 500,
      });
    }
    throw new DhipError("DHIP_BAD_JSON", "The answer is not a JSON object", { host: this.#host });
  }

  #noRpc(method: string): DhipError {
    return new DhipError("DHIP_NOT_SUPPORTED", "The device offers no RPC2 over HTTP", {
      host: this.#host,
      method,
      hint:
        "Its web API may be switched off, or this is no camera; try the DHIP port, usually 5000.",
    });
  }

  /** Goes where the device redirects to, for this and all later requests. */
  #follow(secure: boolean, port: number): void {
    const { encrypt } = this.#options;
    if (secure && encrypt === undefined) {
      throw new DhipError("DHIP_HTTP_REDIRECT", "The device wants https", {
        host: this.#host,
        hint: "Connect with TLS: --tls.",
      });
    }
    const old = this.#client;
    this.#way = { dialer: secure ? encrypt!(this.#dialer) : this.#dialer, port };
    this.#client = this.#newClient();
    old.close();
  }

  #newClient(): HttpClient {
    const { dialer, port } = this.#way;
    const { connectTimeout, onTrace } = this.#options;
    const clock = this.#clock;
    return new HttpClient(dialer, {
      port,
      clock,
      connectTimeout,
      onTrace,
      cookies: this.#cookies,
      maxConnections: MAX_CONNECTIONS,
    });
  }

  #headers(): Record<string, string> {
    const headers: Record<string, string> = {
      "content-type": "application/json",
      "x-requested-with": "XMLHttpRequest",
    };
    const session = this.#session === undefined ? "" : String(this.#session);
    if (SESSION_TEXT.test(session)) headers["x-api-session"] = session;
    return headers;
  }

  /** Sets the cookies of all generations, as the devices' own pages do after their login. */
  #useSession(session: SessionId | undefined): void {
    if (session === undefined || session === this.#session) return;
    this.#session = session;
    const text = String(session);
    if (!SESSION_TEXT.test(text)) return;
    for (const name of COOKIES) this.#cookies.set(name, text);
  }

  #nextId(): number {
    this.#id = this.#id === 0xffffffff ? 1 : this.#id + 1;
    return this.#id;
  }
}

/** The session as cookies, for requests beside RPC; undefined when a cookie cannot hold it. */
export function sessionCookie(session: SessionId): string | undefined {
  const text = String(session);
  return SESSION_TEXT.test(text) ? COOKIES.map((name) => `${name}=${text}`).join("; ") : undefined;
}

function looksLikeHtml(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 200)).trimStart();
  return /^<(?:!doctype|html|head|\?xml|script|meta)/i.test(start);
}
