/** One of our PseudoTcps on a UDP socket of 127.0.0.1, with the application of a test. */

import { createHash, type Hash } from "node:crypto";
import { type Datagrams, openDatagrams } from "../../lib/net/udp.ts";
import { PseudoTcp } from "../../lib/p2p/pseudo_tcp.ts";
import type { PseudoTcpOptions } from "../../lib/p2p/pseudo_tcp_types.ts";
import { between, seeded } from "../support/random.ts";

/** What the application does. */
export interface UdpEndOptions extends Omit<PseudoTcpOptions, "deliver"> {
  /** Bytes to send; default 0. */
  readonly send?: number;
  /** Sizes of the messages. Default 1 292, the most. */
  readonly message?: () => number;
  /** Stops reading after this many bytes, */
  readonly stallAt?: number;
  /** for this time in ms. */
  readonly stallMs?: number;
}

export class UdpEnd implements AsyncDisposable {
  readonly tcp: PseudoTcp;
  received = 0;
  sent = 0;
  /** Datagrams that came. */
  seen = 0;
  readonly #socket: Datagrams;
  readonly #options: UdpEndOptions;
  readonly #received: Hash = createHash("sha256");
  readonly #sent: Hash = createHash("sha256");
  readonly #bytes: Uint8Array;
  #unread = 0;
  #stalledUntil = 0;
  #stalled = false;
  #peer: { host: string; port: number } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #busy = false;
  #again = false;
  #loop: Promise<void> = Promise.resolve();
  #changed: () => void = () => {};
  #failure: unknown;

  private constructor(socket: Datagrams, options: UdpEndOptions) {
    const { send: _, message: _m, stallAt: _a, stallMs: _b, ...rest } = options;
    this.#socket = socket;
    this.#options = options;
    const random = seeded(99);
    this.#bytes = Uint8Array.from({ length: 1 << 16 }, () => random() * 256);
    this.tcp = new PseudoTcp({
      ...rest,
      deliver: (bytes) => {
        this.#received.update(bytes);
        this.received += bytes.length;
        this.#unread += bytes.length;
      },
    });
  }

  static async open(options: UdpEndOptions = {}): Promise<UdpEnd> {
    const end = new UdpEnd(await openDatagrams({ host: "127.0.0.1" }), options);
    end.#loop = end.#receive();
    return end;
  }

  get port(): number {
    return this.#socket.address.port;
  }

  /** Opens the session. */
  connect(port: number): void {
    this.#peer = { host: "127.0.0.1", port };
    this.tcp.connect(performance.now());
    this.#pump();
  }

  /** Waits until `done`, or until the session has failed. */
  async until(done: () => boolean): Promise<void> {
    while (!done()) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.tcp.state === "failed") throw new Error(`The session failed: ${this.tcp.failure}`);
      await new Promise<void>((resolve) => this.#changed = resolve);
    }
  }

  /** Everything sent is acknowledged, and this much has come. */
  settled(received: number): Promise<void> {
    const { send = 0 } = this.#options;
    return this.until(() =>
      this.received >= received && this.sent >= send && this.tcp.stats.flight === 0 &&
      this.tcp.writable
    );
  }

  receivedSha256(): string {
    return this.#received.copy().digest("hex");
  }

  sentSha256(): string {
    return this.#sent.copy().digest("hex");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    this.tcp.close();
    this.#socket.close();
    await this.#loop;
  }

  async #receive(): Promise<void> {
    for (;;) {
      const datagram = await this.#socket.receive();
      if (datagram === null) return;
      this.seen++;
      this.tcp.input(datagram.bytes, performance.now());
      await this.#pump();
    }
  }

  /** Runs the application, then sends what is due; one at a time. */
  async #pump(): Promise<void> {
    this.#again = true;
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#again) {
        this.#again = false;
        this.#run();
        for (;;) {
          if (this.#peer === undefined) break;
          const datagram = this.tcp.poll(performance.now());
          if (datagram === null) break;
          // Its memory is of the next call: nothing else may call meanwhile.
          await this.#socket.send(datagram.slice(), this.#peer);
          this.#run();
        }
      }
    } catch (error) {
      this.#failure = error;
    } finally {
      this.#busy = false;
    }
    this.#changed();
    this.#arm();
  }

  #run(): void {
    const { send = 0, message, stallAt = Infinity, stallMs = 0 } = this.#options;
    const now = performance.now();
    if (!this.#stalled && this.received >= stallAt) {
      this.#stalled = true;
      this.#stalledUntil = now + stallMs;
    }
    if (this.#unread > 0 && now >= this.#stalledUntil) {
      this.tcp.consume(this.#unread);
      this.#unread = 0;
    }
    while (this.sent < send && this.tcp.writable) {
      const length = Math.min(message?.() ?? 1_292, send - this.sent);
      const from = this.sent * 31 % 60_000;
      const bytes = this.#bytes.subarray(from, from + length);
      this.tcp.send(bytes.subarray(0, 12), bytes.subarray(12));
      this.#sent.update(bytes);
      this.sent += length;
    }
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const stall = this.#unread > 0 ? this.#stalledUntil : Infinity;
    const at = Math.min(this.tcp.deadline, stall);
    if (at === Infinity) return;
    this.#timer = setTimeout(() => this.#pump(), Math.max(0, at - performance.now()));
  }
}

/** Sizes of messages by seed: mostly full ones, some small. */
export function mixedSizes(seed: number): () => number {
  const random = seeded(seed);
  return () => random() < 0.5 ? 1_292 : between(random, 1, 1_292);
}
