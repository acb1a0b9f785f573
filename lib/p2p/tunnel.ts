/**
 * A tunnel to one device, which comes back by itself: a {@linkcode Dialer} by serial number.
 *
 * @module
 */

import { AuthError, DhipError } from "../errors.ts";
import { backoff } from "../net/backoff.ts";
import { type Clock, systemClock } from "../net/clock.ts";
import { sleep, withDeadline } from "../net/deadline.ts";
import type { ByteStream, CallOptions, Dialer } from "../net/stream.ts";
import { sameAddress } from "./candidates.ts";
import { classify } from "./classify.ts";
import {
  checkSerial,
  type HandshakeOptions,
  type HandshakeStep,
  openPath,
  type TunnelPath,
} from "./handshake.ts";
import type { DatagramAddress, Datagrams } from "../net/udp.ts";
import type { MuxFailure, MuxOptions } from "./mux_options.ts";
import { PtcpSession } from "./session.ts";

/** What happens to a tunnel. */
export type TunnelEvent =
  /** A step of getting through to the device was made, or failed. */
  | { readonly type: "step"; readonly step: HandshakeStep }
  /** The tunnel carries. `took` in milliseconds. */
  | { readonly type: "up"; readonly path: "direct" | "relay"; readonly took: number }
  /** It broke; its connections are closed. */
  | { readonly type: "lost"; readonly reason: MuxFailure }
  /** Getting through failed; the next attempt follows after `wait` milliseconds. */
  | { readonly type: "retry"; readonly error: DhipError; readonly wait: number }
  /** The device refused the password: there will be no other attempt. */
  | { readonly type: "refused"; readonly error: AuthError };

/** Options of a {@linkcode P2pTunnel}. */
export interface TunnelOptions
  extends Omit<HandshakeOptions, "signal" | "timeout" | "onStep" | "exchangeSign"> {
  /** Hears of changes. */
  readonly onEvent?: ((event: TunnelEvent) => void) | undefined;
  /** Limits of sessions. */
  readonly session?: Omit<MuxOptions, "random"> | undefined;
  /** How a path is found; for tests. */
  readonly openPath?: typeof openPath | undefined;
}

/** Figures of a tunnel. */
export interface TunnelStats {
  /** How the device is reached; null while it is not. */
  readonly path: "direct" | "relay" | null;
  /** Smoothed round-trip time in milliseconds; null before there is one. */
  readonly roundTrip: number | null;
  /** Share of sent segments that had to be sent again, 0 to 1. */
  readonly loss: number;
  /** Bytes from and to the device, over all sessions. */
  readonly bytesIn: number;
  /** See {@linkcode bytesIn}. */
  readonly bytesOut: number;
  /** Open connections. */
  readonly connections: number;
}

/** Longest wait between two attempts while somebody waits for the tunnel, in milliseconds. */
const EAGER_WAIT = 8_000;
/** Longest wait while nobody does, and after what does not mend itself. */
const PATIENT_WAIT = 60_000;
/** A tunnel that has lived so long is opened anew at once when it breaks, in milliseconds. */
const STABLE_TIME = 10_000;
/** Default limit of {@linkcode P2pTunnel.dial} and {@linkcode P2pTunnel.ready}. */
const DIAL_TIMEOUT = 30_000;

interface Running {
  readonly session: PtcpSession;
  readonly path: TunnelPath;
}

/**
 * Reaches a device by its serial number through a P2P cloud. The tunnel is opened when it is first
 * needed; when it breaks, its connections end with `DHIP_TUNNEL_LOST` and it is opened anew, until
 * it is closed.
 */
export class P2pTunnel implements Dialer, AsyncDisposable {
  readonly host: string;
  readonly #options: TunnelOptions;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  #running: Running | undefined;
  #supervisor: Promise<void> | undefined;
  /** Those that wait for the tunnel. */
  readonly #waiting = new Set<PromiseWithResolvers<PtcpSession>>();
  /** Ends the supervisor's wait when somebody begins to wait for the tunnel. */
  #hurry: (() => void) | undefined;
  #lastError: DhipError | undefined;
  /** A direct path let hole punching through and no session: the relay is tried next. */
  #isDeaf = false;
  #bytesIn = 0;
  #bytesOut = 0;

  /**
   * Nothing is sent yet.
   *
   * @throws {SyntaxError} for a serial number that cannot be one
   */
  constructor(options: TunnelOptions) {
    checkSerial(options.serial);
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.host = `sn:${options.serial}`;
  }

