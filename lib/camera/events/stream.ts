/**
 * The stream of one listener: filters, names channels, tells gaps and what they may have hidden.
 *
 * @module
 */

import type { WireEvent } from "../../dhip/event.ts";
import { DhipError } from "../../errors.ts";
import type { Clock } from "../../net/clock.ts";
import { interrupted, sleep, withDeadline } from "../../net/deadline.ts";
import type { CallOptions } from "../../net/stream.ts";
import type { EventStream, WatchOptions } from "../events.ts";
import type { Attach, Attachment } from "./attachment.ts";
import { EVENT_CODES, isLasting, kindOf } from "./codes.ts";
import { Edges } from "./edges.ts";
import type {
  CameraEvent,
  EventAction,
  EventRecord,
  EventTransport,
  StreamState,
} from "./event.ts";
import { EventFilter } from "./filter.ts";
import { normalise } from "./normalise.ts";
import { type Queued, RecordQueue } from "./record_queue.ts";
import { resync } from "./resync.ts";
import { type Gap, Watcher } from "./watcher.ts";

/** Limit for reading names and zone; events wait for them no longer, in milliseconds. */
const FACTS_TIMEOUT = 3_000;
/** Pause before names that a filter needs are read again, in milliseconds. */
const FACTS_PAUSE = 3_000;
/** Shortest limit of an attempt: slow devices take their time for a login, in milliseconds. */
const ATTEMPT = 10_000;

/** Most gaps that wait for the log. */
const MOST_UNFILLED = 100;

/** What is known about a device beside its events. */
export interface DeviceFacts {
  /** Titles of its channels; the first is that of channel 1. */
  readonly titles: readonly (string | null)[];
  /** Offset of its clock from UTC in seconds, when known. */
  readonly zone: number | null;
}

/** An event that a device's log tells of. */
export type LoggedEvent = Pick<CameraEvent, "time" | "channel" | "code" | "raw"> & {
  readonly action: EventAction;
};

/** Reads the events of a time from a device's log. Times are those of this computer. */
export type EventLog = (
  from: Date,
  to: Date,
  options: CallOptions,
) => Promise<readonly LoggedEvent[]>;

/** What a stream is made of. */
export interface StreamParts {
  /** Attaches to the device. */
  readonly attach: Attach;
  /** Time. */
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wall: () => number;
  /** Randomness of the waits. */
  readonly random?: (() => number) | undefined;
  /** Reads what is known about the device; asked once an attachment works, and after each gap. */
  readonly facts: (options: CallOptions) => Promise<DeviceFacts>;
  /** The device's log. */
  readonly log?: EventLog | undefined;
}

/** What waits in the queue: an event is brought into its shape when it is read. */
type Item = EventRecord | { readonly event: WireEvent; readonly at: number };

const UNKNOWN: DeviceFacts = { titles: [], zone: null };

/** Listens to one device. */
export class DeviceEventStream implements EventStream {
  readonly #parts: StreamParts;
  readonly #options: WatchOptions;
  readonly #filter: EventFilter;
  readonly #queue: RecordQueue<Item>;
  readonly #edges = new Edges();
  readonly #watcher: Watcher;
  readonly #leaving = new AbortController();
  readonly #work = new Set<Promise<void>>();
  /** Gaps that the log has not been asked about: the link broke again before. */
  #unfilled: Gap[] = [];
  #filling: Promise<void> = Promise.resolve();
  #transport: EventTransport | null = null;
  #facts: DeviceFacts = UNKNOWN;
  /** Resolves when the facts of the device are known, or are not worth waiting for any longer. */
  #known: Promise<void> = Promise.resolve();
  #stopListening = () => {};

