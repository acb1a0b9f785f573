/**
 * The two interfaces everything above the network is written against.
 *
 * @module
 */

import type { DhipError } from "../errors.ts";

/** Limits that every asynchronous call accepts. */
export interface CallOptions {
  /** Aborts the call; it then rejects with `DHIP_INTERRUPTED`. */
  readonly signal?: AbortSignal | undefined;
  /** Time limit of the call in milliseconds; it then rejects with `DHIP_TIMEOUT`. */
  readonly timeout?: number | undefined;
}

/** A reliable, ordered stream of bytes: a TCP or TLS connection, or a realm of a tunnel. */
export interface ByteStream extends AsyncDisposable {
  /**
   * Reads at least one byte into `buffer`, and resolves to the number of bytes, or to `null` at
   * the end of the stream. One read at a time.
   */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Writes all bytes; resolves when the stream accepts more. One write at a time. */
  write(bytes: Uint8Array): Promise<void>;
  /** Closes both directions at once. A pending read ends. Closing twice is harmless. */
  close(): void;
  /**
   * Resolves when the connection is lost, even while nobody reads, to what reads will fail with
   * after the bytes that have arrived. Streams that only hear of it by reading have none.
   */
  readonly broken?: Promise<DhipError>;
}

/** Opens connections to the ports of one device, whatever lies in between. */
export interface Dialer {
  /** Name of the device for messages and lockout records, without any credential. */
  readonly host: string;
  /**
   * Connects to a TCP port of the device.
   *
   * @throws {DhipError} `DHIP_UNREACHABLE`, `DHIP_TIMEOUT`, `DHIP_INTERRUPTED`
   */
  dial(port: number, options?: CallOptions): Promise<ByteStream>;
}
