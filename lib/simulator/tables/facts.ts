/**
 * What configuration tables are, and what they depend on.
 *
 * @module
 */

import type { MediaOptions } from "../media/options.ts";
import type { Remote } from "../remotes.ts";

/** What the tables depend on. */
export interface TableFacts {
  /** Video channels. */
  readonly channels: number;
  /** Machine name. */
  readonly name: string;
  /** Address of the device. */
  readonly host: string;
  /** MAC address, `aa:bb:…`. */
  readonly mac: string;
  /** Cameras behind a recorder; none behind a camera. */
  readonly remotes: readonly Remote[];
  /** Minutes ahead of UTC. */
  readonly utcOffset: number;
  /** Codecs of the streams. */
  readonly streams: Required<Pick<MediaOptions, "mainVideo" | "subVideo" | "sound">>;
  /** Size in KiB of the table `AccessTimeSchedule`; 0 = no such table. */
  readonly bigTable: number;
}

/** A table: an object, or a list with one entry per channel. */
export type ConfigTable = Record<string, unknown> | unknown[];

/** Tables by name. */
export type Tables = Readonly<Record<string, ConfigTable>>;

/** A list with one entry for each channel. */
export function perChannel(facts: TableFacts, make: (channel: number) => unknown): unknown[] {
  return Array.from({ length: facts.channels }, (_, channel) => make(channel));
}

/** Seven days of six periods each. */
export function schedule(first: string): string[][] {
  return Array.from({ length: 7 }, () => [
    first,
    ...Array.from({ length: 5 }, () => "0 00:00:00-23:59:59"),
  ]);
}
