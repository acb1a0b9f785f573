/**
 * Events: who listens, and what each listener is sent.
 *
 * @module
 */

import type { Session, SessionKey } from "./sessions.ts";

/** What an event does. */
export type EventAction = "Start" | "Stop" | "Pulse" | "State";

/** An event as it happens at the camera. */
export interface SimulatedEvent {
  /** Event code, for example `VideoMotion`. */
  readonly code: string;
  /** Default `Pulse`. */
  readonly action?: EventAction;
  /** Channel, 1-based. Default 1. */
  readonly channel?: number;
  /** Device, 0-based. Default 0. */
  readonly device?: number;
  /** Content; an object or a list. Default local time and UTC of the device. */
  readonly data?: object;
}

/** Where pushes go: the connection that attached. */
export interface PushTarget {
  /** Sends a push; false when the connection is gone. */
  push(requestId: number, session: SessionKey, json: object): boolean;
}

/** One attach. */
export interface Subscription {
  /** Number of the subscription. */
  readonly sid: number;
  /** Request id of the attach; every push repeats it. */
  readonly requestId: number;
  /** Session it lives in. */
  readonly session: Session;
  /** Connection it lives on. */
  readonly target: PushTarget;
  /** Codes wanted; `All` wants all. */
  readonly codes: ReadonlySet<string>;
  /** Callback number of the client, repeated in pushes. */
  readonly proc: number | undefined;
}

/** Most subscriptions of one session. */
const MOST = 64;

/** All subscriptions of a device and the events under way. */
export class EventHub {
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #underWay = new Map<string, Set<number>>();
  #nextSid = 513;

  /** Adds a subscription; undefined when the session has too many. */
  attach(wish: Omit<Subscription, "sid">): Subscription | undefined {
    let own = 0;
    for (const each of this.#subscriptions.values()) if (each.session === wish.session) own++;
    if (own >= MOST) return undefined;
    const subscription = { ...wish, sid: this.#nextSid++ };
    this.#subscriptions.set(subscription.sid, subscription);
    return subscription;
  }

  /** Ends the subscription with that SID, or that callback number; false when there is none. */
  detach(session: Session, sid: number | undefined, proc: number | undefined): boolean {
    for (const each of this.#subscriptions.values()) {
      if (each.session !== session) continue;
      if (sid !== undefined ? each.sid !== sid : each.proc !== proc) continue;
      return this.#subscriptions.delete(each.sid);
    }
    return false;
  }

  /** Ends the subscriptions of a session or of a connection. */
  forget(owner: Session | PushTarget): void {
    for (const each of [...this.#subscriptions.values()]) {
      if (each.session === owner || each.target === owner) this.#subscriptions.delete(each.sid);
    }
  }

  /** Notes start and stop of an event. `index` is the channel, 0-based. */
  note(code: string, action: EventAction, index: number): void {
    if (action === "Start") {
      let channels = this.#underWay.get(code);
      if (channels === undefined) this.#underWay.set(code, channels = new Set());
      channels.add(index);
    } else if (action === "Stop") {
      this.#underWay.get(code)?.delete(index);
    }
  }

  /** Channels, 0-based, on which an event is under way. */
  underWay(code: string): number[] {
    return [...this.#underWay.get(code) ?? []].sort((a, b) => a - b);
  }

  /** Ends all events under way. */
  calm(): void {
    this.#underWay.clear();
  }

  /** Subscriptions that want a code. */
  listeners(code: string): Subscription[] {
    return [...this.#subscriptions.values()].filter((each) =>
      each.codes.has("All") || each.codes.has(code)
    );
  }

  /** Number of subscriptions. */
  get size(): number {
    return this.#subscriptions.size;
  }
}
