/**
 * A logged-in session over DHIP.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { type Clock, systemClock } from "../net/clock.ts";
import { withDeadline } from "../net/deadline.ts";
import { type LoginAttempt, type LoginGuard, processLoginGuard } from "../net/login_guard.ts";
import type { Dialer } from "../net/stream.ts";
import { endpoint } from "../net/tcp.ts";
import { Heartbeat } from "./_heartbeat.ts";
import { closed, isSessionUnknown } from "./_errors.ts";
import { Subscribers } from "./_subscribers.ts";
import { authenticate, logOut } from "./authenticate.ts";
import type { OpenChannel, RpcChannel } from "./channel.ts";
import { DhipConnection } from "./connection.ts";
import { type SessionId, unwrap } from "./envelope.ts";
import { Instances } from "./instances.ts";
import type { KeepAlive } from "./keep_alive.ts";
import type { Credentials } from "./login.ts";
import { DHIP_PORT, type SessionOptions } from "./session_options.ts";
import type { PushStream, SubscribeOptions } from "./push_stream.ts";
import type { RpcCallOptions, RpcReply, SessionRequester } from "./rpc.ts";

/**
 * One login on one device, with any number of calls in flight.
 *
 * - A reply finds its call by id: pushes and late replies in between disturb nothing.
 * - Keep-alives go out at the device's interval; a silent link is noticed within two of them.
 * - When the device forgot the session, the session logs in again once, and calls that were
 *   refused for it are repeated. After a refused login it never tries again.
 * - `close` (or `await using`) logs out.
 *
 * ```ts
 * import { RpcSession, tcpDialer } from "@dhip/dhip";
 * import { Simulator } from "@dhip/dhip/simulator";
 *
 * await using simulator = await Simulator.start({ password: "secret" });
 * const [device] = simulator.devices;
 * await using session = await RpcSession.open(
 *   tcpDialer(device!.host),
 *   { user: "admin", password: "secret" },
 *   { port: device!.dhipPort },
 * );
 * console.log(await session.call("magicBox.getSerialNo"));
 * ```
 */
export class RpcSession implements SessionRequester, AsyncDisposable {
  /** `host:port` of the device. */
  readonly host: string;
  /** Service instances, shared within the session. */
  readonly instances: Instances;
  readonly #credentials: Credentials;
  readonly #options: SessionOptions;
  readonly #clock: Clock;
  readonly #guard: LoginGuard;
  readonly #heartbeat: Heartbeat;
  #channel!: RpcChannel;
  readonly #subscribers = new Subscribers();
  readonly #closed = Promise.withResolvers<DhipError | undefined>();
  #id: SessionId = 0;
  #generation = 0;
  /** The session answered at least once: only such a session can have been forgotten. */
  #proven = false;
  #provenAt = 0;
  #renewal: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #reason: DhipError | undefined;

