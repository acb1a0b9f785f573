/**
 * The device's log: what happened, in the order it happened. It survives a restart, as in flash
 * memory, and forgets the oldest entries when it is full.
 *
 * @module
 */

/** One line of the log. */
export interface LogEntry {
  /** Running number, from 1; never used twice. */
  readonly number: number;
  /** When, in milliseconds since 1970 as the device's calendar believed then. */
  readonly time: number;
  /**
   * What: for events `Event.CODE.ACTION` (`Event.VideoMotion.Start`, as the web UI asks for them),
   * otherwise a word or words with points, such as `Account.Login`.
   */
  readonly type: string;
  /** Who did it; `System` when the device itself did. */
  readonly user: string;
  /** Channel, 0-based; undefined when it concerns none. */
  readonly channel: number | undefined;
  /** What else is known, as JSON. */
  readonly detail: object;
}

/** What a writer of the log tells. */
export interface NewLogEntry {
  /** In milliseconds since 1970 by the device's calendar. */
  readonly time: number;
  /** As in {@linkcode LogEntry}. */
  readonly type: string;
  /** Default `System`. */
  readonly user?: string | undefined;
  /** 0-based. */
  readonly channel?: number | undefined;
  /** Default `{}`. */
  readonly detail?: object | undefined;
}

/** A bounded list that is only ever added to. */
export class LogBook {
  readonly #entries: LogEntry[] = [];
  readonly #most: number;
  #next = 1;

  /** `most` entries are kept. */
  constructor(most = 4096) {
    this.#most = most;
  }

  /** Adds an entry behind the others. */
  add(entry: NewLogEntry): void {
    const { time, type, user = "System", channel, detail = {} } = entry;
    if (this.#entries.length >= this.#most) this.#entries.shift();
    this.#entries.push({ number: this.#next++, time, type, user, channel, detail });
  }

  /** The entries that are kept, oldest first. A clock that was set back shows in their times. */
  entries(): readonly LogEntry[] {
    return this.#entries;
  }

  /** Forgets all entries; the numbers go on. */
  clear(): void {
    this.#entries.length = 0;
  }
}
