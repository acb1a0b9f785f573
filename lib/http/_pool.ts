/** The few connections to one port of one device. */

import { DhipError } from "../errors.ts";
import type { Clock, Timer } from "../net/clock.ts";
import { interrupted } from "../net/deadline.ts";
import type { ByteStream } from "../net/stream.ts";
import { type ConnectionOwner, HttpConnection } from "./_connection.ts";
import { Semaphore } from "./_semaphore.ts";

/** What a pool needs. Times in milliseconds. */
export interface PoolOptions {
  /** Opens a stream. */
  readonly dial: (signal: AbortSignal) => Promise<ByteStream>;
  /** `host:port`, for errors. */
  readonly host: string;
  /** Most connections at once. */
  readonly maxConnections: number;
  /** How long an unused connection is kept. */
  readonly keepAlive: number;
  /** Time. */
  readonly clock: Clock;
}

/** A connection for one request. */
export interface Lease {
  /** The connection. */
  readonly connection: HttpConnection;
  /** True when it carried a request before, so that the device may be closing it just now. */
  readonly reused: boolean;
}

/** Keeps connections between requests and bounds their number. */
export class ConnectionPool implements ConnectionOwner {
  readonly #options: PoolOptions;
  readonly #places: Semaphore;
  /** Connections in use, with what gives their places back. */
  readonly #used = new Map<HttpConnection, () => void>();
  readonly #free = new Map<HttpConnection, Timer>();
  readonly #closing = new AbortController();

  /** Makes an empty pool. */
  constructor(options: PoolOptions) {
    this.#options = options;
    this.#places = new Semaphore(options.maxConnections);
  }

  /** A connection; with `fresh` a new one, as the others are likely dead too. */
  async acquire(signal: AbortSignal, fresh: boolean): Promise<Lease> {
    const either = AbortSignal.any([signal, this.#closing.signal]);
    const leave = await this.#places.enter(either, "wait for a connection");
    try {
      if (either.aborted) throw interrupted(either, "wait for a connection", this.#options.host);
      if (fresh) { for (const connection of this.#free.keys()) connection.close(); }
      let connection = [...this.#free.keys()].at(-1); // the one used last is the most alive
      const reused = connection !== undefined;
      if (connection === undefined) {
        const stream = await this.#options.dial(either);
        if (either.aborted) { // in the same moment
          stream.close();
          throw interrupted(either, "connect", this.#options.host);
        }
        connection = new HttpConnection(stream, this.#options.host, this.#options.clock, this);
      } else {
        this.#free.get(connection)!.cancel();
        this.#free.delete(connection);
      }
      this.#used.set(connection, leave);
      return { connection, reused };
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** See {@linkcode ConnectionOwner.onFree}. */
  onFree(connection: HttpConnection): void {
    const leave = this.#used.get(connection)!;
    this.#used.delete(connection);
    const timer = this.#options.clock.timer(() => connection.close(), this.#options.keepAlive);
    this.#free.set(connection, timer);
    connection.rest();
    leave();
  }

  /** See {@linkcode ConnectionOwner.onClosed}. */
  onClosed(connection: HttpConnection): void {
    this.#free.get(connection)?.cancel();
    this.#free.delete(connection);
    this.#used.get(connection)?.();
    this.#used.delete(connection);
  }

  /** Closes everything; what is under way ends with `DHIP_CLOSED`. */
  close(): void {
    this.#closing.abort(
      new DhipError("DHIP_CLOSED", "The HTTP client was closed by this program", {
        host: this.#options.host,
      }),
    );
    for (const connection of [...this.#used.keys(), ...this.#free.keys()]) connection.close();
  }
}
