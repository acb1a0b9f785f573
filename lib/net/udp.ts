/**
 * Datagrams: UDP behind an interface that tests can put something else in place of.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { endpoint } from "./tcp.ts";

/** Where a datagram goes or comes from. */
export interface DatagramAddress {
  /** IPv4 or bare IPv6 address; for sending also a name. */
  readonly host: string;
  /** UDP port. */
  readonly port: number;
}

/** A datagram that arrived. */
export interface Datagram {
  /** Its bytes, in memory that the next one overwrites: copy what you keep. */
  readonly bytes: Uint8Array;
  /** Who sent it. */
  readonly from: DatagramAddress;
}

/** One UDP socket. */
export interface Datagrams extends AsyncIterable<Datagram>, AsyncDisposable {
  /** Its own address, with the port that it got. */
  readonly address: DatagramAddress;
  /**
   * Sends one datagram.
   *
   * @throws {DhipError} `DHIP_UNREACHABLE` when this host cannot send it
   */
  send(bytes: Uint8Array, to: DatagramAddress): Promise<void>;
  /**
   * Waits for the next datagram; null after `close`. One call at a time. What is longer than the
   * buffer is cut.
   *
   * @throws {DhipError} `DHIP_CONNECTION_LOST` when the socket broke
   */
  receive(): Promise<Datagram | null>;
  /** Closes the socket and ends the iteration. Closing twice is harmless. */
  close(): void;
}

/** What {@linkcode openDatagrams} opens. */
export interface DatagramOptions {
  /**
   * Address of this host to send from and listen on. Default `0.0.0.0`, every one. With that of
   * one interface, multicast and broadcast leave through it (Linux and Windows).
   */
  readonly host?: string | undefined;
  /** Port; 0, the default, is any free one. */
  readonly port?: number | undefined;
  /** Longest datagram that is received whole, in bytes. Default 65 536. */
  readonly maxSize?: number | undefined;
  /** An IPv4 group to join. */
  readonly multicast?: MulticastOptions | undefined;
}

/** Membership in a multicast group. */
export interface MulticastOptions {
  /** Group, for example `239.255.255.251`. */
  readonly group: string;
  /** Address of the interface to join on. Default: that of the socket. */
  readonly interfaceAddress?: string | undefined;
  /** Routers that a datagram to the group may pass, plus one. Default 1: this network only. */
  readonly ttl?: number | undefined;
}

/** Opens a socket; tests inject their own. */
export type OpenDatagrams = (options?: DatagramOptions) => Promise<Datagrams>;

/**
 * Opens a UDP socket.
 *
 * @throws {DhipError} `DHIP_UNREACHABLE` when there is no such local address or permission, or when
 *   the runtime offers no datagrams
 */
export async function openDatagrams(options: DatagramOptions = {}): Promise<Datagrams> {
  const { host = "0.0.0.0", port = 0, maxSize = 65_536, multicast } = options;
  const where = endpoint(host, port);
  requireApi(where);
  let connection: Deno.DatagramConn | undefined;
  try {
    connection = Deno.listenDatagram({ transport: "udp", hostname: host, port });
    if (multicast !== undefined) {
      const { group, interfaceAddress = host, ttl = 1 } = multicast;
      const membership = await connection.joinMulticastV4(group, interfaceAddress);
      await membership.setTTL(ttl);
    }
    return new UdpSocket(connection, maxSize);
  } catch (error) {
    connection?.close();
    throw failure(error, `Cannot open a UDP socket on ${where}`, where);
  }
}

/** Datagrams are an unstable part of Deno: without its switch the function is simply missing. */
function requireApi(host: string): void {
  if (typeof (Deno as Partial<typeof Deno>).listenDatagram === "function") return;
  throw new DhipError("DHIP_UNREACHABLE", "This program runs without Deno's datagrams (UDP)", {
    host,
    retryable: false,
    hint: 'Run it with --unstable-net, or put "unstable": ["net"] into its deno.json.',
  });
}

class UdpSocket implements Datagrams {
  readonly address: DatagramAddress;
  readonly #connection: Deno.DatagramConn;
  readonly #buffer: Uint8Array;
  #closed = false;

  constructor(connection: Deno.DatagramConn, maxSize: number) {
    this.#connection = connection;
    this.#buffer = new Uint8Array(maxSize);
    const { hostname, port } = connection.addr as Deno.NetAddr;
    this.address = { host: hostname, port };
  }

  async send(bytes: Uint8Array, { host, port }: DatagramAddress): Promise<void> {
    try {
      await this.#connection.send(bytes, { transport: "udp", hostname: host, port });
    } catch (error) {
      const where = endpoint(host, port);
      throw failure(error, `Cannot send to ${where}`, where);
    }
  }

  async receive(): Promise<Datagram | null> {
    for (;;) {
      if (this.#closed) return null;
      try {
        const [bytes, from] = await this.#connection.receive(this.#buffer);
        const { hostname, port } = from as Deno.NetAddr;
        return { bytes, from: { host: hostname, port } };
      } catch (error) {
        if (this.#closed) return null;
        // Windows tells here that an earlier datagram found no listener; that is its sender's loss.
        if (isRefusal(error)) continue;
        const where = endpoint(this.address.host, this.address.port);
        throw new DhipError("DHIP_CONNECTION_LOST", `The UDP socket ${where} broke`, {
          host: where,
          cause: error,
        });
      }
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Datagram, void, void> {
    for (let next = await this.receive(); next !== null; next = await this.receive()) yield next;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.ConnectionRefused;
}

function failure(error: unknown, what: string, host: string): DhipError {
  if (error instanceof Deno.errors.NotCapable) {
    return new DhipError("DHIP_UNREACHABLE", `${what}: no permission`, {
      host,
      retryable: false,
      hint: "Run with --allow-net for this address.",
    });
  }
  const text = error instanceof Error ? error.message : String(error);
  const reason = /lookup|resolve|not known/i.test(text)
    ? "unknown host name"
    : /unreachable/i.test(text)
    ? "network unreachable"
    : /in use/i.test(text)
    ? "the port is in use"
    : /assign/i.test(text)
    ? "this host has no such address"
    : "the network refused it";
  return new DhipError("DHIP_UNREACHABLE", `${what}: ${reason}`, { host, cause: error });
}