  /** Starts to listen. */
  constructor(options: WatchOptions, parts: StreamParts) {
    const { maxAge = 30 * 60_000, timeout = 0, reconnect = true, limit = 10_000 } = options;
    if (!(maxAge >= 5_000)) throw new RangeError("The age of an attachment is at least 5 s");
    this.#parts = parts;
    this.#options = options;
    this.#filter = new EventFilter(options);
    this.#queue = new RecordQueue(limit, ({ from, to, count }) => ({
      kind: "stream",
      code: "_gap",
      received: this.#iso(this.#parts.wall()),
      from: this.#iso(from),
      to: this.#iso(to),
      reason: "slow-consumer",
      transport: this.#transport,
      dropped: count,
    }));
    this.#watcher = new Watcher({
      attach: parts.attach,
      clock: parts.clock,
      random: parts.random,
      maxAge,
      reconnect,
      attemptLimit: Math.max(ATTEMPT, timeout),
      sink: {
        onEvent: (event, dropped) => this.#take(event, dropped),
        onGap: (gap) => this.#tellGap(gap),
        onState: (state, transport, error) => this.#tellState(state, transport, error),
        onConnected: () => this.#known = this.#learn(),
        onReattached: (attachment) => this.#afterGap(attachment),
        onRenewed: () => this.#learnAgain(),
        onEnd: (error) => this.#end(error),
      },
    });
    const { signal } = options;
    if (signal !== undefined) {
      // Nothing is lost: who listens has had enough, and no record of a gap is due.
      const onAbort = () => {
        this.#end(interrupted(signal, "listen to events"));
        void this.#watcher.close();
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#stopListening = () => signal.removeEventListener("abort", onAbort);
      if (signal.aborted) onAbort();
    }
    this.#watcher.start();
  }

  /** The next record. */
  async next(): Promise<IteratorResult<EventRecord, void>> {
    for (;;) {
      const { done, value } = await this.#queue.next();
      if (done) return { done, value: undefined };
      if (!("event" in value)) return { done: false, value };
      await this.#known;
      const event = normalise(value.event, this.#iso(value.at), this.#facts);
      if (this.#filter.wantsChannel(event)) return { done: false, value: event };
    }
  }

  /** Ends the stream; what has arrived can still be read. */
  async close(): Promise<void> {
    await this.#watcher.close();
    await Promise.all(this.#work);
  }

  /** Ends the stream, as `break` in a `for await` does. */
  async return(): Promise<IteratorResult<EventRecord, void>> {
    await this.close();
    return { done: true, value: undefined };
  }

  /** The stream itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Ends the stream. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #take(event: WireEvent, dropped: number): void {
    const at = this.#parts.wall();
    if (dropped > 0) this.#queue.drop({ from: at, to: at, counts: true }, dropped);
    const isNew = this.#edges.note(event, this.#parts.clock.now());
    if ((!isNew && this.#options.dedup) || !this.#filter.wantsCode(event.code)) return;
    this.#push({ event, at }, at, at, true);
  }

  #tellGap(gap: Gap): void {
    if (this.#options.backfill) this.#unfilled = [...this.#unfilled, gap].slice(-MOST_UNFILLED);
    const { from, to, reason, transport } = gap;
    const [start, end] = [this.#wallAt(from), this.#wallAt(to)];
    const span = { from: this.#iso(start), to: this.#iso(end) };
    this.#tell({ code: "_gap", ...span, reason, transport, dropped: null }, start, end);
  }

  #tellState(state: StreamState, transport: EventTransport | null, error?: DhipError): void {
    this.#transport = transport ?? this.#transport;
    const reason = error?.code ?? null;
    this.#tell({ code: "_state", state, transport, reason, message: error?.message ?? null });
  }

  /** Asks what is under way now, and what the log tells. */
  #afterGap(attachment: Attachment): void {
    this.#learnAgain();
    this.#spawn(async (signal) => {
      await this.#resync(attachment, signal);
      // One after the other, so that none is told twice.
      await (this.#filling = this.#filling.then(() => this.#backfill(signal)));
    });
  }

  async #resync(attachment: Attachment, signal: AbortSignal): Promise<void> {
    const wanted = Object.keys(EVENT_CODES).filter(isLasting);
    const asked = [...new Set([...this.#edges.codes(), ...wanted])]
      .filter((code) => this.#filter.wantsCode(code));
    const { clock } = this.#parts;
    const found = await resync(attachment, asked, this.#edges, clock, { signal });
    const active = found.active.map(({ code, index }) => ({ code, channel: index + 1 }))
      .filter(({ channel }) => this.#filter.wantsChannel(this.#channelOf(channel)));
    const { codes, complete } = found;
    this.#tell({ code: "_resync", codes, active, complete });
    for (const { code, index, action } of found.missed) {
      const place = this.#channelOf(index + 1);
      if (!this.#filter.wantsChannel(place)) continue;
      this.#tellEvent({ code, action, ...place, synthetic: true });
    }
  }

  async #backfill(signal: AbortSignal): Promise<void> {
    const { log } = this.#parts;
    for (let gap; (gap = this.#unfilled[0]) !== undefined;) {
      const [from, to] = [gap.from, gap.to].map((at) => new Date(this.#wallAt(at)));
      let found: readonly LoggedEvent[];
      try {
        found = await log?.(from!, to!, { signal }) ?? [];
      } catch (error) {
        if (!(error instanceof DhipError && error.retryable)) this.#unfilled = [];
        return; // the next attachment's turn
      }
      this.#unfilled = this.#unfilled.filter((other) => other !== gap);
      for (const { code, channel, ...more } of found) {
        const place = this.#channelOf(channel);
        if (!this.#filter.wantsCode(code) || !this.#filter.wantsChannel(place)) continue;
        this.#tellEvent({ code, ...place, ...more, backfill: true });
      }
    }
  }

  #channelOf(channel: number | null): Pick<CameraEvent, "channel" | "channelName"> {
    const title = channel === null ? null : this.#facts.titles[channel - 1] ?? null;
    return { channel, channelName: title };
  }

  async #learn(): Promise<void> {
    const { signal } = this.#leaving;
    try {
      const isNeeded = this.#filter.titles.length > 0;
      for (;;) {
        try {
          this.#facts = await this.#factsNow(signal);
          return this.#checkTitles();
        } catch (error) {
          const isRefused = error instanceof DhipError && !error.retryable;
          if (isNeeded && isRefused) return this.#watcher.fail(error);
          if (!isNeeded || signal.aborted) return;
        }
        await sleep(FACTS_PAUSE, signal, this.#parts.clock);
      }
    } catch {
      // The stream is over.
    }
  }

  /** Waiting for a channel that does not exist would take for ever. */
  #checkTitles(): void {
    const { titles } = this.#facts;
    const [missing] = this.#filter.missing(titles);
    if (missing === undefined) return;
    const known = titles.flatMap((title) => title ?? []).join(", ");
    this.#watcher.fail(
      new DhipError("DHIP_BAD_PARAMS", `No channel is named ${missing}`, {
        hint: known === "" ? "The device tells no names." : `There is: ${known.slice(0, 300)}`,
      }),
    );
  }

  /** Titles and zone may have changed; what was known is good until the answer comes. */
  #learnAgain(): void {
    this.#spawn(async (signal) => {
      this.#facts = await this.#factsNow(signal);
    });
  }

  async #factsNow(signal: AbortSignal): Promise<DeviceFacts> {
    const { facts, clock } = this.#parts;
    const limits = { what: "read channel titles", signal, timeout: FACTS_TIMEOUT, clock };
    return await withDeadline((own) => facts({ signal: own }), limits);
  }

  #spawn(work: (signal: AbortSignal) => Promise<void>): void {
    // What breaks it breaks the attachment too, or is not worth more than what is missing.
    const done = work(this.#leaving.signal).catch(() => {}).finally(() => this.#work.delete(done));
    this.#work.add(done);
  }

  #end(error: DhipError | undefined): void {
    this.#stopListening();
    this.#leaving.abort(error ?? new DhipError("DHIP_CLOSED", "The event stream was closed"));
    this.#queue.end(error);
  }

  #tell(
    record: DistributiveOmit<Exclude<EventRecord, CameraEvent>, "kind" | "received">,
    from = this.#parts.wall(),
    to = from,
  ): void {
    const received = this.#iso(this.#parts.wall());
    this.#push({ kind: "stream", received, ...record }, from, to, false);
  }

  /** Tells an event that the device did not send as one. */
  #tellEvent(event: Pick<CameraEvent, "code" | "channel" | "action"> & Partial<CameraEvent>): void {
    const at = this.#parts.wall();
    const { channel, code, ...more } = event;
    const received = this.#iso(at);
    const empty = { time: null, received, channel, channelName: null, code, kind: kindOf(code) };
    this.#push({ ...empty, rule: null, objects: [], raw: null, ...more }, at, at, true);
  }

  #push(item: Item, from: number, to: number, counts: boolean): void {
    this.#queue.push({ item, from, to, counts } satisfies Queued<Item>);
  }

  /** A moment of the monotonic clock by the wall clock. */
  #wallAt(at: number): number {
    return this.#parts.wall() - (this.#parts.clock.now() - at);
  }

  #iso(at: number): string {
    return new Date(at).toISOString();
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
