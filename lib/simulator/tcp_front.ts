/**
 * A listening TCP port in front of a device.
 *
 * @module
 */

import type { Clock } from "../net/clock.ts";
import { sleep } from "../net/deadline.ts";
import type { ByteStream } from "../net/stream.ts";
import { cannotListen, type NetworkFront } from "./front.ts";

/** Wait after a failed accept (no free file handle), in milliseconds. */
const ACCEPT_PAUSE = 50;

/** Listens and hands connections on. */
export class TcpFront implements NetworkFront {
  readonly #host: string;
  readonly #clock: Clock;
  readonly #serve: (stream: ByteStream, address: string) => Promise<void>;
  #port: number;
  #listener: Deno.TcpListener | undefined;
  #accepting: Promise<void> = Promise.resolve();
  #stop = new AbortController();

  /** `port` 0 takes a free one at the first `up` and keeps it. */
  constructor(
    host: string,
    port: number,
    clock: Clock,
    serve: (stream: ByteStream, address: string) => Promise<void>,
  ) {
    this.#host = host;
    this.#port = port;
    this.#clock = clock;
    this.#serve = serve;
  }

  /** The port; 0 before the first `up` when any was asked for. */
  get port(): number {
    return this.#port;
  }

  /**
   * Opens the port.
   *
   * @throws {DhipError} `DHIP_UNREACHABLE` when it cannot be had
   */
  async up(): Promise<void> {
    await this.down();
    const listener = listen(this.#host, this.#port);
    this.#port = listener.addr.port;
    this.#listener = listener;
    this.#stop = new AbortController();
    this.#accepting = this.#accept(listener);
  }

  /** Closes the port. */
  async down(): Promise<void> {
    this.#stop.abort();
    this.#listener?.close();
    this.#listener = undefined;
    await this.#accepting;
  }

  async #accept(listener: Deno.TcpListener): Promise<void> {
    while (this.#listener === listener) {
      let connection: Deno.TcpConn;
      try {
        connection = await listener.accept();
      } catch {
        if (this.#listener !== listener) return;
        await sleep(ACCEPT_PAUSE, this.#stop.signal, this.#clock).catch(() => {});
        continue;
      }
      // `serve` never rejects: what goes wrong on a connection ends there.
      this.#serve(new AcceptedStream(connection, this.#clock), connection.remoteAddr.hostname);
    }
  }
}

function listen(hostname: string, port: number): Deno.TcpListener {
  try {
    return Deno.listen({ hostname, port });
  } catch (error) {
    throw cannotListen(hostname, port, error);
  }
}

/** Milliseconds that the last write before a close has, so that the client still gets it. */
const LAST_WORD = 50;

/** An accepted connection. */
class AcceptedStream implements ByteStream {
  readonly #connection: Deno.TcpConn;
  readonly #clock: Clock;
  #writing: Promise<void> | undefined;
  #closed = false;

  constructor(connection: Deno.TcpConn, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
    connection.setNoDelay(true);
  }

  read(buffer: Uint8Array): Promise<number | null> {
    return this.#connection.read(buffer);
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#writing = this.#write(bytes);
    try {
      await this.#writing;
    } finally {
      this.#writing = undefined;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#writing === undefined) return this.#connection.close();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.timer(resolve, LAST_WORD);
    this.#writing.then(resolve, resolve);
    promise.then(() => {
      timer.cancel();
      this.#connection.close();
    });
  }

  async #write(bytes: Uint8Array): Promise<void> {
    let offset = await this.#connection.write(bytes);
    while (offset < bytes.length) offset += await this.#connection.write(bytes.subarray(offset));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}
