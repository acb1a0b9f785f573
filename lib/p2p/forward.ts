/**
 * Local TCP ports that lead to ports of a device, as `ssh -L` makes them.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { type Clock, systemClock } from "../net/clock.ts";
import { sleep } from "../net/deadline.ts";
import type { Dialer } from "../net/stream.ts";
import { endpoint } from "../net/tcp.ts";
import { ForwardedConnection, type ForwardEnd } from "./_forwarded_connection.ts";

export type { ForwardEnd } from "./_forwarded_connection.ts";

/** What happens to the connections of a forward; they are numbered from 1. */
export type ForwardEvent =
  & {
    /** Number of the connection. */
    readonly connection: number;
    /** Address and port of the client. */
    readonly client: string;
  }
  & (
    /** The device has connected. */
    | { readonly type: "opened" }
    /** There was no connection to the device, or the client left before. */
    | { readonly type: "failed"; readonly error: DhipError }
    /** It is over. */
    | {
      readonly type: "closed";
      readonly reason: ForwardEnd;
      /** What broke, when something did. */
      readonly error?: DhipError | undefined;
      /** Bytes that the client got. */
      readonly bytesIn: number;
      /** Bytes that the device got. */
      readonly bytesOut: number;
    }
  );

/** Options of a {@linkcode Forward}. Times in milliseconds. */
export interface ForwardOptions {
  /** The way to the device, usually a `P2pTunnel`. */
  readonly dialer: Dialer;
  /** Port of the device, 1 to 65535. */
  readonly remotePort: number;
  /** Local address. Default `127.0.0.1`: others than this computer's programs would get in. */
  readonly host?: string | undefined;
  /** Local port; 0, the default, is any free one. */
  readonly port?: number | undefined;
  /** How long a client waits for the device, and for a tunnel that is being opened. Default 60 000. */
  readonly dialTimeout?: number | undefined;
  /**
   * How long a client that has nothing more to say may still be answered, since the last byte.
   * Default 30 000, and 10 000 at most when the device spoke last. A tunnel cannot tell a device
   * that one direction is over; and a client that has left looks like one that waits.
   */
  readonly lingerTimeout?: number | undefined;
  /** Clients at once. Default 256; the next one is turned away. */
  readonly maxConnections?: number | undefined;
  /** Hears of connections. */
  readonly onEvent?: ((event: ForwardEvent) => void) | undefined;
  /** Injected time. */
  readonly clock?: Clock | undefined;
}

/** Pause after this computer could not take a connection, in milliseconds. */
const ACCEPT_PAUSE = 100;
/** Clients that have nothing more to say and may still read; of more, the first have left. */
const MOST_LINGERING = 32;

/**
 * A local port that listens from the start, whether the device can be reached or not. Every client
 * gets a connection of its own; none waits for another.
 *
 * ```ts
 * import { Forward, P2pTunnel } from "@dhip/dhip";
 * import { Simulator } from "@dhip/dhip/simulator";
 *
 * await using simulator = await Simulator.start({ password: "secret", p2pPort: 0 });
 * const profile = simulator.ready.cloud!;
 * const { serial } = simulator.devices[0]!;
 *
 * const credentials = { user: "admin", password: "secret" };
 * await using dialer = new P2pTunnel({ serial, profile, credentials });
 * await using forward = new Forward({ dialer, remotePort: 554 });
 * console.log(`rtsp://${forward.host}:${forward.port}/cam/realmonitor?channel=1&subtype=0`);
 * ```
 */
export class Forward implements AsyncDisposable {
  /** Local address. */
  readonly host: string;
  /** Local port. */
  readonly port: number;
  /** Port of the device. */
  readonly remotePort: number;
  readonly #options: ForwardOptions;
  readonly #clock: Clock;
  readonly #listener: Deno.TcpListener;
  readonly #connections = new Map<ForwardedConnection, Promise<void>>();
  readonly #closing = new AbortController();
  readonly #accepting: Promise<void>;
  #count = 0;

  /**
   * Listens.
   *
   * @throws {DhipError} `DHIP_LISTEN` when the port is taken or not allowed
   * @throws {RangeError} when `remotePort` is not 1 to 65535
   */
  constructor(options: ForwardOptions) {
    const { host = "127.0.0.1", port = 0, remotePort, clock = systemClock } = options;
    if (!Number.isInteger(remotePort) || remotePort < 1 || remotePort > 65_535) {
      throw new RangeError("A port is 1 to 65535");
    }
    this.#options = options;
    this.#clock = clock;
    this.remotePort = remotePort;
    this.#listener = listen(host, port);
    const { hostname, port: bound } = this.#listener.addr;
    this.host = hostname;
    this.port = bound;
    this.#accepting = this.#accept();
  }

  /** Clients that are connected, or wait for the device. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Stops listening and closes all connections. */
  async close(): Promise<void> {
    this.#closing.abort();
    try {
      this.#listener.close();
    } catch {
      // closed before
    }
    for (const connection of this.#connections.keys()) connection.stop();
    await Promise.all([this.#accepting, ...this.#connections.values()]);
  }

  /** The same as {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #accept(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        const tcp = await this.#listener.accept();
        if (signal.aborted) tcp.close(); // it came in the same moment
        else this.#serve(tcp);
      } catch {
        // A client that was gone at once, or too many open files: it goes on.
        if (!signal.aborted) await sleep(ACCEPT_PAUSE, signal, this.#clock).catch(() => {});
      }
    }
  }

  #serve(tcp: Deno.TcpConn): void {
    const { onEvent, maxConnections = 256, dialer, remotePort } = this.#options;
    const { dialTimeout = 60_000, lingerTimeout = 30_000 } = this.#options;
    const { hostname, port } = tcp.remoteAddr;
    const about = { connection: ++this.#count, client: endpoint(hostname, port) };
    const lingering = [...this.#connections.keys()].filter(({ lingers }) => lingers);
    if (lingering.length > MOST_LINGERING) lingering[0]!.giveUp();
    if (this.#connections.size >= maxConnections) {
      tcp.close();
      const message = `More than ${maxConnections} connections at once`;
      const error = new DhipError("DHIP_TOO_MANY_CALLS", message, { host: dialer.host });
      onEvent?.({ ...about, type: "failed", error });
      return;
    }
    const connection = new ForwardedConnection(tcp, {
      dialer,
      remotePort,
      dialTimeout,
      lingerTimeout,
      clock: this.#clock,
      onOpen: () => onEvent?.({ ...about, type: "opened" }),
    });
    const work = async () => {
      const { failure, ...end } = await connection.run();
      this.#connections.delete(connection);
      if (failure !== undefined) onEvent?.({ ...about, type: "failed", error: failure });
      else onEvent?.({ ...about, type: "closed", ...end });
    };
    this.#connections.set(connection, work());
  }
}

function listen(hostname: string, port: number): Deno.TcpListener {
  try {
    return Deno.listen({ hostname, port });
  } catch (cause) {
    const where = endpoint(hostname, port);
    const [reason, hint] = cause instanceof Deno.errors.AddrInUse
      ? ["it is taken", "Choose another port; 0 is any free one."]
      : cause instanceof Deno.errors.PermissionDenied || cause instanceof Deno.errors.NotCapable
      ? ["it is not allowed", "Ports below 1024 are for administrators: choose another one."]
      : ["this computer has no such address", "Use 127.0.0.1, or an address of this computer."];
    throw new DhipError("DHIP_LISTEN", `Cannot listen on ${where}: ${reason}`, { hint, cause });
  }
}
