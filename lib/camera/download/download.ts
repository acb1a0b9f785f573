/**
 * Recorded files, as the device keeps them.
 *
 * @module
 */

import type { CallOptions } from "../../net/stream.ts";

/** A recorded file. Either its path is known, or channel and times are. */
export interface RemoteFile {
  /** Where it lies on the device. */
  readonly path: string | null;
  /** Channel, from 1. */
  readonly channel?: number | undefined;
  /** First picture, in the device's wall-clock time. */
  readonly start?: Temporal.PlainDateTime | null | undefined;
  /** Last picture. */
  readonly end?: Temporal.PlainDateTime | null | undefined;
  /** Size in bytes, as the search told it. */
  readonly bytes?: number | null | undefined;
  /** Stream; the main one when it is not known. */
  readonly stream?: "main" | "sub1" | "sub2" | "sub3" | null | undefined;
}

/** Options of a download. `signal` covers all of it, `timeout` its beginning. */
export interface DownloadOptions extends CallOptions {
  /**
   * First byte that is wanted, to go on with what is there. A device that cannot begin there begins
   * at 0: see {@linkcode Download.offset}. Default 0.
   */
  readonly from?: number | undefined;
  /** Longest silence, in milliseconds. Default 10 000. */
  readonly idleTimeout?: number | undefined;
}

/** A file on its way. Read `bytes` once, or dispose it. */
export interface Download extends AsyncDisposable {
  /** How it comes, in the words of the protocol. */
  readonly form: string;
  /** Place of the first byte in the file. */
  readonly offset: number;
  /** Length of the whole file in bytes: as the device announces it, else as the search told it. */
  readonly length: number | null;
  /** Seconds of pictures and sound that came so far; null when the bytes do not tell. */
  readonly mediaSeconds: number | null;
  /**
   * The bytes, read from the network only as fast as they are taken. They end with
   * `DHIP_INCOMPLETE` when the file is shorter than announced or stops inside a frame, and with
   * `DHIP_CONNECTION_LOST` or `DHIP_TIMEOUT` when the way to the device broke.
   */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Fetches recorded files. */
export interface DownloadService {
  /**
   * Begins to fetch a file. Resolves when the device has begun to send it. In which way the device
   * gives files is found out with the first one.
   *
   * @throws {RangeError} for a file without a path and without channel and times
   * @throws {DhipError} the device's refusal, such as `DHIP_NO_PERMISSION`, `DHIP_NOT_SUPPORTED`,
   *   `DHIP_DEVICE_REFUSED` (no such file); `DHIP_BAD_PARAMS` with `deviceCode` 416 when the file
   *   has no byte at `from`
   */
  open(file: RemoteFile, options?: DownloadOptions): Promise<Download>;
}