  private constructor(host: string, credentials: Credentials, options: SessionOptions) {
    this.host = host;
    this.#credentials = credentials;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#guard = options.guard ?? processLoginGuard;
    this.instances = new Instances(this);
    this.#heartbeat = new Heartbeat({
      clock: this.#clock,
      host,
      onSend: (keepAlive) => void this.#sendKeepAlive(keepAlive),
      onDead: (error) => this.#end(error),
    });
  }

  /**
   * Connects over DHIP and logs in.
   *
   * @throws {DhipError} `DHIP_UNREACHABLE`, `DHIP_TIMEOUT`, `DHIP_WRONG_PROTOCOL`,
   *   `DHIP_INTERRUPTED`
   * @throws {AuthError} `DHIP_AUTH_REFUSED`, `DHIP_AUTH_LOCKED` and the other `DHIP_AUTH_…` codes
   */
  static open(
    dialer: Dialer,
    credentials: Credentials,
    options: SessionOptions = {},
  ): Promise<RpcSession> {
    const { port = DHIP_PORT, clock = systemClock, limits, maxPending = 1024, onTrace } = options;
    const host = endpoint(dialer.host, port);
    const device = options.device ?? (port === DHIP_PORT ? dialer.host : host);
    return RpcSession.over(host, credentials, { ...options, device }, async (events) => {
      const { signal, connectTimeout: timeout } = options;
      const stream = await dialer.dial(port, { signal, timeout });
      return new DhipConnection(stream, { ...events, host, clock, limits, maxPending, onTrace });
    });
  }

  /**
   * Logs in over a channel that `open` makes.
   *
   * @param host `host:port`, for errors
   */
  static async over(
    host: string,
    credentials: Credentials,
    options: SessionOptions,
    open: OpenChannel,
  ): Promise<RpcSession> {
    const session = new RpcSession(host, credentials, options);
    // Asked before dialling: a latched password must not even cost the device a connection.
    const attempt = await session.#enterGuard(options.signal);
    try {
      session.#channel = await open({
        onPush: (push) => {
          session.#provenAt = session.#clock.now();
          session.#subscribers.deliver(push);
        },
        onLost: (error) => session.#end(error),
        onPushesLost: (error) => session.#subscribers.end(error),
      });
    } catch (error) {
      await attempt.undecided();
      throw error;
    }
    try {
      await session.#login(attempt, options.signal);
    } catch (error) {
      session.#end(error as DhipError);
      throw error;
    }
    return session;
  }

  /** The device's name for this session; another one after a renewal. */
  get id(): SessionId {
    return this.#id;
  }

  /** What carries the session. */
  get transport(): "dhip" | "http" {
    return this.#channel.transport;
  }

  /**
   * When a call left that the device answered, or a push came, in the clock's milliseconds: then it
   * knew this session. Over DHIP all its pushes up to then have arrived.
   */
  get provenAt(): number {
    return this.#provenAt;
  }

  /** Counts logins: object ids and attachments of an older generation no longer exist. */
  get generation(): number {
    return this.#generation;
  }

  /** Why the session is over; undefined while it is not. */
  get ended(): DhipError | undefined {
    return this.#reason ?? (this.#closing === undefined ? undefined : closed(this.host));
  }

  /** Resolves when the session is over: to the reason, or to undefined after `close`. */
  get closed(): Promise<DhipError | undefined> {
    return this.#closed.promise;
  }

  /**
   * Sends a request and returns the reply as it came, a refusal too.
   *
   * @param params any JSON, or a function of the session that makes it: for methods that repeat the
   *   session inside, since a renewal changes it
   * @throws {DhipError} `DHIP_TIMEOUT`, `DHIP_CONNECTION_LOST`, `DHIP_SESSION_LOST`,
   *   `DHIP_INTERRUPTED`, `DHIP_CLOSED`, `DHIP_TOO_MANY_CALLS`, `DHIP_BAD_JSON`
   */
  async request(
    method: string,
    params: unknown = null,
    options: RpcCallOptions = {},
  ): Promise<RpcReply> {
    if (this.#renewal !== undefined) await this.#await(this.#renewal, method, options);
    const generation = this.#generation;
    const sentAt = this.#clock.now();
    const reply = await this.#send(method, params, options);
    if (!isSessionUnknown(reply)) {
      this.#prove(sentAt);
      return reply;
    }
    await this.#await(this.#renew(generation, method), method, options);
    // The object belonged to the old session: whoever made it has to make it again.
    if (options.object !== undefined) {
      throw new DhipError("DHIP_SESSION_LOST", `${method}: the session was renewed`, {
        host: this.host,
        method,
      });
    }
    return await this.#send(method, params, options);
  }

  /**
   * Sends a request and returns its payload; see `unwrap` for what that is.
   *
   * @throws {DhipError} as `request`, and the device's refusal: `DHIP_METHOD_NOT_FOUND`,
   *   `DHIP_NO_PERMISSION`, `DHIP_BAD_PARAMS`, `DHIP_DEVICE_BUSY`, `DHIP_STALE_OBJECT`,
   *   `DHIP_DEVICE_REFUSED`
   */
  async call(method: string, params: unknown = null, options?: RpcCallOptions): Promise<unknown> {
    const reply = await this.request(method, params, options);
    return unwrap(reply.envelope, method, this.host);
  }

  /**
   * Starts to collect pushes. Over HTTP the first subscriber opens a request for them and the last
   * one ends it; when that request breaks, subscriptions end with `DHIP_CONNECTION_LOST` while the
   * session lives on, and with `DHIP_NOT_SUPPORTED` where the device does not offer it.
   */
  subscribe(options: SubscribeOptions = {}): PushStream {
    const now = this.#clock.now();
    const stream = this.#subscribers.add(this.#channel, this.#id, options, now);
    const { ended } = this.#channel;
    if (this.#closing !== undefined) stream.end();
    else if (ended !== undefined) stream.end(ended);
    return stream;
  }

  /** Resolves when pushes are known to come; over HTTP perhaps with the first of them only. */
  get listening(): Promise<void> {
    return this.#subscribers.listening;
  }

  /** Logs out and closes the connection. Calls in flight reject with `DHIP_CLOSED`. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** The same as {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #send(method: string, params: unknown, options: RpcCallOptions): Promise<RpcReply> {
    if (this.#closing !== undefined) return Promise.reject(closed(this.host, method));
    return this.#channel.request({
      method,
      params: typeof params === "function" ? params(this.#id) : params,
      session: this.#id,
      object: options.object,
      extra: options.extra,
      binary: options.binary,
      isComplete: options.isComplete,
      timeout: options.timeout ?? this.#options.timeout ?? 10_000,
      signal: options.signal,
    });
  }

  async #login(attempt: LoginAttempt, signal?: AbortSignal): Promise<void> {
    const { timeout = 10_000, challengeTimeout, allowCleartext } = this.#options;
    const { onNotice, onPasswordSent } = this.#options;
    const login = await authenticate(this.#channel, this.#credentials, attempt, {
      host: this.host,
      clock: this.#clock,
      timeout,
      challengeTimeout,
      logoutTimeout: this.#logoutTimeout,
      allowCleartext,
      onNotice,
      onPasswordSent,
      signal,
    });
    this.#id = login.session;
    this.#generation++;
    this.#proven = false;
    this.#provenAt = this.#clock.now();
    this.instances.forget();
    this.#heartbeat.start(this.#channel, login.keepAliveInterval);
  }

  #enterGuard(signal?: AbortSignal): Promise<LoginAttempt> {
    const identity = { host: this.#options.device ?? this.host, ...this.#credentials };
    return this.#guard.enter(identity, signal);
  }

  /** Logs in again, once for all calls that found the same session forgotten. */
  async #renew(generation: number, method: string): Promise<void> {
    if (this.#generation !== generation) return; // another call has renewed it already
    if (this.#closing !== undefined) throw closed(this.host, method);
    this.#renewal ??= this.#logInAgain().finally(() => this.#renewal = undefined);
    await this.#renewal;
  }

  async #logInAgain(): Promise<void> {
    try {
      if (!this.#proven) {
        throw new DhipError("DHIP_SESSION_LOST", "The device forgets each session at once", {
          host: this.host,
          hint: "Restart the device, or check whether its session table is full.",
        });
      }
      this.#options.onTrace?.("session forgotten by the device, logging in again");
      const lost = new DhipError("DHIP_SESSION_LOST", "The device forgot the session", {
        host: this.host,
      });
      this.#subscribers.end(lost);
      await this.#login(await this.#enterGuard());
    } catch (error) {
      this.#end(error as DhipError);
      throw error;
    }
  }

  async #sendKeepAlive(keepAlive: KeepAlive): Promise<void> {
    const generation = this.#generation;
    const method = "global.keepAlive";
    const params = { timeout: Math.round(keepAlive.interval / 1000), active: true };
    const options = { timeout: keepAlive.patience };
    try {
      const sentAt = this.#clock.now();
      const reply = await this.#send(method, params, options);
      if (reply.envelope.result === true) this.#prove(sentAt);
      else if (isSessionUnknown(reply)) await this.#renew(generation, method);
      // Some firmwares refuse keep-alives for other reasons (no such method, busy). That is not
      // "ok", and not the end either: an ordinary call finds out, and renews if it has to.
      else await this.request("global.getCurrentTime", null, options);
    } catch {
      // Silence is judged by the state machine; a failed renewal has ended the session already.
    }
  }

  #prove(sentAt: number): void {
    this.#proven = true;
    this.#provenAt = Math.max(this.#provenAt, sentAt);
  }

  /** Waits for a renewal no longer than the call may take. */
  async #await(renewal: Promise<void>, method: string, options: RpcCallOptions): Promise<void> {
    const { signal, timeout = this.#options.timeout ?? 10_000 } = options;
    const what = `${method} (logging in again)`;
    await withDeadline(() => renewal, {
      what,
      host: this.host,
      signal,
      timeout,
      clock: this.#clock,
    });
  }

  /** Ends everything after a failure; there is nobody to log out from. */
  #end(error: DhipError): void {
    this.#reason ??= error;
    this.#heartbeat.stop();
    // A stream that is broken from the start reports it before its channel is known here.
    (this.#channel as RpcChannel | undefined)?.close(error);
    this.#subscribers.end(error);
    this.#closed.resolve(error);
  }

  async #close(): Promise<void> {
    this.#subscribers.end();
    const reason = closed(this.host);
    // A login under way may be accepted at this moment: what it opens has to be logged out.
    if (this.#renewal !== undefined) await this.#within(this.#renewal);
    this.#heartbeat.stop();
    if (this.#channel.ended === undefined) {
      this.#channel.rejectCalls(reason);
      await logOut(this.#channel, this.#id, this.#logoutTimeout);
    }
    this.#channel.close(reason);
    this.#closed.resolve(undefined);
  }

  get #logoutTimeout(): number {
    return this.#options.logoutTimeout ?? 2_000;
  }

  /** Waits for `work`, whatever becomes of it, but not past the limit of leaving. */
  async #within(work: Promise<unknown>): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.timer(resolve, this.#logoutTimeout);
    await Promise.race([work.then(() => {}, () => {}), late]);
    timer.cancel();
  }
}