  /** Figures so far. */
  stats(): TunnelStats {
    const mux = this.#running?.session.mux;
    const { roundTrip = null, segmentsSent = 0, retransmissions = 0 } = mux?.stats ?? {};
    return {
      path: this.#running?.path.kind ?? null,
      roundTrip,
      loss: segmentsSent === 0 ? 0 : retransmissions / segmentsSent,
      bytesIn: this.#bytesIn + (mux?.bytesIn ?? 0),
      bytesOut: this.#bytesOut + (mux?.bytesOut ?? 0),
      connections: mux?.realms ?? 0,
    };
  }

  /**
   * Opens the tunnel, or waits until it is open.
   *
   * @throws {DhipError} why there is none: `DHIP_P2P_*`, `DHIP_UNREACHABLE`, `DHIP_TIMEOUT` (default
   *   30 000 ms), `DHIP_INTERRUPTED`, `DHIP_CLOSED`
   * @throws {AuthError} when the device refused user and password; it is not asked again
   */
  async ready(options: CallOptions = {}): Promise<void> {
    await this.#session(options);
  }

  /**
   * Connects to a TCP port of the device's own loopback. When the tunnel turns out to be broken
   * before the device has answered, the connection is made through the next one.
   *
   * @throws {DhipError} see {@linkcode ready}; `DHIP_BIND_REFUSED`, `DHIP_TUNNEL_LOST`
   * @throws {AuthError} see {@linkcode ready}
   * @throws {RangeError} when the port is not 1 to 65535
   */
  async dial(port: number, options: CallOptions = {}): Promise<ByteStream> {
    const { signal, timeout = DIAL_TIMEOUT } = options;
    const end = this.#clock.now() + timeout;
    const left = () => Math.max(1, end - this.#clock.now());
    for (;;) {
      const session = await this.#session({ signal, timeout: left() });
      try {
        return await session.open(port, { signal, timeout: left() });
      } catch (error) {
        this.#closing.signal.throwIfAborted();
        const isLost = error instanceof DhipError && error.code === "DHIP_TUNNEL_LOST";
        if (!isLost || this.#clock.now() >= end) throw error;
      }
    }
  }

  /** Closes all connections, gives a relay back, and ends. Bounded in time. */
  async close(): Promise<void> {
    const closed = new DhipError("DHIP_CLOSED", "The tunnel was closed", { host: this.host });
    this.#closing.abort(closed);
    this.#hurry?.();
    this.#reject(closed);
    await this.#supervisor;
  }

  /** The same as {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #session({ signal, timeout = DIAL_TIMEOUT }: CallOptions): Promise<PtcpSession> {
    this.#closing.signal.throwIfAborted();
    const session = this.#running?.session;
    if (session !== undefined && !session.isOver) return session;
    if (this.#lastError instanceof AuthError) throw this.#lastError;
    this.#lastError = undefined;
    const waiting = Promise.withResolvers<PtcpSession>();
    waiting.promise.catch(() => {});
    this.#waiting.add(waiting);
    this.#supervisor ??= this.#supervise();
    this.#hurry?.();
    try {
      return await withDeadline(() => waiting.promise, {
        what: `open a tunnel to ${this.host}`,
        host: this.host,
        clock: this.#clock,
        signal,
        timeout,
      });
    } catch (error) {
      const isTimeout = error instanceof DhipError && error.code === "DHIP_TIMEOUT";
      throw isTimeout ? this.#lastError ?? error : error; // what was met says more
    } finally {
      this.#waiting.delete(waiting);
    }
  }

  /** Keeps the tunnel open until it is closed, or the device has refused the password. */
  async #supervise(): Promise<void> {
    const { random = Math.random } = this.#options;
    const closing = this.#closing.signal;
    const newWaits = () => backoff({ base: 1_000, cap: PATIENT_WAIT, random });
    let waits = newWaits();
    while (!closing.aborted) {
      const began = this.#clock.now();
      let running: Running;
      try {
        running = await this.#open();
      } catch (error) {
        if (closing.aborted) return;
        const failure = asFailure(error, this.host);
        this.#lastError = failure;
        const isFinal = !failure.retryable;
        if (isFinal) this.#reject(failure);
        if (failure instanceof AuthError) { // another try could lock the account
          this.#options.onEvent?.({ type: "refused", error: failure });
          return;
        }
        await this.#pause(isFinal ? PATIENT_WAIT : waits.next().value, isFinal, failure);
        continue;
      }
      const upAt = this.#clock.now();
      const lost = await this.#run(running, upAt - began);
      // One that breaks again and again must not keep the cloud busy.
      if (this.#clock.now() - upAt >= STABLE_TIME) waits = newWaits();
      else if (lost !== undefined) await this.#pause(waits.next().value, false, lost);
    }
  }

  async #open(): Promise<Running> {
    const { onEvent, session: limits, ...options } = this.#options;
    const { random = Math.random, mode = "auto" } = options;
    const wasDeaf = this.#isDeaf;
    this.#isDeaf = false;
    const open = this.#options.openPath ?? openPath;
    const signal = this.#closing.signal;
    const sessionOver = (socket: Datagrams, peer: DatagramAddress) =>
      new PtcpSession({
        ...limits,
        random,
        host: this.host,
        clock: this.#clock,
        send: (datagram) => socket.send(datagram, peer),
      });
    const path = await open({
      ...options,
      mode: wasDeaf && mode === "auto" ? "relay" : mode,
      signal,
      onStep: (step) => onEvent?.({ type: "step", step }),
      exchangeSign: async (socket, agent, { signal }) => {
        const session = sessionOver(socket, agent);
        void this.#read({ socket, peer: agent, handle: () => {} }, session);
        try {
          await session.connect({ signal });
          return await session.requestSign({ signal });
        } finally {
          await session.close();
        }
      },
    });
    const session = sessionOver(path.socket, path.peer);
    void this.#read(path, session);
    try {
      await session.connect({ signal });
      if (path.sign !== undefined) await session.authorise(path.sign, { signal });
      return { path, session };
    } catch (error) {
      this.#isDeaf = path.kind === "direct";
      await session.close();
      await path.release();
      throw error;
    }
  }

  /** Lives as long as the session; tells how that was lost, if it was. */
  async #run(running: Running, took: number): Promise<DhipError | undefined> {
    const { session, path } = running;
    this.#running = running;
    this.#options.onEvent?.({ type: "up", path: path.kind, took: Math.round(took) });
    for (const { resolve } of this.#waiting) resolve(session);
    this.#waiting.clear();
    const { promise: closing, resolve } = Promise.withResolvers<"closed">();
    const stop = () => resolve("closed");
    this.#closing.signal.addEventListener("abort", stop, { once: true });
    if (this.#closing.signal.aborted) stop();
    const reason = await Promise.race([session.ended, closing]);
    this.#closing.signal.removeEventListener("abort", stop);
    this.#running = undefined;
    this.#bytesIn += session.mux.bytesIn;
    this.#bytesOut += session.mux.bytesOut;
    const isLost = reason !== "closed" && !this.#closing.signal.aborted;
    if (isLost) this.#options.onEvent?.({ type: "lost", reason });
    await session.close();
    await path.release();
    return isLost
      ? new DhipError("DHIP_TUNNEL_LOST", `The tunnel to ${this.host} broke: ${reason}`, {
        host: this.host,
      })
      : undefined;
  }

  async #read(
    { socket, peer, handle }: Pick<TunnelPath, "socket" | "peer" | "handle">,
    session: PtcpSession,
  ): Promise<void> {
    try {
      for (;;) {
        const datagram = await socket.receive();
        if (datagram === null || session.isOver) break;
        if (classify(datagram.bytes) !== "ptcp") handle(datagram);
        else if (sameAddress(datagram.from, peer)) session.input(datagram.bytes);
      }
    } catch {
      // A socket that broke is a path that is gone, as one that was closed.
    }
    session.fail();
  }

  /** Waits, shorter when somebody waits for the tunnel; a final failure is not hurried. */
  async #pause(wait: number, isFinal: boolean, error: DhipError): Promise<void> {
    const began = this.#clock.now();
    const isWanted = () => this.#waiting.size > 0;
    const limit = () => isFinal || !isWanted() ? wait : Math.min(wait, EAGER_WAIT);
    this.#options.onEvent?.({ type: "retry", error, wait: limit() });
    while (!this.#closing.signal.aborted) {
      const left = began + limit() - this.#clock.now();
      if (left <= 0) break;
      const hurried = new AbortController();
      this.#hurry = () => hurried.abort();
      await sleep(left, hurried.signal, this.#clock).catch(() => {});
      this.#hurry = undefined;
      if (isFinal && isWanted()) this.#reject(error);
    }
  }

  #reject(error: DhipError): void {
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting.clear();
  }
}

function asFailure(error: unknown, host: string): DhipError {
  if (error instanceof DhipError) return error;
  // A mistake of the caller or of this program, which does not mend itself.
  return new DhipError("DHIP_P2P_UNREACHABLE", `No tunnel to ${host}`, {
    host,
    cause: error,
    retryable: false,
  });
}
