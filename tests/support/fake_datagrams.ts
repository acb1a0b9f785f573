/** Datagrams without a network: what was sent is kept, what arrives is written in the test. */

import type { DhipError } from "../../lib/errors.ts";
import type {
  Datagram,
  DatagramAddress,
  DatagramOptions,
  Datagrams,
  OpenDatagrams,
} from "../../lib/net/udp.ts";

export interface Sent {
  /** Local address of the socket. */
  readonly via: string;
  readonly to: DatagramAddress;
  readonly bytes: Uint8Array;
}

/** Answers to a datagram, each with the address it comes from. */
export type Answering = (sent: Sent) => readonly (readonly [string, Uint8Array])[];

export class FakeDatagrams {
  readonly sent: Sent[] = [];
  readonly opened: DatagramOptions[] = [];
  /** Sockets that are open. */
  open = 0;
  readonly #answering: Answering;
  readonly #refuse: (options: DatagramOptions) => DhipError | undefined;

  constructor(
    answering: Answering = () => [],
    refuse: (options: DatagramOptions) => DhipError | undefined = () => undefined,
  ) {
    this.#answering = answering;
    this.#refuse = refuse;
  }

  readonly opener: OpenDatagrams = (options = {}) => {
    const refusal = this.#refuse(options);
    if (refusal !== undefined) return Promise.reject(refusal);
    this.opened.push(options);
    return Promise.resolve(this.#socket(options.host ?? "0.0.0.0"));
  };

  #socket(host: string): Datagrams {
    const queue: Datagram[] = [];
    let wake = () => {};
    let closed = false;
    this.open++;
    const socket: Datagrams = {
      address: { host, port: 40_000 + this.opened.length },
      send: (bytes, to) => {
        const sent = { via: host, to, bytes: bytes.slice() };
        this.sent.push(sent);
        for (const [from, answer] of this.#answering(sent)) {
          queue.push({ bytes: answer, from: { host: from, port: to.port } });
        }
        wake();
        return Promise.resolve();
      },
      async receive() {
        while (queue.length === 0 && !closed) await new Promise<void>((resolve) => wake = resolve);
        return closed ? null : queue.shift()!;
      },
      async *[Symbol.asyncIterator]() {
        for (let next; (next = await socket.receive()) !== null;) yield next;
      },
      close: () => {
        if (!closed) this.open--;
        closed = true;
        wake();
      },
      [Symbol.asyncDispose]: () => Promise.resolve(socket.close()),
    };
    return socket;
  }
}
