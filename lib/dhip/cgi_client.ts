/**
 * The web API of a Dahua device: `GET /cgi-bin/SCRIPT.cgi`, with Digest or Basic.
 *
 * @module
 */

import { DhipError, type ErrorCode } from "../errors.ts";
import { Authenticator } from "../http/authenticator.ts";
import { HttpClient, type RequestOptions } from "../http/client.ts";
import { CookieJar } from "../http/cookies.ts";
import { follow } from "../http/follow.ts";
import type { HttpResponse } from "../http/response.ts";
import type { Clock } from "../net/clock.ts";
import type { LoginGuard } from "../net/login_guard.ts";
import { isSecure } from "../net/secure_dialer.ts";
import type { Dialer } from "../net/stream.ts";
import type { Credentials } from "./login.ts";

/** Options of a {@linkcode CgiClient}. Times in milliseconds. */
export interface CgiOptions extends Credentials {
  /** Port. Default 80, or 443 when the dialer encrypts. */
  readonly port?: number | undefined;
  /** Encrypts the dialer, for devices that redirect to https. */
  readonly encrypt: (dialer: Dialer) => Dialer;
  /** What to use without encryption when the device's TLS is too old; by default nothing. */
  readonly plain?: Dialer | undefined;
  /** See `AuthenticatorOptions.allowBasic`. */
  readonly allowBasic?: boolean | undefined;
  /** Admits attempts; by default one guard for the whole process. */
  readonly guard?: LoginGuard | undefined;
  /** Name of the device in lockout records. */
  readonly device?: string | undefined;
  /** Injected time. */
  readonly clock?: Clock | undefined;
  /** Limit for an answer to begin, and longest silence inside one. Default 10 000. */
  readonly timeout?: number | undefined;
  /** Limit for opening a connection. Default 5 000. */
  readonly connectTimeout?: number | undefined;
  /** Gets things an operator should know. */
  readonly onNotice?: ((text: string) => void) | undefined;
  /** Gets a line for each request. Never queries, headers or bodies. */
  readonly onTrace?: ((line: string) => void) | undefined;
}

/** Names and values in the order of the wire: some devices want `action` first (DahuaBridge). */
export type CgiQuery = readonly (readonly [name: string, value: string | number])[];

/** Requests at once; cameras serve few. */
const MAX_CONNECTIONS = 4;
/** Longest refusal that is read, in bytes. */
const MAX_REFUSAL = 64 * 1024;

/** Asks scripts of the web API. Knows a device's challenge after the first request. */
export class CgiClient implements AsyncDisposable {
  readonly #options: CgiOptions;
  readonly #authenticator: Authenticator;
  readonly #cookies = new CookieJar();
  /** One for each port and encryption that a redirect led to. */
  readonly #clients = new Map<string, HttpClient>();
  #dialer: Dialer;
  /** The client for the requests to come: where the last redirect led. */
  #client: HttpClient;

  /** Makes a client; nothing is dialled yet. */
  constructor(dialer: Dialer, options: CgiOptions) {
    this.#dialer = dialer;
    this.#options = options;
    this.#authenticator = new Authenticator(options);
    this.#client = this.#use(dialer, options.port);
  }

  /** `host:port`. */
  get host(): string {
    return this.#client.origin.host;
  }

  /**
   * Sends a request and resolves with the head of a good answer.
   *
   * @param script name without `.cgi`, for example `snapshot`
   * @throws {DhipError} `DHIP_NO_PERMISSION`, `DHIP_BAD_PARAMS`, `DHIP_NOT_SUPPORTED`,
   *   `DHIP_DEVICE_BUSY`, `DHIP_HTTP_STATUS`, and the codes of `follow`
   * @throws {AuthError} `DHIP_AUTH_REFUSED` and the other codes of `Authenticator.exchange`
   */
  async get(script: string, query: CgiQuery, options: RequestOptions = {}): Promise<HttpResponse> {
    const response = await this.request(targetOf(script, query), options);
    if (response.ok) return response;
    throw await this.#refusal(response, script);
  }

  /**
   * The same for scripts that answer with text.
   *
   * @throws {DhipError} as {@linkcode get}; `DHIP_DEVICE_REFUSED` for `Error` with a good status
   */
  async text(script: string, query: CgiQuery, options?: RequestOptions): Promise<string> {
    const response = await this.get(script, query, options);
    const text = await response.text();
    const refusal = refusalIn(response.status, text, script);
    if (refusal === undefined) return text;
    throw this.#error(refusal, response.status);
  }

