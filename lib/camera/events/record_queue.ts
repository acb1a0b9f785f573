/**
 * Records that wait for their reader, bounded.
 *
 * @module
 */

/** A record and the time it speaks of, in milliseconds since 1970. */
export interface Queued<T> {
  readonly item: T;
  readonly from: number;
  readonly to: number;
  /** True for what counts when it is thrown away. */
  readonly counts: boolean;
}

/** What was thrown away for a slow reader. */
export interface Dropped {
  readonly from: number;
  readonly to: number;
  /** Number of events. */
  readonly count: number;
}

/** Keeps the newest records; what it has to throw away is told first to whoever reads next. */
export class RecordQueue<T> {
  readonly #limit: number;
  readonly #tell: (dropped: Dropped) => T;
  #items: Queued<T>[] = [];
  #head = 0;
  #dropped: Dropped | undefined;
  #ended = false;
  #error: unknown;
  #waiting: PromiseWithResolvers<void> | undefined;

  /**
   * @param limit most records that wait
   * @param tell makes the record about what was thrown away
   */
  constructor(limit: number, tell: (dropped: Dropped) => T) {
    if (!(limit >= 1)) throw new RangeError("A stream keeps at least 1 record");
    this.#limit = limit;
    this.#tell = tell;
  }

  /** Records that wait. */
  get length(): number {
    return this.#items.length - this.#head;
  }

  /** Adds a record. */
  push(queued: Queued<T>): void {
    if (this.#ended) return;
    if (this.length >= this.#limit) this.drop(this.#take());
    this.#items.push(queued);
    this.#wake();
  }

  /** Notes something that was thrown away before it could be added. */
  drop({ from, to, counts }: Omit<Queued<T>, "item">, events = 1): void {
    const before = this.#dropped ?? { from, to, count: 0 };
    this.#dropped = {
      from: Math.min(before.from, from),
      to: Math.max(before.to, to),
      count: before.count + (counts ? events : 0),
    };
  }

  /** No more records; those that wait are still read, then `error` is thrown. */
  end(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#wake();
  }

  /** The next record. */
  async next(): Promise<IteratorResult<T, void>> {
    for (;;) {
      if (this.#dropped !== undefined) {
        const value = this.#tell(this.#dropped);
        this.#dropped = undefined;
        return { done: false, value };
      }
      if (this.length > 0) return { done: false, value: this.#take().item };
      if (this.#ended) {
        const error = this.#error;
        this.#error = undefined;
        if (error !== undefined) throw error;
        return { done: true, value: undefined };
      }
      this.#waiting ??= Promise.withResolvers();
      await this.#waiting.promise;
    }
  }

  #take(): Queued<T> {
    const queued = this.#items[this.#head++]!;
    if (this.#head > 64 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return queued;
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }
}
