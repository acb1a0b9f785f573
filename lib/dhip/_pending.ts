/**
 * Calls that wait for their replies.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import type { Clock, Timer } from "../net/clock.ts";
import { interrupted } from "../net/deadline.ts";
import { concat } from "../net/bytes.ts";
import { refusalOf } from "./envelope.ts";
import type { JsonObject } from "./frame.ts";
import type { IsComplete, RpcReply } from "./rpc.ts";

/** A reply that makes progress may take this many times the time limit, and no longer. */
const MOST_PROGRESS = 60;

interface Waiting {
  readonly method: string;
  readonly timeout: number;
  /** Moves on while the reply makes progress, but not past `lastDeadline`. */
  deadline: number;
  readonly lastDeadline: number;
  readonly resolve: (reply: RpcReply) => void;
  readonly reject: (error: unknown) => void;
  /** Takes the abort listener away. */
  readonly release: (() => void) | undefined;
  readonly isComplete: IsComplete | undefined;
  /** The reply so far, when it comes in several self-contained frames. */
  envelope: JsonObject | undefined;
  parts: Uint8Array[];
}

/** What {@linkcode PendingCalls.add} needs to know of a call. */
export interface PendingCall {
  /** Method, for errors. */
  readonly method: string;
  /** Longest time without an answer, or without progress of one that has begun, in ms. */
  readonly timeout: number;
  /** Aborts the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Tells when a reply in several frames is whole; the first frame is by default. */
  readonly isComplete?: IsComplete | undefined;
}

/**
 * The calls in flight, by id. One timer serves them all: it stands at the earliest deadline and is
 * not moved when calls end in time, which nearly all do.
 */
export class PendingCalls {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #host: string;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #timer: Timer | undefined;
  #timerAt = Infinity;

  constructor(clock: Clock, limit: number, host: string) {
    this.#clock = clock;
    this.#limit = limit;
    this.#host = host;
  }

  /** Calls in flight. */
  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Registers a call. `send` gets its id and puts it on the wire; what it throws rejects the call.
   */
  add(call: PendingCall, send: (id: number) => void): Promise<RpcReply> {
    const { method, timeout, signal, isComplete } = call;
    if (signal?.aborted) return Promise.reject(interrupted(signal, method, this.#host));
    if (this.#waiting.size >= this.#limit) {
      return Promise.reject(
        new DhipError(
          "DHIP_TOO_MANY_CALLS",
          `More than ${this.#limit} calls in flight`,
          { method, host: this.#host, hint: "Wait for replies before calling on." },
        ),
      );
    }
    const id = this.#freeId();
    return new Promise((resolve, reject) => {
      let release: (() => void) | undefined;
      if (signal !== undefined) {
        const onAbort = () => this.#take(id)?.reject(interrupted(signal, method, this.#host));
        signal.addEventListener("abort", onAbort, { once: true });
        release = () => signal.removeEventListener("abort", onAbort);
      }
      const deadline = this.#clock.now() + timeout;
      try {
        send(id);
      } catch (error) {
        release?.();
        return reject(error);
      }
      this.#waiting.set(id, {
        method,
        timeout,
        deadline,
        lastDeadline: deadline + MOST_PROGRESS * timeout,
        resolve,
        reject,
        release,
        isComplete,
        envelope: undefined,
        parts: [],
      });
      if (deadline < this.#timerAt) this.#schedule(deadline);
    });
  }

  /** Notes that a part of the reply has come: large tables take longer than any time limit. */
  touch(id: number): void {
    const call = this.#waiting.get(id);
    if (call === undefined) return;
    call.deadline = Math.min(call.lastDeadline, this.#clock.now() + call.timeout);
  }

  /** Ends a call with its reply. False when nobody waits for it (any more). */
  resolve(id: number, reply: RpcReply): boolean {
    const call = this.#waiting.get(id);
    if (call === undefined) return false;
    if (call.isComplete !== undefined) {
      const envelope = call.envelope ??= reply.envelope;
      call.parts.push(reply.binary);
      const length = call.parts.reduce((sum, part) => sum + part.length, 0);
      try {
        const refused = refusalOf(envelope) !== undefined; // nothing follows a refusal
        if (!refused && !call.isComplete(envelope, length)) {
          this.touch(id);
          return true;
        }
      } catch (error) { // the caller's own code: its mistake ends its call and nothing else
        this.#take(id);
        call.reject(error);
        return true;
      }
      reply = { envelope, binary: concat(call.parts) };
    }
    this.#take(id);
    call.resolve(reply);
    return true;
  }

  /** Ends a call with an error. False when nobody waits for it. */
  reject(id: number, error: (method: string) => DhipError): boolean {
    const call = this.#take(id);
    call?.reject(error(call.method));
    return call !== undefined;
  }

  /** Ends all calls with errors, each with its own. */
  rejectAll(error: (method: string) => DhipError): void {
    for (const id of [...this.#waiting.keys()]) this.reject(id, error);
    this.#timer?.cancel();
    this.#timerAt = Infinity;
  }

  #take(id: number): Waiting | undefined {
    const call = this.#waiting.get(id);
    if (call === undefined) return undefined;
    this.#waiting.delete(id);
    call.release?.();
    return call;
  }

  /** Ids are u32 and wrap; 0 is left to pushes. */
  #freeId(): number {
    let id = this.#nextId;
    while (this.#waiting.has(id)) id = id === 0xffffffff ? 1 : id + 1;
    this.#nextId = id === 0xffffffff ? 1 : id + 1;
    return id;
  }

  #schedule(at: number): void {
    this.#timer?.cancel();
    this.#timerAt = at;
    this.#timer = this.#clock.timer(() => this.#expire(), Math.max(0, at - this.#clock.now()));
  }

  #expire(): void {
    const now = this.#clock.now();
    let next = Infinity;
    for (const [id, call] of this.#waiting) {
      if (call.deadline > now) next = Math.min(next, call.deadline);
      else {
        this.reject(
          id,
          (method) =>
            new DhipError("DHIP_TIMEOUT", `${method}: no answer within the time limit`, {
              method,
              host: this.#host,
              hint: "The device may be busy; raise the limit with --timeout.",
            }),
        );
      }
    }
    this.#timerAt = Infinity;
    if (next !== Infinity) this.#schedule(next);
  }
}
