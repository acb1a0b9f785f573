/**
 * The log of a device.
 *
 * @module
 */

import type { CallOptions } from "../net/stream.ts";

/** What to look for in the log. */
export interface LogFilter {
  /** Start of the period, in the device's wall-clock time. */
  readonly from: Temporal.PlainDateTime;
  /** End of the period. */
  readonly to: Temporal.PlainDateTime;
  /**
   * Types in the device's words, for example `Event.VideoMotion.Start`, `System`, `Account`.
   * Default: all.
   */
  readonly types?: readonly string[] | undefined;
  /** Order. Default: `oldest` first. */
  readonly order?: "oldest" | "newest" | undefined;
}

/** One entry of the log. What the device does not tell is null. */
export interface LogEntry {
  /** When, in the device's wall-clock time. */
  readonly time: Temporal.PlainDateTime | null;
  /** Type in the device's words. */
  readonly type: string | null;
  /** Code of the event, for example `VideoMotion`. */
  readonly code: string | null;
  /** For events: whether it began, ended, or just happened, where the type says so. */
  readonly action: "Start" | "Stop" | "Pulse" | null;
  /**
   * Channel, from 1. The log's own number counts from 1 too, with 0 for the first as well, as far as
   * DahuaBridge saw it.
   */
  readonly channel: number | null;
  /** Account. */
  readonly user: string | null;
  /** Address that the account came from. */
  readonly address: string | null;
  /** What else there is to say, as text. */
  readonly detail: string | null;
  /** The whole entry as the device sent it. */
  readonly fields: unknown;
}

/** Options of a search. The time limit is that of each step. */
export interface LogSearchOptions extends CallOptions {
  /** Most entries. Default: all. */
  readonly limit?: number | undefined;
  /** Entries that are asked for at once; devices may give fewer. Default 100. */
  readonly pageSize?: number | undefined;
  /** Hears how many entries there are, when the device tells. */
  readonly onCount?: ((count: number) => void) | undefined;
}

/** Reads the log. */
export interface LogsService {
  /**
   * Finds entries. They are fetched page by page, as fast as the caller takes them, and what the
   * search occupies on the device is given back however the loop ends. Finding nothing is no error.
   *
   * @throws {RangeError} for a page size or a limit out of range
   * @throws {DhipError} the device's refusal
   */
  find(filter: LogFilter, options?: LogSearchOptions): AsyncIterable<LogEntry>;
}
