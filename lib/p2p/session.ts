/**
 * A PTCP session that runs: moves the datagrams of a {@linkcode Mux} and wakes it when something is
 * due. Nothing here polls: an idle session has one timer.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import type { Clock, Timer } from "../net/clock.ts";
import { withDeadline } from "../net/deadline.ts";
import type { ByteStream, CallOptions } from "../net/stream.ts";
import { Mux } from "./mux.ts";
import type { MuxFailure, MuxOptions } from "./mux_options.ts";
import { RealmStream } from "./_realm_stream.ts";

/** Options of a {@linkcode PtcpSession}. */
export interface PtcpSessionOptions extends MuxOptions {
  /** Name of the device for errors. */
  readonly host: string;
  /** Sends a datagram to the peer; a failure counts as a loss on the way. */
  readonly send: (datagram: Uint8Array) => Promise<void>;
  /** Time. */
  readonly clock: Clock;
}

/** Longest wait for the peer's SYN, in milliseconds. */
const CONNECT_TIMEOUT = 10_000;
/** Longest wait for a sign or its approval, in milliseconds. */
const SIGN_TIMEOUT = 3_000;
/** How long the end may wait for what was under way before it, in milliseconds. */
const CLOSE_TIMEOUT = 250;

/** One session with a device or a relay. */
export class PtcpSession {
  /** What it moves; for figures. */
  readonly mux: Mux;
  readonly #host: string;
  readonly #send: (datagram: Uint8Array) => Promise<void>;
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  readonly #ended = Promise.withResolvers<MuxFailure | "closed">();
  #timer: Timer | undefined;
  #timerAt = Infinity;
  #isPumping = false;
  #idle = Promise.resolve();
  #isClosing = false;
  #isOver = false;

  constructor(options: PtcpSessionOptions) {
    this.#host = options.host;
    this.#send = options.send;
    this.#clock = options.clock;
    this.mux = new Mux(options);
    this.mux.onChange = () => this.#changed();
  }

  /** Resolves when the session is over, to the reason. */
  get ended(): Promise<MuxFailure | "closed"> {
    return this.#ended.promise;
  }

  /** Whether it has ended. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Takes a datagram of the peer. */
  input(datagram: Uint8Array): void {
    this.mux.input(datagram, this.#clock.now());
    this.wake();
  }

  /**
   * Opens the session. Connecting one that is open does nothing.
   *
   * @throws {DhipError} `DHIP_TIMEOUT` (default 10 000 ms), `DHIP_INTERRUPTED`, `DHIP_TUNNEL_LOST`
   */
  async connect(options: CallOptions = {}): Promise<void> {
    if (this.mux.state === "closed") this.mux.connect(this.#clock.now());
    await this.#until(() => this.mux.state !== "connecting", "open a PTCP session", {
      timeout: CONNECT_TIMEOUT,
      ...options,
    });
    if (this.mux.state !== "established") throw this.#lost();
  }

  /**
   * Asks the peer, a relay that the device has joined, for a sign.
   *
   * @returns the sign, a secret; null when none came within 3 s: some firmwares know no signs
   * @throws {DhipError} `DHIP_INTERRUPTED`, `DHIP_TUNNEL_LOST`
   */
  async requestSign(options: CallOptions = {}): Promise<Uint8Array | null> {
    this.mux.requestSign();
    return await this.#within(() => this.mux.sign !== undefined, "get a sign", options)
      ? this.mux.sign!
      : null;
  }

  /**
   * Shows the device a sign.
   *
   * @returns whether it was approved within 3 s; some firmwares never say
   * @throws {DhipError} `DHIP_INTERRUPTED`, `DHIP_TUNNEL_LOST`
   */
  async authorise(sign: Uint8Array, options: CallOptions = {}): Promise<boolean> {
    this.mux.authorise(sign);
    return await this.#within(() => this.mux.authorised, "show the sign", options);
  }