  /**
   * Sends a request for any target of the same server. Every status but 401 is an answer.
   *
   * @param target escaped path with query
   * @throws {DhipError} the codes of `follow`
   * @throws {AuthError} as {@linkcode get}
   */
  async request(target: string, options: RequestOptions): Promise<HttpResponse> {
    const { encrypt, plain } = this.#options;
    const dialer = this.#dialer;
    try {
      const { response, client } = await follow(this.#client, target, {
        ...options,
        clientFor: ({ secure, port }) => this.#use(secure ? encrypt(dialer) : dialer, port),
      });
      this.#client = client;
      return response;
    } catch (error) {
      const tooOld = error instanceof DhipError && error.code === "DHIP_TLS_TOO_OLD";
      // Without TLS the device may insist on it: then there is no way.
      if (!tooOld || plain === undefined || dialer === plain) throw error;
      if (this.#dialer !== plain) {
        this.#options.onNotice?.(`${plain.host}: TLS is too old, going on without it as allowed`);
        this.#dialer = plain;
        this.#client = this.#use(plain, 80);
      }
      return await this.request(target, options);
    }
  }

  /** Ends all requests and closes the connections. Closing twice is harmless. */
  close(): void {
    for (const client of this.#clients.values()) client.close();
  }

  /** The same as {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  #use(dialer: Dialer, port: number | undefined): HttpClient {
    const key = `${isSecure(dialer)} ${port}`;
    const known = this.#clients.get(key);
    if (known !== undefined) return known;
    const { clock, connectTimeout, onTrace, timeout = 10_000 } = this.#options;
    const client = new HttpClient(dialer, {
      port,
      clock,
      connectTimeout,
      onTrace,
      timeout,
      idleTimeout: timeout,
      authenticator: this.#authenticator,
      cookies: this.#cookies,
      maxConnections: MAX_CONNECTIONS,
    });
    this.#clients.set(key, client);
    return client;
  }

  async #refusal(response: HttpResponse, script: string): Promise<DhipError> {
    const text = await response.text({ maxBody: MAX_REFUSAL }).catch(() => "");
    const { status } = response;
    const refusal = refusalIn(status, text, script) ??
      { code: "DHIP_HTTP_STATUS", message: `${script}.cgi answered ${status} ${response.reason}` };
    return this.#error(refusal, status);
  }

  #error({ code, message, hint }: Refusal, status: number): DhipError {
    return new DhipError(code, message, {
      host: this.host,
      method: "cgi",
      deviceCode: status,
      hint,
      ...(code === "DHIP_HTTP_STATUS" && status >= 500 ? { retryable: true } : {}),
    });
  }
}

/** What a device said instead of an answer. */
interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

/**
 * The refusal that an answer is; undefined when it is none. Devices refuse with a status, with the
 * word `Error` under a good status, or with the start page of their web site.
 */
export function refusalIn(status: number, text: string, script: string): Refusal | undefined {
  const name = `${script}.cgi`;
  const start = text.slice(0, 400).trimStart();
  if (status === 403 || /authority:\s*check fail/i.test(start)) {
    return {
      code: "DHIP_NO_PERMISSION",
      message: `${name}: the user may not do this`,
      hint: "The user lacks this right; use an account of the admin group.",
    };
  }
  if (status === 404 || status === 405 || status === 501) {
    return { code: "DHIP_NOT_SUPPORTED", message: `The device has no ${name}` };
  }
  if (status === 503 || status === 429 || /^error\s*:?\s*(?:device )?busy/i.test(start)) {
    return {
      code: "DHIP_DEVICE_BUSY",
      message: `${name}: the device is busy`,
      hint: "Try again in a few seconds.",
    };
  }
  const error = /^error\b[\s:]*([^\r\n]{0,200})/i.exec(start);
  const said = error?.[1] ? `: ${error[1].trim()}` : "";
  if (status === 400) {
    return { code: "DHIP_BAD_PARAMS", message: `${name} did not accept the parameters${said}` };
  }
  if (error !== null && status < 400) {
    return { code: "DHIP_DEVICE_REFUSED", message: `${name} answered Error${said}` };
  }
  if (/^<(?:!doctype|html|head)/i.test(start) && status < 400) {
    return {
      code: "DHIP_NOT_SUPPORTED",
      message: `A web page came instead of an answer of ${name}`,
      hint: "The web API may be switched off, or this is no camera.",
    };
  }
  return undefined;
}

/**
 * The request target. Brackets and the like stay as they are: some firmwares do not read them
 * escaped, and the digest covers the target to the letter.
 */
function targetOf(script: string, query: CgiQuery): string {
  const escape = (text: string) =>
    encodeURIComponent(text).replace(
      /%(?:5B|5D|2C|3A|2F|40)/g,
      (code) => String.fromCharCode(parseInt(code.slice(1), 16)),
    );
  const pairs = query.map(([name, value]) => `${escape(name)}=${escape(String(value))}`);
  return `/cgi-bin/${script}.cgi${pairs.length === 0 ? "" : `?${pairs.join("&")}`}`;
}
