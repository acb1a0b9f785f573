/**
 * The way to one Dahua device: its RPC session and its web API, each opened when first needed.
 *
 * @module
 */

import type { CgiClient } from "../dhip/cgi_client.ts";
import type { JsonObject } from "../dhip/frame.ts";
import type { ServiceObject } from "../dhip/instances.ts";
import type { Credentials } from "../dhip/login.ts";
import type { Requester, RpcCallOptions, RpcReply } from "../dhip/rpc.ts";
import type { RpcSession } from "../dhip/session.ts";
import { DHIP_PORT } from "../dhip/session_options.ts";
import { unwrap } from "../dhip/envelope.ts";
import { AuthError, DhipError } from "../errors.ts";
import { type Clock, systemClock } from "../net/clock.ts";
import { interrupted, withDeadline } from "../net/deadline.ts";
import { processLoginGuard } from "../net/login_guard.ts";
import type { CallOptions, Dialer } from "../net/stream.ts";
import { endpoint } from "../net/tcp.ts";
import type { RtspStream, RtspStreamOptions } from "../media/rtsp/rtsp_stream.ts";
import { openSession, type TransportOptions } from "./open_session.ts";
import type { PictureDecoder } from "./snapshot.ts";
import { openWebApi } from "./web_api.ts";

/** What a link needs to know. */
export interface LinkOptions extends Omit<TransportOptions, "signal"> {
  /** Name of the device in lockout records. */
  readonly device: string;
}

/**
 * One device and one account. Services are built on it, so that none of them cares who opened the
 * session, over which transport, or whether it had to be opened again.
 *
 * A session that was lost is replaced when the next call needs one. After a refused login there is
 * no other: every call gets that refusal.
 */
export class DahuaLink implements Requester, AsyncDisposable {
  /** Time, for services that wait. */
  readonly clock: Clock;
  readonly #dialer: Dialer;
  readonly #namedPort: number | undefined;
  /** Changed in place: the session that is open reads it when it has to log in again. */
  readonly #credentials: { user: string; password: string };
  readonly #options: LinkOptions;
  readonly #leaving = new AbortController();
  #session: RpcSession | undefined;
  #opening: Opening | undefined;
  /** Settles when openings that were given up have ended. */
  #givenUp: Promise<unknown> = Promise.resolve();
  #refusal: AuthError | undefined;
  #cgi: CgiClient | undefined;
  #left: Promise<void> | undefined;
  /** The same device and account over HTTP, beside a session over DHIP. */
  #web: DahuaLink | undefined;
  #closing: Promise<void> | undefined;

  /**
   * Makes a link; nothing is dialled yet.
   *
   * @param namedPort port that the target names; it is that of whatever transport is used
   */
  constructor(
    dialer: Dialer,
    namedPort: number | undefined,
    credentials: Credentials,
    options: LinkOptions,
  ) {
    this.#dialer = dialer;
    this.#namedPort = namedPort;
    this.#credentials = { ...credentials };
    this.#options = options;
    this.clock = options.clock ?? systemClock;
  }

  /** `host:port`; of the session once there is one. */
  get host(): string {
    const port = this.#namedPort ?? this.#options.port ?? DHIP_PORT;
    return this.#session?.host ?? endpoint(this.#dialer.host, port);
  }

  /** See `TransportOptions.decodePicture`. */
  get decodePicture(): PictureDecoder | undefined {
    return this.#options.decodePicture;
  }

  /** Name or address of the device, without a port. */
  get name(): string {
    return this.#dialer.host;
  }

  /** Whose logins these are. For services only: it holds the password. */
  get credentials(): Credentials {
    return this.#credentials;
  }

  /** The session that is open now, if any. */
  get current(): RpcSession | undefined {
    return this.#session?.ended === undefined ? this.#session : undefined;
  }

