/**
 * Listens to devices side by side until somebody has enough.
 *
 * @module
 */

import type { Context } from "./context.ts";
import type { Device } from "./devices.ts";
import { failureOf, outcomesOf } from "./each_target.ts";
import { interrupted } from "../net/deadline.ts";
import { OutputClosed } from "./io.ts";
import type { NamedTarget } from "./targets.ts";
import type { Until } from "./until.ts";

/** What a reader that does not read has left after Ctrl-C, in milliseconds. */
const GRACE = 300;

/** When to end; without any of them, at Ctrl-C. */
export interface WatchLimits {
  readonly until: Until | undefined;
  /** Number of records that count, of all devices together. */
  readonly most: number | undefined;
}

/** What is watched at every device. */
export interface Watching<T> {
  /** Begins at one device; `timeout` in milliseconds is that of its calls. */
  open(
    device: Device,
    target: NamedTarget,
    timeout: number | undefined,
  ): AsyncIterable<T> & { close(): Promise<void> };
  /** True for records that {@linkcode WatchLimits.most} counts. */
  counts(record: T): boolean;
  /**
   * Prints one record; resolves when the reader has taken it.
   *
   * @throws {OutputClosed} when nobody reads any more
   */
  print(device: string, record: T): Promise<void>;
}

/**
 * Prints what the devices tell. Ends with 0 when a limit is reached, at Ctrl-C, and when nobody
 * reads any more.
 *
 * @returns the exit code
 */
export async function watchEach<T>(
  context: Context,
  watching: Watching<T>,
  { until, most = Infinity }: WatchLimits,
): Promise<number> {
  const { signal, io, targets, connection } = context;
  const ending = new AbortController();
  const end = () => ending.abort();
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  const timer = until === undefined ? undefined : setTimeout(end, until(io.now()));
  const patience = new Patience(signal);
  let left = most;
  const watch = async (device: Device, target: NamedTarget) => {
    if (ending.signal.aborted) return;
    const { timeout } = context.connectionOf(target);
    const stream = watching.open(device, target, timeout);
    // What it has to tell the device, the logout tells as well.
    const close = () => void stream.close();
    ending.signal.addEventListener("abort", close, { once: true });
    try {
      for await (const record of stream) {
        if (left <= 0) break;
        if (watching.counts(record)) left--;
        await patience.with(() => watching.print(target.name, record));
        if (left <= 0) end();
      }
    } catch (error) {
      if (!(error instanceof OutputClosed)) throw error;
      end();
    } finally {
      ending.signal.removeEventListener("abort", close);
      close();
    }
  };
  try {
    await using devices = await context.devices();
    const work = async (target: NamedTarget) => await watch(await devices.of(target), target);
    const [single] = targets;
    if (targets.length === 1) {
      await work(single!);
      return 0;
    }
    // All of them at the same time, however many there are.
    const all = { ...context, connection: { ...connection!, concurrency: targets.length } };
    const failure = failureOf(await outcomesOf(all, work));
    if (failure === undefined) return 0;
    context.log.failure(failure.error);
    return failure.exit;
  } finally {
    clearTimeout(timer);
    patience[Symbol.dispose]();
    signal.removeEventListener("abort", end);
  }
}

/** Waits for whoever reads, but not for ever once a signal came: a pager may have stopped to read. */
class Patience {
  readonly #signal: AbortSignal;
  readonly #waiting = new Set<(error: Error) => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** @throws {DhipError} `DHIP_INTERRUPTED` */
  async with(work: () => Promise<void>): Promise<void> {
    if (this.#isOver) throw this.#error();
    const { promise, reject } = Promise.withResolvers<never>();
    this.#waiting.add(reject);
    try {
      await Promise.race([work(), promise]);
    } finally {
      this.#waiting.delete(reject);
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#signal.removeEventListener("abort", this.#onAbort);
  }

  readonly #onAbort = () => {
    this.#timer = setTimeout(() => {
      this.#isOver = true;
      for (const reject of this.#waiting) reject(this.#error());
    }, GRACE);
  };

  #error(): Error {
    return interrupted(this.#signal, "print records");
  }
}