  /**
   * Opens a connection to a port of the device's own loopback.
   *
   * @throws {RangeError} when the port is not 1 to 65535
   * @throws {DhipError} `DHIP_BIND_REFUSED` when the device closes it or says nothing,
   *   `DHIP_TIMEOUT`, `DHIP_INTERRUPTED`, `DHIP_TUNNEL_LOST`
   */
  async open(port: number, options: CallOptions = {}): Promise<ByteStream> {
    if (this.#isOver || this.#isClosing) throw this.#lost();
    const realm = this.mux.open(port);
    const stream = new RealmStream(realm, this.#host, () => this.wake());
    try {
      await withDeadline(() => stream.opened, {
        what: `connect to port ${port} of ${this.#host} through the tunnel`,
        host: this.#host,
        clock: this.#clock,
        ...options,
      });
      return stream;
    } catch (error) {
      stream.close();
      throw error;
    } finally {
      this.wake();
    }
  }

  /** Sends what is to be sent, and sets the timer for what will be. */
  wake(): void {
    if (!this.#isOver && !this.#isPumping) this.#idle = this.#pump();
  }

  /** The socket broke: the session and its realms are lost. */
  fail(): void {
    if (!this.#isOver) this.mux.fail("socket");
  }

  /** Disconnects all realms, waits 250 ms at most until the peer knows, and ends the session. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.mux.closeRealms();
    if (this.mux.state === "established") {
      const options = { timeout: CLOSE_TIMEOUT };
      await this.#until(() => this.mux.isSettled, "end a PTCP session", options).catch(() => {});
    }
    await this.#idle;
    this.#finish("closed");
  }

  async #pump(): Promise<void> {
    this.#isPumping = true;
    for (;;) {
      const datagram = this.mux.poll(this.#clock.now());
      if (datagram === null) break;
      try {
        await this.#send(datagram);
      } catch {
        break; // as if it were lost: it is sent again when its time has come
      }
    }
    // No await since the last poll: what happens from here on wakes another pump.
    this.#isPumping = false;
    this.#look();
    if (!this.#isOver) this.#arm();
  }

  /** One timer, moved only when something is due earlier: most deadlines move away unmet. */
  #arm(): void {
    const at = this.mux.deadline;
    if (at >= this.#timerAt || at === Infinity) return;
    this.#timer?.cancel();
    this.#timerAt = at;
    this.#timer = this.#clock.timer(() => {
      this.#timerAt = Infinity;
      this.wake();
    }, Math.max(0, at - this.#clock.now()));
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }

  #changed(): void {
    this.#look();
    const { failure } = this.mux;
    if (failure !== undefined) this.#finish(failure);
  }

  #finish(reason: MuxFailure | "closed"): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.mux.close();
    this.#timer?.cancel();
    this.#ended.resolve(reason);
    this.#look();
  }

  /** Waits for a condition or the end of the session. */
  async #until(isMet: () => boolean, what: string, options: CallOptions): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (isMet() || this.#isOver) resolve();
    };
    this.#waiting.add(look);
    look();
    this.wake();
    try {
      await withDeadline(() => promise, {
        what,
        host: this.#host,
        clock: this.#clock,
        ...options,
      });
    } finally {
      this.#waiting.delete(look);
    }
  }

  /** Waits for a condition that need not come true. */
  async #within(isMet: () => boolean, what: string, options: CallOptions): Promise<boolean> {
    try {
      await this.#until(isMet, what, { timeout: SIGN_TIMEOUT, ...options });
    } catch (error) {
      if (!(error instanceof DhipError) || error.code !== "DHIP_TIMEOUT") throw error;
    }
    if (this.#isOver) throw this.#lost();
    return isMet();
  }

  #lost(): DhipError {
    return new DhipError("DHIP_TUNNEL_LOST", `No PTCP session with ${this.#host}`, {
      host: this.#host,
    });
  }
}