  /**
   * The session. Opened when it is first asked for, and anew after it was lost; asked by several at
   * once it is opened once. `signal` and `timeout` end the caller's wait; the opening is given up
   * when nobody waits for it any more.
   *
   * @throws {DhipError} see `openSession`; `DHIP_CLOSED` after {@linkcode close}
   * @throws {AuthError} the refusal of this or of an earlier login
   */
  async session(options: CallOptions = {}): Promise<RpcSession> {
    if (this.#closing !== undefined) throw closed(this.host);
    if (this.current !== undefined) return this.current;
    const refusal = this.#refusal ?? refusalOf(this.#session?.ended);
    if (refusal !== undefined) throw refusal;
    const { signal, timeout } = options;
    if (signal?.aborted) throw interrupted(signal, "log in", this.host); // nobody wants it
    const opening = this.#opening ??= this.#start();
    opening.waiting++;
    try {
      return await withDeadline(() => opening.session, {
        what: "log in",
        host: this.host,
        signal,
        timeout,
        clock: this.clock,
      });
    } finally {
      if (--opening.waiting === 0 && this.#opening === opening) {
        this.#opening = undefined;
        this.#givenUp = Promise.allSettled([this.#givenUp, opening.session]);
        opening.giveUp.abort(new DhipError("DHIP_INTERRUPTED", "Nobody waits for this login"));
      }
    }
  }

  /**
   * Whether the port of the last session takes connections. Nothing is sent, so it costs no login.
   *
   * @throws {DhipError} `DHIP_INTERRUPTED`
   */
  async reachable(options: CallOptions = {}): Promise<boolean> {
    const port = Number(/:(\d+)$/.exec(this.host)?.[1]);
    try {
      await using _stream = await this.#dialer.dial(port, options);
      return true;
    } catch (error) {
      if (options.signal?.aborted) throw error;
      return false;
    }
  }

  /**
   * Turns away from a session that does not answer while waiting is no choice. It is closed by
   * itself, and the next call opens another.
   */
  leave(session: RpcSession): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    this.#left = session.close();
  }

  /** See `RpcSession.request`. */
  async request(method: string, params?: unknown, options?: RpcCallOptions): Promise<RpcReply> {
    return await (await this.session(options)).request(method, params, options);
  }

  /** See `RpcSession.call`. */
  async call(method: string, params?: unknown, options?: RpcCallOptions): Promise<unknown> {
    const reply = await this.request(method, params, options);
    return unwrap(reply.envelope, method, this.host);
  }

  /** See `Instances.call`: addressed to an object, or by `selector` on firmwares without objects. */
  async instanceCall(
    service: string,
    selector: JsonObject,
    method: string,
    params?: JsonObject | null,
    options?: RpcCallOptions,
  ): Promise<unknown> {
    const { instances } = await this.session(options);
    return await instances.call(service, selector, method, params, options);
  }

  /** See `Instances.create`. */
  async create(
    service: string,
    params?: unknown,
    options?: RpcCallOptions,
  ): Promise<ServiceObject> {
    return await (await this.session(options)).instances.create(service, params, options);
  }

  /**
   * A session over HTTP, for what is fetched with its cookie: the one that is open when HTTP carries
   * it, else one beside it.
   *
   * @throws {DhipError} see {@linkcode session}
   */
  async webSession(options: CallOptions = {}): Promise<RpcSession> {
    if (this.#closing !== undefined) throw closed(this.host);
    const { transport = "auto", tls = false } = this.#options;
    const main = this.current ?? await this.#opening?.session;
    if (main?.transport === "http" || transport === "http" || tls) {
      return await this.session(options);
    }
    if (this.#refusal !== undefined) throw this.#refusal;
    // A port that the target names is that of DHIP.
    this.#web ??= new DahuaLink(this.#dialer, undefined, this.#credentials, {
      ...this.#options,
      transport: "http",
    });
    return await this.#web.session(options);
  }

