/**
 * One client of a forward and its connection to the device.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import type { Clock, Timer } from "../net/clock.ts";
import type { ByteStream, Dialer } from "../net/stream.ts";

/** Who ended a connection: the client, the device, a link that broke, or this program. */
export type ForwardEnd = "client" | "device" | "lost" | "stopped";

/** How a connection ended. */
export interface ForwardResult {
  /** Why there was none; nothing else counts then. */
  readonly failure?: DhipError | undefined;
  readonly reason: ForwardEnd;
  readonly error?: DhipError | undefined;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** What a connection needs. */
export interface ForwardedOptions {
  readonly dialer: Dialer;
  readonly remotePort: number;
  readonly dialTimeout: number;
  readonly lingerTimeout: number;
  readonly clock: Clock;
  readonly onOpen: () => void;
}

/** `lingerTimeout` for a client that was answered before it left: it has closed, most likely. */
const ANSWERED_LINGER = 10_000;
/** A client that is gone altogether has told so by then after it was sent something, in milliseconds. */
const RESET_TIME = 100;
const NOTHING = new Uint8Array(0);
/** Bytes that are copied at a time. */
const BUFFER = 32 * 1024;
/**
 * How long a client may take to close after the device did, in milliseconds. Closing at once while
 * the client is still sending would reset the connection, and take bytes away that it has not read.
 */
const CLOSE_TIMEOUT = 1_000;

/** Copies both ways until one side has had enough. */
export class ForwardedConnection {
  readonly #tcp: Deno.TcpConn;
  readonly #options: ForwardedOptions;
  readonly #leaving = new AbortController();
  readonly #ended = Promise.withResolvers<Pick<ForwardResult, "reason" | "error">>();
  #lingering: Timer | undefined;
  #probing: Timer | undefined;
  #reading: Timer | undefined;
  #broken: DhipError | undefined;
  /** Nothing more comes from the client, though it may still read. */
  #isHalfClosed = false;
  #isOver = false;
  /** The device has spoken since the client last did. */
  #isAnswered = true;
  /** For how long a client that is half closed may be silent. */
  #patience = 0;
  #bytesIn = 0;
  #bytesOut = 0;

  constructor(tcp: Deno.TcpConn, options: ForwardedOptions) {
    this.#tcp = tcp;
    this.#options = options;
    try {
      tcp.setNoDelay(true);
    } catch {
      // macOS: the client is gone already, which reading tells.
    }
  }

  /** Whether it is only there because its client might still read, which most don't. */
  get lingers(): boolean {
    return this.#isHalfClosed && !this.#isOver;
  }

  /** Ends one that {@linkcode lingers}. */
  giveUp(): void {
    this.#end("client");
  }

  /** Closes it from this side. */
  stop(): void {
    this.#end("stopped");
    this.#leaving.abort(new DhipError("DHIP_CLOSED", "The forward was closed"));
  }

  /** Connects, copies, closes; never rejects. */
  async run(): Promise<ForwardResult> {
    const { dialer, remotePort, dialTimeout, onOpen } = this.#options;
    const buffer = new Uint8Array(BUFFER);
    // While the device is called: what a client that leaves wanted is not waited for.
    const first = this.#read(buffer);
    void first.then((count) => {
      if (count === null) this.#leaving.abort(new DhipError("DHIP_CLOSED", "The client left"));
    });
    let stream: ByteStream;
    try {
      const { signal } = this.#leaving;
      stream = await dialer.dial(remotePort, { signal, timeout: dialTimeout });
    } catch (error) {
      close(this.#tcp);
      await first;
      return { failure: asFailure(error, dialer.host), reason: "lost", bytesIn: 0, bytesOut: 0 };
    }
    onOpen();
    void stream.broken?.then((error) => this.#expectReading(error));
    const up = this.#copyUp(stream, buffer, first);
    const down = this.#copyDown(stream);
    const end = await this.#ended.promise;
    this.#lingering?.cancel();
    this.#probing?.cancel();
    this.#reading?.cancel();
    stream.close();
    if (end.reason === "device") await this.#letRead(up);
    close(this.#tcp);
    await Promise.all([up, down]);
    return { ...end, bytesIn: this.#bytesIn, bytesOut: this.#bytesOut };
  }

  /** From the client to the device. What a device that is gone would get is thrown away. */
  async #copyUp(
    stream: ByteStream,
    buffer: Uint8Array,
    first: Promise<number | null>,
  ): Promise<void> {
    let isOpen = true;
    for (let count = await first; count !== null; count = await this.#read(buffer)) {
      if (!isOpen) continue;
      this.#isAnswered = false;
      try {
        await stream.write(buffer.subarray(0, count));
        this.#bytesOut += count;
      } catch {
        isOpen = false; // the other direction tells why
      }
    }
    this.#isHalfClosed = true;
    const { lingerTimeout } = this.#options;
    this.#patience = this.#isAnswered ? Math.min(ANSWERED_LINGER, lingerTimeout) : lingerTimeout;
    this.#linger();
  }

  /** From the device to the client. */
  async #copyDown(stream: ByteStream): Promise<void> {
    const buffer = new Uint8Array(BUFFER);
    for (;;) {
      let count: number | null;
      try {
        count = await stream.read(buffer);
      } catch (error) {
        return this.#end("lost", asFailure(error, this.#options.dialer.host));
      }
      if (count === null) return this.#end("device");
      try {
        for (let at = 0; at < count;) at += await this.#tcp.write(buffer.subarray(at, count));
      } catch {
        return this.#end("client");
      }
      this.#bytesIn += count;
      this.#isAnswered = true;
      if (this.#isHalfClosed) this.#linger();
      if (this.#broken !== undefined) this.#expectReading(this.#broken);
    }
  }

  /** The connection is lost; what has arrived before is for a client that reads. */
  #expectReading(error: DhipError): void {
    this.#broken = error;
    this.#reading?.cancel();
    if (this.#isOver) return;
    this.#reading = this.#options.clock.timer(() => this.#end("lost", error), CLOSE_TIMEOUT);
  }

  /**
   * A client that has nothing more to say is answered as long as answers come. Most have closed for
   * good, which looks the same until they are sent something.
   */
  #linger(): void {
    const { clock } = this.#options;
    this.#lingering?.cancel();
    if (this.#isOver) return;
    this.#lingering = clock.timer(() => this.#end("client"), this.#patience);
    this.#probing?.cancel();
    this.#probing = clock.timer(() => {
      this.#tcp.write(NOTHING).catch(() => this.#end("client")); // it was reset
    }, RESET_TIME);
  }

  /** Tells the client that nothing more comes, and lets it read what is on its way. */
  async #letRead(up: Promise<void>): Promise<void> {
    await this.#tcp.closeWrite().catch(() => {});
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = this.#options.clock.timer(resolve, CLOSE_TIMEOUT);
    await Promise.race([up, late]);
    timer.cancel();
  }

  #end(reason: ForwardEnd, error?: DhipError): void {
    this.#isOver = true;
    this.#ended.resolve({ reason, error });
  }

  /** Null at the end. A client that is gone altogether ends the connection. */
  async #read(buffer: Uint8Array): Promise<number | null> {
    try {
      return await this.#tcp.read(buffer);
    } catch {
      this.#end("client");
      return null;
    }
  }
}

function close(tcp: Deno.TcpConn): void {
  try {
    tcp.close();
  } catch {
    // closed before
  }
}

function asFailure(error: unknown, host: string): DhipError {
  if (error instanceof DhipError) return error;
  return new DhipError("DHIP_CONNECTION_LOST", `The connection to ${host} broke`, {
    host,
    cause: error,
  });
}
