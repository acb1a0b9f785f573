/**
 * A movement, and above all its end.
 *
 * A camera that was told to move goes on until it is told to stop; nobody may lose the order to
 * stop. So it is repeated until it is acknowledged, over a new connection when the present one is
 * lost or silent, and no signal of whoever began the movement takes it back.
 *
 * @module
 */

import { AuthError, DhipError } from "../../errors.ts";
import { interrupted, sleep, withDeadline } from "../../net/deadline.ts";
import { isRefusal, type PtzCaller } from "./caller.ts";
import type { PtzSpeedOptions } from "./options.ts";
import type { Order, Way } from "./orders.ts";
import type { Movement } from "./ptz.ts";

/** Longest time from the wish to stop to giving up, in milliseconds. */
const STOP_LIMIT = 10_000;
/** Shortest and longest wait for the acknowledgement of one stop. */
const PATIENCE = { min: 300, max: 3_000 } as const;
/** A stop may take this many times as long as the start took. */
const SLACK = 4;
/** Unanswered stops after which a connection counts as dead. */
const SILENT_STOPS = 2;
/** Limit for a stop that needs a new connection and a login. */
const NEW_LINK_PATIENCE = 3_000;
/** Stops that the device may refuse. */
const REFUSED_STOPS = 3;
/** Pause before a stop that failed at once is repeated once more. */
const PAUSE = 200;

/** {@linkcode Movement} of a Dahua device. */
export class RunningMovement implements Movement {
  readonly #caller: PtzCaller;
  readonly #channel: number;
  readonly #name: string;
  readonly #ended = Promise.withResolvers<DhipError | undefined>();
  /** How it stops; undefined until a start was sent that has to be undone. */
  #stop: Way | undefined;
  /**
   * The start, while it is under way over HTTP: there a stop overtakes it on another connection, even
   * one that was given up. Settles to whether it may have been done.
   */
  #starting: Promise<boolean> | undefined;
  #patience = 1_000;
  #stopping: Promise<void> | undefined;

  /** A movement that has not begun. */
  constructor(caller: PtzCaller, order: Order, channel: number) {
    this.#caller = caller;
    this.#channel = channel;
    this.#name = order.name;
  }

  /** See {@linkcode Movement.ended}. */
  get ended(): Promise<DhipError | undefined> {
    return this.#ended.promise;
  }

  /**
   * Begins it.
   *
   * @throws {DhipError} the device's refusal, or another failure after which the camera was stopped
   */
  async begin(order: Order, options: PtzSpeedOptions): Promise<void> {
    const { link } = this.#caller;
    const { clock } = link;
    const { signal, timeout } = options;
    let sentAt = 0;
    let closed: Promise<DhipError | undefined>;
    const onSend = (way: Way) => {
      // Whoever closes the camera meanwhile has stopped it: it must not begin afterwards.
      if (this.#stopping !== undefined) throw this.#overBefore();
      if (signal?.aborted) throw interrupted(signal, this.#name, link.host);
      this.#stop = way.stop;
      sentAt = clock.now();
    };
    try {
      const session = await link.session({ signal, timeout });
      closed = session.closed;
      const inOrder = session.transport === "dhip";
      const call = { signal: inOrder ? signal : undefined, timeout, onSend };
      const sent = this.#caller.send(order, this.#channel, call);
      sent.catch(() => {}); // an abort may have ended the wait for it
      if (!inOrder) this.#starting = sent.then(() => true, (error) => !isRefusal(error));
      await withDeadline(() => sent, { what: this.#name, host: link.host, signal, clock });
      this.#starting = undefined;
    } catch (error) {
      // What was not refused may have been done, whoever did not hear of it.
      if (isRefusal(error)) this.#stop = undefined;
      await this.stop();
      throw error;
    }
    const took = clock.now() - sentAt;
    this.#patience = Math.min(PATIENCE.max, Math.max(PATIENCE.min, SLACK * took));
    closed.then((reason) => this.#onLost(reason));
  }

  /** See {@linkcode Movement.stop}. */
  stop(): Promise<void> {
    this.#stopping ??= this.#halt().finally(() => this.#ended.resolve(undefined));
    return this.#stopping;
  }

  /** The same as {@linkcode stop}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** The link is gone and the camera still moves. */
  #onLost(reason: DhipError | undefined): void {
    if (reason === undefined || this.#stopping !== undefined) return;
    this.#stopping = this.#halt();
    this.#stopping.then(
      () =>
        this.#ended.resolve(
          new DhipError(reason.code, `${reason.message}; the camera was stopped over a new one`, {
            host: reason.host,
            hint: reason.hint,
            cause: reason,
          }),
        ),
      () => this.#ended.resolve(reason), // whoever stops it hears that this failed
    );
  }

  async #halt(): Promise<void> {
    const way = this.#stop;
    if (way === undefined) return;
    await this.#order(way);
    const starting = this.#starting;
    if (starting === undefined) return;
    const { clock } = this.#caller.link;
    const limits = { what: this.#name, timeout: PATIENCE.max, clock };
    if (await withDeadline(() => starting, limits).catch(() => true)) await this.#order(way);
  }

  /** Orders the stop until it is acknowledged. */
  async #order(way: Way): Promise<void> {
    const { link } = this.#caller;
    const { clock } = link;
    const end = clock.now() + STOP_LIMIT;
    let refused = 0;
    let silent = 0;
    for (let attempt = 1;; attempt++) {
      const session = link.current;
      const known = session !== undefined && silent < SILENT_STOPS;
      const timeout = Math.min(end - clock.now(), known ? this.#patience : NEW_LINK_PATIENCE);
      try {
        return await withDeadline(
          (signal) => this.#caller.carryOut(way, this.#channel, { signal, timeout }),
          { what: `stop (${this.#name})`, host: link.host, timeout, clock },
        );
      } catch (error) {
        if (!(error instanceof DhipError)) throw error;
        const hopeless = error instanceof AuthError && !error.retryable;
        const timedOut = error.code === "DHIP_TIMEOUT";
        if (isRefusal(error)) refused++;
        if (timedOut && known && ++silent === SILENT_STOPS) link.leave(session);
        const pause = timedOut || attempt === 1 ? 0 : PAUSE;
        if (hopeless || refused === REFUSED_STOPS || clock.now() + pause >= end) {
          throw this.#unstopped(error);
        }
        await sleep(pause, undefined, clock);
      }
    }
  }

  #unstopped(cause: DhipError): DhipError {
    return new DhipError(
      cause.code,
      `The camera may still move (${this.#name}): ${cause.message}`,
      {
        host: cause.host,
        method: cause.method,
        deviceCode: cause.deviceCode,
        hint: "Stop it: dhip ptz stop TARGET",
        cause,
      },
    );
  }

  #overBefore(): DhipError {
    const { host } = this.#caller.link;
    return new DhipError("DHIP_CLOSED", `The movement was over before it began: ${this.#name}`, {
      host,
    });
  }
}