  /** The web API (`/cgi-bin/…`), shared by short requests. It needs no session. */
  get cgi(): CgiClient {
    if (this.#closing !== undefined) throw closed(this.host);
    return this.#cgi ??= this.openCgi();
  }

  /** A client of the web API with connections of its own, for a stream. Its caller closes it. */
  openCgi(): CgiClient {
    return openWebApi(this.#dialer, this.#namedPort, this.#credentials, this.#options);
  }

  /**
   * Logs in beside the session, and out again: to see whether a password is right.
   *
   * @throws {DhipError} see `openSession`
   * @throws {AuthError} the refusal
   */
  async tryLogin(credentials: Credentials, options: CallOptions = {}): Promise<void> {
    const session = await this.#openSession(credentials, options);
    await session.close();
  }

  /** The guard forgets that a password was refused: the device has just made it the right one. */
  async forgetRefusal(credentials: Credentials): Promise<void> {
    const { guard = processLoginGuard, device } = this.#options;
    await guard.forget({ host: device, ...credentials });
  }

  /** Later logins use this password. */
  passwordChanged(password: string): void {
    this.#credentials.password = password;
    this.#web?.passwordChanged(password);
    this.#cgi?.close(); // it answers challenges with the old one
    this.#cgi = undefined;
  }

  /**
   * Plays a stream over RTSP with this account. Its caller closes it.
   *
   * @throws {DhipError} see `RtspStream.open`
   */
  async openRtsp(options: RtspStreamOptions): Promise<RtspStream> {
    if (this.#closing !== undefined) throw closed(this.host);
    const { Authenticator } = await import("../http/authenticator.ts");
    const { RtspStream } = await import("../media/rtsp/rtsp_stream.ts");
    const { guard, device, connectTimeout, timeout, onNotice, onTrace } = this.#options;
    const account = new Authenticator({ ...this.#credentials, guard, device, onNotice });
    return await RtspStream.open(this.#dialer, account, {
      clock: this.clock,
      connectTimeout,
      onTrace,
      ...options,
      timeout: options.timeout ?? timeout,
      onNotice: options.onNotice ?? onNotice,
    });
  }

  /** Logs out and closes everything. Bounded in time; closing twice is harmless. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** The same as {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #start(): Opening {
    const giveUp = new AbortController();
    const done = () => {
      if (this.#opening === opening) this.#opening = undefined;
    };
    const session = this.#open(giveUp.signal).finally(done);
    session.catch(() => {}); // those who wait are told
    const opening: Opening = { session, giveUp, waiting: 0 };
    return opening;
  }

  async #open(givenUp: AbortSignal): Promise<RpcSession> {
    await this.#givenUp; // one login at a time
    try {
      const session = await this.#openSession(this.#credentials, { signal: givenUp });
      if (!givenUp.aborted) return this.#session = session;
      await session.close();
      throw givenUp.reason;
    } catch (error) {
      this.#refusal ??= refusalOf(error);
      throw error;
    }
  }

  async #openSession(credentials: Credentials, call: CallOptions = {}): Promise<RpcSession> {
    const { timeout = this.#options.timeout } = call;
    const leaving = this.#leaving.signal;
    const signal = call.signal === undefined ? leaving : AbortSignal.any([leaving, call.signal]);
    const options = { ...this.#options, signal, timeout };
    return await openSession(this.#dialer, this.#namedPort, credentials, options);
  }

  async #close(): Promise<void> {
    this.#leaving.abort(closed(this.host));
    this.#cgi?.close();
    // What an opening brings at this moment has to be logged out.
    await this.#opening?.session.catch(() => {});
    await this.#givenUp;
    await Promise.all([this.#session?.close(), this.#left, this.#web?.close()]);
  }
}

/** A session that is being opened. */
interface Opening {
  readonly session: Promise<RpcSession>;
  readonly giveUp: AbortController;
  /** How many wait for it. */
  waiting: number;
}

/** A login that must not be tried again with the same password. */
function refusalOf(error: unknown): AuthError | undefined {
  return error instanceof AuthError && !error.retryable ? error : undefined;
}

function closed(host: string): DhipError {
  return new DhipError("DHIP_CLOSED", "The device was let go", { host });
}
