/**
 * A socket that passes from the handshake to the tunnel without losing a datagram.
 *
 * @module
 */

import type { Datagram, DatagramAddress, Datagrams } from "../net/udp.ts";

/**
 * A read of a socket cannot be taken back. The one that still waits when the handshake is over is
 * therefore kept for whoever reads next.
 */
export class PathSocket implements Datagrams {
  readonly #socket: Datagrams;
  /** A read whose datagram nobody has taken. */
  #kept: Promise<Datagram | null> | undefined;
  /** The read that was handed out last. */
  #last: Promise<Datagram | null> | undefined;

  constructor(socket: Datagrams) {
    this.#socket = socket;
  }

  get address(): DatagramAddress {
    return this.#socket.address;
  }

  send(bytes: Uint8Array, to: DatagramAddress): Promise<void> {
    return this.#socket.send(bytes, to);
  }

  receive(): Promise<Datagram | null> {
    this.#last = this.#kept ?? this.#socket.receive();
    this.#kept = undefined;
    return this.#last;
  }

  /**
   * Gives every datagram to `take`, until the function that is returned is called or the socket is
   * closed. A reader before may still wait: what it gets, `take` gets too.
   */
  pump(take: (datagram: Datagram) => void): () => void {
    const { promise: stopped, resolve } = Promise.withResolvers<null>();
    let isStopped = false;
    this.#kept ??= this.#last;
    this.#last = undefined;
    (async () => {
      for (;;) {
        this.#kept ??= this.#socket.receive();
        const next = await Promise.race([this.#kept, stopped]);
        if (isStopped) return; // what arrived at the same moment is the next reader's
        this.#kept = undefined;
        if (next === null) return;
        take(next);
      }
    })().catch(() => {}); // a broken socket is silent: whoever waits for an answer has a time limit
    return () => {
      isStopped = true;
      resolve(null);
    };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Datagram, void, void> {
    for (let next = await this.receive(); next !== null; next = await this.receive()) yield next;
  }

  close(): void {
    this.#socket.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}
