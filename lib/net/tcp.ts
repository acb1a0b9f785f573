/**
 * Direct TCP.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { withDeadline } from "./deadline.ts";
import type { ByteStream, CallOptions, Dialer } from "./stream.ts";
import type { Target } from "./target.ts";

/** Default limit for opening a connection, in milliseconds. */
export const CONNECT_TIMEOUT = 5_000;

/** Options of {@linkcode tcpDialer}. */
export interface TcpDialerOptions {
  /** Limit for opening a connection, in milliseconds. Default 5 000. */
  readonly connectTimeout?: number;
}

/** A dialer that connects to `host` (name, IPv4 or bare IPv6 address) directly. */
export function tcpDialer(host: string, options: TcpDialerOptions = {}): Dialer {
  return {
    host,
    async dial(port: number, call: CallOptions = {}): Promise<ByteStream> {
      const where = endpoint(host, port);
      const connection = await withDeadline(
        (signal) => connect(host, port, signal),
        {
          what: `connect to ${where}`,
          host: where,
          signal: call.signal,
          timeout: call.timeout ?? options.connectTimeout ?? CONNECT_TIMEOUT,
        },
      );
      return new TcpStream(connection, where);
    },
  };
}

/**
 * A dialer for a device that has an address.
 *
 * @throws {TypeError} for a serial number: the way to that is a tunnel
 */
export function directDialer({ host, serial }: Target): Dialer {
  if (serial === undefined) return tcpDialer(host);
  throw new TypeError("A device is reached by its serial number through a dialer: a P2pTunnel");
}

/** `host:port` as people write it, with brackets around IPv6. */
export function endpoint(host: string, port: number): string {
  return host.includes(":") && !isSerial(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether a dialer's host is a serial number, so that its connections go through a tunnel. */
export function isSerial(host: string): boolean {
  return host.startsWith("sn:");
}

/**
 * The name of a dialer's host in requests and URLs. A serial number is no host name; what comes out
 * of a tunnel comes from the device's own loopback.
 */
export function nameInRequests(host: string): string {
  return isSerial(host) ? "127.0.0.1" : host;
}

async function connect(hostname: string, port: number, signal: AbortSignal): Promise<Deno.TcpConn> {
  const where = endpoint(hostname, port);
  try {
    const connection = await Deno.connect({ hostname, port, signal });
    if (signal.aborted) { // the limit passed in the same moment
      connection.close();
      throw signal.reason;
    }
    return connection;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw unreachable(error, where);
  }
}

function unreachable(error: unknown, where: string): DhipError {
  if (error instanceof Deno.errors.NotCapable) {
    return new DhipError("DHIP_UNREACHABLE", `No permission to connect to ${where}`, {
      host: where,
      retryable: false,
      hint: "Run with --allow-net for this address.",
    });
  }
  const text = error instanceof Error ? error.message : String(error);
  const [reason, hint] = error instanceof Deno.errors.ConnectionRefused
    ? ["connection refused", "Nothing listens on that port; check the port and the device."]
    : /lookup|resolve|not known|Name or service/i.test(text)
    ? ["unknown host name", "Check the name, or use the address."]
    : /unreachable/i.test(text)
    ? ["network unreachable", "Check cable, VLAN and routes from this host."]
    : ["connection failed", "Check address, port and network."];
  return new DhipError("DHIP_UNREACHABLE", `Cannot connect to ${where}: ${reason}`, {
    host: where,
    hint,
    cause: error,
  });
}

class TcpStream implements ByteStream {
  readonly #connection: Deno.TcpConn;
  readonly #where: string;
  #closed = false;

  constructor(connection: Deno.TcpConn, where: string) {
    this.#connection = connection;
    this.#where = where;
    connection.setNoDelay(true);
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    try {
      return await this.#connection.read(buffer);
    } catch (error) {
      if (this.#closed) return null;
      throw this.#lost(error);
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let offset = 0; offset < bytes.length;) {
        offset += await this.#connection.write(offset === 0 ? bytes : bytes.subarray(offset));
      }
    } catch (error) {
      throw this.#lost(error);
    }
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

  #lost(cause: unknown): DhipError {
    const reason = this.#closed ? "closed here" : "reset by the device or the network";
    return new DhipError("DHIP_CONNECTION_LOST", `Connection to ${this.#where} ${reason}`, {
      host: this.#where,
      cause,
    });
  }
}
