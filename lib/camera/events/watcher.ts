/**
 * Keeps an attachment to a device's events alive: drives the state machine of `reattach.ts`.
 *
 * @module
 */

import type { WireEvent } from "../../dhip/event.ts";
import { AuthError, DhipError } from "../../errors.ts";
import type { Clock, Timer } from "../../net/clock.ts";
import { withDeadline } from "../../net/deadline.ts";
import type { Attach, Attachment } from "./attachment.ts";
import { RESTART_CODES } from "./codes.ts";
import type { EventTransport, StreamState } from "./event.ts";
import { Overlap } from "./overlap.ts";
import { OVERLAP, Reattach } from "./reattach.ts";

/** What was on its way when a link broke is no older than this, in milliseconds. */
const ON_ITS_WAY = 2_000;
/** Limit for a sign of life, in milliseconds. */
const PROBE_TIMEOUT = 3_000;

/** Events between two moments of the clock may be missing. */
export interface Gap {
  /** Everything that the device sent up to here was received. */
  readonly from: number;
  /** Events are received again from here on. */
  readonly to: number;
  /** Why. */
  readonly reason: string;
  /** What carried the events before. */
  readonly transport: EventTransport;
}

/** What a watcher tells its owner. */
export interface WatcherSink {
  /** An event; `dropped` ones before it were thrown away. */
  onEvent(event: WireEvent, dropped: number): void;
  /** A gap that has ended. */
  onGap(gap: Gap): void;
  /** A change of the stream itself. */
  onState(state: StreamState, transport: EventTransport | null, error?: DhipError): void;
  /** Events flow again after one gap or several. */
  onReattached(attachment: Attachment): void;
  /** The attachment was replaced without a gap. */
  onRenewed(): void;
  /** Events flow for the first time. */
  onConnected(): void;
  /** It is over, for good. */
  onEnd(error: DhipError | undefined): void;
}

/** Options of a {@linkcode Watcher}. Times in milliseconds. */
export interface WatcherOptions {
  /** Makes an attachment. */
  readonly attach: Attach;
  /** Time. */
  readonly clock: Clock;
  /** Randomness of the waits. */
  readonly random?: (() => number) | undefined;
  /** Age at which an attachment is replaced. */
  readonly maxAge: number;
  /** Limit of one attempt. */
  readonly attemptLimit: number;
  /** False: the first failure ends it. */
  readonly reconnect: boolean;
  /** Gets everything. */
  readonly sink: WatcherSink;
}

/** An attachment in use. */
interface Live {
  readonly attachment: Attachment;
  readonly since: number;
}

/** Watches one device until it is closed, or a login is refused. */
export class Watcher {
  readonly #options: WatcherOptions;
  readonly #clock: Clock;
  readonly #sink: WatcherSink;
  readonly #machine: Reattach;
  readonly #leaving = new AbortController();
  readonly #detaching = new Set<Promise<void>>();
  #live: Live | undefined;
  /** The one before, until the overlap is over. */
  #older: Live | undefined;
  #overlap: Overlap | undefined;
  #timer: Timer | undefined;
  #lastCopies: Timer | undefined;
  /** The gap that has begun and not ended. */
  #gap: Omit<Gap, "to"> | undefined;
  #everAttached = false;
  /** Code of the last failed attempt, told once. */
  #toldFailure: string | undefined;
  #over = false;

