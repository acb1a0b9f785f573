/**
 * Sends each record to a URL, and keeps those that could not be delivered on disk.
 *
 * @module
 */

import { backoff } from "../../net/backoff.ts";
import { sleep } from "../../net/deadline.ts";
import type { Log } from "../log.ts";
import type { EventSink } from "./sink.ts";
import type { Claim, Spool } from "./spool.ts";
import { webhookHeaders } from "./webhook.ts";

/** Options of a {@linkcode PostSink}. Times in milliseconds. */
export interface PostOptions {
  readonly url: URL;
  /** Key of the signature; undefined leaves requests unsigned. */
  readonly key: Uint8Array | undefined;
  readonly spool: Spool;
  /** Limit for one request. */
  readonly timeout: number;
  /** Limit for sending what is left at the end; after Ctrl-C {@linkcode GRACE} applies. */
  readonly patience: number;
  readonly log: Pick<Log, "warning" | "step">;
  readonly interrupt: AbortSignal;
  readonly now: () => number;
  /** Sends a request. */
  readonly fetch: typeof fetch;
}

/** What is left after Ctrl-C, in milliseconds. */
const GRACE = 300;
/** What a disk has left to answer behind that, in milliseconds. */
const LAST = 100;
/** Records in memory that wait for the disk before the oldest are dropped. */
const MOST_WAITING = 10_000;
/** Longest wait that a receiver may ask for with Retry-After, in milliseconds. */
const MAX_RETRY_AFTER = 60_000;

/** What a receiver made of a record. */
type Verdict = "delivered" | "refused" | { readonly retryAfter: number | undefined };

/**
 * Delivers at least once and in order. Every record goes to disk first, so that a crash, a full
 * receiver or the end of this program loses none; the oldest go when the disk queue is full.
 */
export class PostSink implements EventSink {
  readonly #options: PostOptions;
  readonly #origin: string;
  readonly #stop = new AbortController();
  /** Records on their way to the disk. */
  #waiting: string[] = [];
  #adding: Promise<void> | undefined;
  #sending: Promise<void> | undefined;
  #failing = false;
  #dropped = 0;
  #refused = 0;

  /** Makes a sink and begins with what earlier runs left. */
  constructor(options: PostOptions) {
    this.#options = options;
    this.#origin = options.url.origin; // paths and queries of such URLs are secrets, mostly
    if (options.spool.length > 0) this.#send();
  }

  /** See {@linkcode EventSink.offer}. */
  offer(json: string): void {
    if (this.#waiting.length >= MOST_WAITING) {
      this.#waiting.shift();
      this.#drop(1, "the disk is too slow");
    }
    this.#waiting.push(json);
    this.#adding ??= this.#add();
  }

  /** Sends what waits, within the limit; the rest stays on disk for the next run. */
  async close(): Promise<void> {
    const { spool, patience, log, interrupt } = this.#options;
    let timer = setTimeout(() => this.#stop.abort(), interrupt.aborted ? GRACE : patience);
    const hurry = () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.#stop.abort(), GRACE);
    };
    interrupt.addEventListener("abort", hurry, { once: true });
    const { promise: late, resolve } = Promise.withResolvers<void>();
    let last: ReturnType<typeof setTimeout> | undefined;
    this.#stop.signal.addEventListener("abort", () => last = setTimeout(resolve, LAST), {
      once: true,
    });
    await Promise.race([this.#finish(), late]);
    clearTimeout(timer);
    clearTimeout(last);
    interrupt.removeEventListener("abort", hurry);
    if (this.#adding !== undefined) this.#dropped += 1 + this.#waiting.length;
    if (spool.length > 0) {
      log.warning(`--post: ${spool.length} records wait on disk; the next run sends them`);
    }
    if (this.#dropped > 0) log.warning(`--post: ${this.#dropped} records were dropped`);
    if (this.#refused > 0) log.warning(`--post: ${this.#origin} refused ${this.#refused} records`);
  }

  async #finish(): Promise<void> {
    await this.#adding;
    while (this.#sending !== undefined) await this.#sending;
  }

  async #add(): Promise<void> {
    for (let json = this.#waiting.shift(); json !== undefined; json = this.#waiting.shift()) {
      try {
        this.#drop(await this.#options.spool.add(json), "the queue on disk is full");
        this.#send();
      } catch (error) {
        this.#drop(1, `the queue cannot be written: ${reason(error)}`);
      }
    }
    this.#adding = undefined; // in the same turn, so that the next offer begins anew
  }

  #drop(count: number, why: string): void {
    if (count > 0 && this.#dropped === 0) this.#options.log.warning(`--post: ${why}`);
    this.#dropped += count;
  }

  #send(): void {
    const { spool, log } = this.#options;
    const { signal } = this.#stop;
    this.#sending ??= this.#work().then(() => {
      this.#sending = undefined;
      if (spool.length > 0) this.#send(); // added in the last moment
    }, (error) => {
      this.#sending = undefined;
      if (!signal.aborted) log.warning(`--post: ${reason(error)}`);
    });
  }

  async #work(): Promise<void> {
    const { spool, log } = this.#options;
    const { signal } = this.#stop;
    let waits = backoff({ base: 500, cap: 30_000 });
    for (;;) {
      const claim = await spool.claim();
      if (claim === undefined) return;
      const verdict = await this.#deliver(claim).catch(async (error) => {
        await claim.release();
        throw error;
      });
      if (verdict === "delivered" || verdict === "refused") {
        await claim.done();
        if (verdict === "refused") this.#refused++;
        if (this.#failing) log.step(`--post: ${this.#origin} takes records again`);
        this.#failing = false;
        waits = backoff({ base: 500, cap: 30_000 });
      } else {
        await claim.release();
        await sleep(Math.max(waits.next().value, verdict.retryAfter ?? 0), signal);
      }
    }
  }

  async #deliver({ id, body }: Claim): Promise<Verdict> {
    const { url, key, timeout, now, log } = this.#options;
    const { signal } = this.#stop;
    let trouble: string;
    try {
      const response = await this.#options.fetch(url, {
        method: "POST",
        headers: webhookHeaders(id, Math.floor(now() / 1000), body, key),
        body,
        redirect: "manual", // a signature is for one receiver
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
      });
      await response.body?.cancel();
      if (response.ok) return "delivered";
      if (REFUSALS.has(response.status)) {
        const first = this.#refused === 0;
        if (first) log.warning(`--post: ${this.#origin} answered ${response.status}`);
        return "refused";
      }
      trouble = `answered ${response.status}`;
      this.#complain(trouble);
      return { retryAfter: retryAfter(response.headers.get("retry-after"), now()) };
    } catch (error) {
      trouble = error instanceof DOMException && error.name === "TimeoutError"
        ? `did not answer within ${timeout / 1000} s`
        : "cannot be reached";
      if (!signal.aborted) this.#complain(trouble);
      return { retryAfter: undefined };
    }
  }

  /** Once for each outage. */
  #complain(trouble: string): void {
    if (!this.#failing) this.#options.log.warning(`--post: ${this.#origin} ${trouble}; will retry`);
    this.#failing = true;
  }
}

/**
 * Statuses that are about this record and that no other attempt would change. What is about the
 * receiver (401, 404, a redirect) is retried: somebody mends it, and nothing is lost meanwhile.
 */
const REFUSALS: ReadonlySet<number> = new Set([400, 413, 415, 422]);

/** The wait that a receiver asks for: seconds, or a date. */
function retryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const wait = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), MAX_RETRY_AFTER) : undefined;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