  /** Makes a watcher; {@linkcode start} starts it. */
  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#sink = options.sink;
    this.#machine = new Reattach(this.#clock.now(), options.random);
  }

  /** Attaches. */
  start(): void {
    this.#turn();
  }

  /** Lets go; resolves when the device was told. */
  async close(): Promise<void> {
    this.#finish(undefined);
    await Promise.all(this.#detaching);
  }

  /** Ends it with an error. */
  fail(error: DhipError): void {
    this.#finish(error);
  }

  #turn(): void {
    while (!this.#over) {
      if (this.#live !== undefined) this.#machine.heard(this.#live.attachment.heardAt);
      switch (this.#machine.poll(this.#clock.now())) {
        case "wait":
          return this.#schedule();
        case "attach":
          this.#attempt();
          break;
        case "renew":
          this.#renew();
          break;
        case "release":
          this.#endOverlap();
          break;
        case "probe":
          this.#probe();
          break;
        case "silent":
          this.#lose(
            new DhipError("DHIP_CONNECTION_LOST", "The device's heartbeats stopped", {
              hint: "Power, cable or network in between failed, or the device restarted.",
            }),
          );
          break;
      }
    }
  }

  #schedule(): void {
    this.#timer?.cancel();
    const { deadline } = this.#machine;
    this.#timer = this.#clock.timer(
      () => this.#turn(),
      Math.max(0, deadline - this.#clock.now()),
    );
  }

  #attempt(): void {
    const { attach, attemptLimit: timeout } = this.#options;
    const attempt = async (signal: AbortSignal) => {
      const attachment = await attach({ signal });
      if (!signal.aborted) return attachment;
      await attachment.detach(); // too late: nobody waits for it any more
      throw signal.reason;
    };
    withDeadline(attempt, {
      what: "attach to events",
      clock: this.#clock,
      signal: this.#leaving.signal,
      timeout,
    }).then((attachment) => this.#attached(attachment), (error) => this.#failed(asDhip(error)));
  }

  #attached(attachment: Attachment): void {
    if (this.#over) return this.#letGo(attachment);
    const now = this.#clock.now();
    const older = this.#live;
    const live: Live = this.#live = { attachment, since: now };
    const { silence, transport } = attachment;
    const maxAge = Math.min(this.#options.maxAge, attachment.maxAge);
    this.#machine.attached(now, { silence, maxAge });
    this.#toldFailure = undefined;
    if (this.#gap !== undefined) {
      const gap = { ...this.#gap, to: now };
      this.#gap = undefined;
      this.#sink.onGap(gap);
      this.#sink.onState("reattached", transport);
      this.#sink.onReattached(attachment);
    } else if (older !== undefined) {
      this.#older = older;
      this.#endOverlap();
      this.#sink.onState("renewed", transport);
      this.#sink.onRenewed();
    } else {
      this.#sink.onState("connected", transport);
      this.#sink.onConnected();
    }
    this.#everAttached = true;
    attachment.deliver({
      onEvent: (event, dropped) => this.#take(live, event, dropped),
      onEnd: (error) => {
        if (this.#live === live) this.#lose(asDhip(error));
        else if (this.#older === live) this.#retire(asDhip(error).code);
      },
    });
    this.#turn();
  }

  #failed(error: DhipError): void {
    if (this.#over) return;
    if (this.#isFinal(error)) return this.#finish(error);
    this.#machine.failed(this.#clock.now());
    if (this.#live !== undefined) {
      // The device does not take a second attachment: the old one goes before the new one comes.
      const { attachment } = this.#live;
      this.#drop(safeUntil(this.#live), error.code, attachment.transport);
      this.#sink.onState("lost", attachment.transport, error);
      return this.#turn();
    }
    // Before the first attachment nothing is promised, so there is no gap to tell of the outage.
    if (this.#toldFailure !== error.code) {
      this.#toldFailure = error.code;
      this.#sink.onState("waiting", null, error);
    }
    this.#turn();
  }

  #renew(): void {
    const { overlaps, transport } = this.#live!.attachment;
    if (overlaps) {
      this.#overlap = new Overlap();
      return this.#attempt();
    }
    this.#drop(safeUntil(this.#live!), "reattach", transport);
    this.#machine.replaced(this.#clock.now());
  }

  /** The attachment broke. */
  #lose(error: DhipError): void {
    const { attachment } = this.#live!;
    this.#drop(safeUntil(this.#live!), error.code, attachment.transport);
    if (!this.#options.reconnect || this.#isFinal(error)) return this.#finish(error);
    this.#sink.onState("lost", attachment.transport, error);
    this.#machine.lost(this.#clock.now());
    this.#turn();
  }

  /** Lets the attachment go; from now on there is a gap. */
  #drop(from: number, reason: string, transport: EventTransport): void {
    this.#release(reason);
    this.#lastCopies?.cancel();
    this.#overlap = undefined;
    this.#gap = { from, reason, transport };
    this.#letGo(this.#live!.attachment);
    this.#live = undefined;
  }

  /** The older attachment goes when it has shown that it lived until the newer one was made. */
  #endOverlap(): void {
    const { attachment } = this.#older!;
    const now = this.#clock.now();
    const proven = this.#isProven();
    const end = this.#live!.since + OVERLAP;
    const dead = attachment.heardAt + attachment.silence;
    if (now >= (proven ? end : dead)) return this.#retire("DHIP_CONNECTION_LOST");
    this.#machine.keepUntil(proven ? end : Math.min(now + OVERLAP, dead));
  }

  /** Lets the older attachment go while the newer one goes on. */
  #retire(reason: string): void {
    if (this.#release(reason)) this.#sink.onReattached(this.#live!.attachment);
  }

  /**
   * Lets the older attachment go; true when it died before the newer one was made, so that there was
   * a gap.
   */
  #release(reason: string): boolean {
    const older = this.#older;
    if (older === undefined) return false;
    const isProven = this.#isProven();
    if (!isProven) {
      const { transport } = older.attachment;
      this.#sink.onGap({ from: safeUntil(older), to: this.#live!.since, reason, transport });
    }
    this.#letGo(older.attachment);
    this.#older = undefined;
    // Until then the newer one may still bring copies.
    this.#lastCopies?.cancel();
    this.#lastCopies = this.#clock.timer(() => this.#overlap = undefined, OVERLAP);
    return !isProven;
  }

  /** True when all that the older attachment had to deliver before the newer one was made came. */
  #isProven(): boolean {
    const { attachment: older } = this.#older!;
    const { attachment: newer, since } = this.#live!;
    return older.connection === newer.connection || older.heardAt > since;
  }

  #letGo(attachment: Attachment): void {
    const detaching = attachment.detach().finally(() => this.#detaching.delete(detaching));
    this.#detaching.add(detaching);
  }

  #take(live: Live, event: WireEvent, dropped: number): void {
    if (this.#over || (live !== this.#live && live !== this.#older)) return;
    const now = this.#clock.now();
    if (this.#overlap?.accept(live, event, now) === false) return;
    this.#sink.onEvent(event, dropped);
    if (!RESTART_CODES.includes(event.code)) return;
    this.#sink.onState("restarting", live.attachment.transport);
    this.#machine.restarting(now);
    this.#schedule();
  }

  #probe(): void {
    const live = this.#live!;
    live.attachment.probe({ timeout: PROBE_TIMEOUT }).catch((error) => {
      if (this.#live === live && !this.#over) this.#lose(error);
    });
  }

  /** True for what trying again cannot mend, or must not try. */
  #isFinal(error: DhipError): boolean {
    if (error.code === "DHIP_INTERNAL") return true;
    if (error instanceof AuthError) return !error.retryable;
    if (error.code === "DHIP_CLOSED" || error.code === "DHIP_TLS_UNTRUSTED") return true;
    if (!this.#options.reconnect) return true;
    // A device that is starting gives all kinds of answers, so what worked once is tried again.
    return !error.retryable && !this.#everAttached;
  }

  #finish(error: DhipError | undefined): void {
    if (this.#over) return;
    this.#over = true;
    const now = this.#clock.now();
    if (error !== undefined && this.#live !== undefined) {
      this.#drop(safeUntil(this.#live), error.code, this.#live.attachment.transport);
    }
    if (this.#gap !== undefined) this.#sink.onGap({ ...this.#gap, to: now });
    this.#release("closed");
    if (this.#live !== undefined) this.#letGo(this.#live.attachment);
    if (error !== undefined) this.#sink.onState("failed", this.#gap?.transport ?? null, error);
    this.#leaving.abort(error);
    this.#timer?.cancel();
    this.#lastCopies?.cancel();
    this.#sink.onEnd(error);
  }
}

/**
 * Everything up to here has arrived. What the device sent just before it was heard for the last
 * time may still have been on its way.
 */
function safeUntil({ attachment, since }: Live): number {
  return Math.max(since, attachment.heardAt - ON_ITS_WAY);
}

/** A defect of our own, not the device's doing, ends the stream. */
function asDhip(error: unknown): DhipError {
  if (error instanceof DhipError) return error;
  return new DhipError("DHIP_INTERNAL", `Unexpected error: ${error}`, { cause: error });
}
